"""The order of a board by hand: where a picture goes, and how others make room for it."""

from __future__ import annotations

import itertools

import pytest
from django.utils import timezone

from studio.models import Board, BoardPicture, Picture, User
from studio.models.boards import gaps as board_gaps
from studio.models.boards.gaps import GAP, LEAST_GAP, SPREAD
from tests.models.test_board import a_board, add, by_hand, some
from tests.people import make_picture


def move(board: Board, picture: Picture, before: Picture | None) -> bool:
    return BoardPicture.move(board, picture, before, by=board.person, now=timezone.now())


def test_a_picture_moves_before_another_one_and_to_the_ends(alice: User) -> None:
    board, pictures = a_board(alice), some(alice, 4)
    a, b, c, d = pictures
    add(board, pictures, alice)
    assert move(board, d, b)
    assert by_hand(board) == [one.pk for one in (a, d, b, c)]
    assert move(board, c, a)
    assert move(board, a, None)
    assert by_hand(board) == [one.pk for one in (c, d, b, a)]
    assert move(board, b, b)
    assert not move(board, make_picture(alice), b)
    assert not move(board, b, make_picture(alice))
    for to, order in (
        ("later", (c, b, d, a)),
        ("earlier", (c, d, b, a)),
        ("first", (d, c, b, a)),
        ("last", (c, b, a, d)),
    ):
        assert BoardPicture.step(board, d, to, by=alice, now=timezone.now())
        assert by_hand(board) == [one.pk for one in order], to
    assert BoardPicture.step(board, d, "later", by=alice, now=timezone.now())
    assert BoardPicture.step(board, c, "earlier", by=alice, now=timezone.now())
    assert by_hand(board) == [one.pk for one in (c, b, a, d)]
    board.refresh_from_db()
    assert board.mosaic == by_hand(board)


def test_moves_at_one_spot_never_run_out_of_room_and_touch_few_rows(alice: User) -> None:
    board = a_board(alice)
    pictures = some(alice, SPREAD + 20)
    add(board, pictures, alice)
    tail = dict(board.places.filter(picture__in=[one.pk for one in pictures[-5:]]).values_list("picture", "place"))
    wanted = [one.pk for one in pictures]
    for _ in range(60):  # each halves the gap behind the first
        move(board, pictures[2], pictures[1])
        move(board, pictures[1], pictures[2])
    move(board, pictures[2], pictures[3])
    assert by_hand(board) == wanted
    kept = dict(board.places.filter(picture__in=tail).values_list("picture", "place"))
    assert kept == tail
    places = list(board.places.by_hand().values_list("place", flat=True))
    assert len(set(places)) == len(places)
    assert GAP > LEAST_GAP


def test_where_many_lie_close_as_many_are_spread_as_it_takes(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_gaps, "SPREAD", 2)
    board = a_board(alice)
    pictures = some(alice, 11)
    add(board, pictures, alice)
    for place, row in enumerate(board.places.by_hand(), start=1):
        BoardPicture.objects.filter(pk=row.pk).update(place=place if place < 8 else place * GAP)
    order = by_hand(board)
    last, far = board.places.by_hand()[6], board.places.by_hand()[10]
    assert move(board, Picture.objects.get(pk=last.picture_id), Picture.objects.get(pk=order[1]))
    assert by_hand(board) == [order[0], order[6], *order[1:6], *order[7:]]
    places = list(board.places.by_hand().values_list("place", flat=True))
    assert min(after - before for before, after in itertools.pairwise(places)) >= LEAST_GAP
    assert places[-1] == far.place


def test_a_picture_that_is_not_on_the_board_takes_no_step(alice: User) -> None:
    board, [on, off] = a_board(alice), some(alice, 2)
    add(board, [on], alice)
    assert not BoardPicture.step(board, off, "earlier", by=alice, now=timezone.now())
    assert by_hand(board) == [on.pk]

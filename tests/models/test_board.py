from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Board, BoardPicture, Picture, SearchDocument, User
from studio.models import trash as bin
from studio.models.board_picture import GAP
from tests.people import make_job, make_person

NOW = timezone.now()
pytestmark = pytest.mark.django_db


def pictures(person: User, count: int) -> list[Picture]:
    return [make_job(person, state="done", prompt=f"Boat {n}").pictures.get() for n in range(count)]


def board_of(person: User, *on_it: Picture, **fields: str) -> Board:
    made = Board.make(person, now=NOW, name="Harbour", **fields)
    BoardPicture.add(made, [one.pk for one in on_it], by=person, now=NOW)
    made.refresh_from_db()
    return made


def order(board: Board) -> list[int]:
    return list(board.places.by_hand().values_list("picture", flat=True))


def test_who_sees_and_who_changes_a_board(alice: User, bob: User) -> None:
    admin = make_person("Ada Admin", role=User.Role.ADMIN)
    viewer = make_person("Vic Viewer", role=User.Role.VIEWER)
    team, private = board_of(alice), board_of(alice, visibility="private")
    listed = board_of(alice, visibility="listed")
    listed.settle(now=NOW, members=[(bob, "look"), (viewer, "change")])
    seen = {one.name: list(Board.objects.visible_to(one).order_by("pk")) for one in (alice, bob, admin, viewer)}
    assert seen["Alice Moreau"] == [team, private, listed]
    assert seen[bob.name] == seen["Vic Viewer"] == [team, listed]
    assert seen[admin.name] == [team]  # not even admins see what is only somebody's
    assert [team.may_change(one) for one in (alice, bob, admin, viewer)] == [True, True, True, False]
    assert [listed.may_change(one) for one in (alice, bob, admin, viewer)] == [True, False, False, False]
    assert [team.may_settle(one) for one in (alice, bob, admin)] == [True, False, True]
    listed.settle(now=NOW, members=[(bob, "change")])
    assert listed.may_change(bob)
    assert set(Board.objects.changeable_by(bob)) == {team, listed}
    bob.is_active = False
    assert not Board.objects.visible_to(bob).exists()


def test_pictures_are_added_once_counted_and_found_by_search(alice: User) -> None:
    first, second = pictures(alice, 2)
    board = board_of(alice, first)
    assert BoardPicture.add(board, [first.pk, second.pk, second.pk], by=alice, now=NOW) == 1
    board.refresh_from_db()
    assert (board.number, board.mosaic, order(board)) == (2, [first.pk, second.pk], [first.pk, second.pk])
    has = f"=b{board.pk}"
    assert all(has in one.tokens.split() for one in SearchDocument.objects.all())
    SearchDocument.write(first)
    assert SearchDocument.objects.get(picture=first).tokens.split().count(has) == 1
    upload = Picture.objects.create(origin="upload", person=alice, file="x", sha256="x", width=1, height=1, bytes=1)
    assert BoardPicture.add(board, [upload.pk, 10**9], by=alice, now=NOW) == 0


def test_what_was_taken_off_comes_back_to_its_place(alice: User) -> None:
    three = pictures(alice, 3)
    board = board_of(alice, *three)
    board.set_cover(three[1], now=NOW)
    removal = BoardPicture.remove(board, [three[1].pk], by=alice, now=NOW)
    assert removal is not None
    board.refresh_from_db()
    assert (board.number, board.cover, order(board)) == (2, None, [three[0].pk, three[2].pk])
    assert f"=b{board.pk}" not in SearchDocument.objects.get(picture=three[1]).tokens.split()
    assert BoardPicture.remove(board, [three[1].pk], by=alice, now=NOW) is None
    assert removal.undo(now=NOW) == 1
    board.refresh_from_db()
    assert (board.number, order(board)) == (3, [one.pk for one in three])


def test_pictures_move_by_steps_and_before_each_other_and_a_used_up_gap_is_made_wide_again(alice: User) -> None:
    four = pictures(alice, 4)
    board = board_of(alice, *four)
    a, b, c, d = (one.pk for one in four)
    assert BoardPicture.move(board, four[3], four[1], now=NOW)
    assert order(board) == [a, d, b, c]
    assert BoardPicture.step(board, four[3], "later", by=alice, now=NOW)
    assert order(board) == [a, b, d, c]
    assert BoardPicture.step(board, four[2], "earlier", by=alice, now=NOW)
    assert order(board) == [a, b, c, d]
    assert BoardPicture.step(board, four[2], "first", by=alice, now=NOW)
    assert BoardPicture.step(board, four[2], "earlier", by=alice, now=NOW)
    assert order(board) == [c, a, b, d]
    assert BoardPicture.step(board, four[2], "last", by=alice, now=NOW)
    assert order(board) == [a, b, d, c]
    # Always between the same two: after twenty times there is no room, and the others give way.
    for turn in range(60):
        moved = four[2] if turn % 2 else four[3]
        assert BoardPicture.move(board, moved, four[1], now=NOW)
        now = order(board)
        assert now.index(moved.pk) + 1 == now.index(b)
    places = list(board.places.by_hand().values_list("place", flat=True))
    assert len(set(places)) == 4
    assert max(places) - min(places) > GAP // 8
    stranger = pictures(alice, 1)[0]
    assert not BoardPicture.move(board, stranger, four[0], now=NOW)


def test_the_trash_takes_a_picture_off_the_count_and_brings_it_back(alice: User) -> None:
    two = pictures(alice, 2)
    board = board_of(alice, *two)
    later = NOW + timedelta(minutes=1)
    bin.move([two[0].pk], by=alice, now=later)
    board.refresh_from_db()
    assert board.number == 1
    assert [one.picture_id for one in board.places.seen_by(alice)] == [two[1].pk]
    bin.restore([two[0].pk], by=alice, now=later)
    board.refresh_from_db()
    assert board.number == 2


def test_a_board_is_archived_and_deleted_and_brought_back_with_its_pictures(alice: User) -> None:
    board = board_of(alice, *pictures(alice, 1))
    assert board.archive(now=NOW)
    assert not board.archive(now=NOW)
    assert not Board.objects.visible_to(alice).current().exists()
    assert board.unarchive()
    assert board.delete_for_now(now=NOW)
    assert not Board.objects.visible_to(alice).exists()
    assert Picture.objects.made().count() == 1
    assert board.restore()
    assert Board.objects.visible_to(alice).get().number == 1

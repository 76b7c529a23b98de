"""What boards keep of the pictures on them: true while many change them at once, and counted anew where it is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from studio.models import Board, BoardPicture, Decision, Picture, Tag, User
from studio.models.boards import counts as board_counts
from studio.models.pictures import trash
from tests.people import make_job, make_picture


def filled(person: User, number: int) -> tuple[Board, list[Picture]]:
    board = Board.make(person, now=timezone.now(), name="Harbour")
    job = make_job(person, state="done")
    pictures = [job.pictures.get(), *(make_picture(person, job=job, position=at) for at in range(1, number))]
    return board, pictures


def add(board: Board, picture: Picture, by: User) -> object:
    return BoardPicture.add(board, [picture.pk], by=by, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_pictures_that_are_added_decided_and_deleted_at_once_are_counted(alice: User, bob: User, ada: User) -> None:
    board, pictures = filled(alice, 4)
    acts: list[Callable[[], object]] = []
    for one in pictures:
        acts += [
            lambda one=one: add(board, one, bob),
            lambda one=one: Decision.make(one, "approved", by=ada),
            lambda one=one: Tag.put(one, "Quay", by=bob),
        ]
    acts.append(lambda: trash.move([pictures[0].pk], by=alice, now=timezone.now()))
    acts.append(lambda: BoardPicture.remove(board, [pictures[1].pk], by=bob, now=timezone.now()))
    begin, failures = threading.Barrier(len(acts)), []

    def do(act: Callable[[], object]) -> None:
        try:
            begin.wait()
            act()
        except BaseException as failure:  # noqa: BLE001 - handed to the test below
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(board_counts.wrong()) == []
    assert list(Tag.wrong()) == []
    assert Board.objects.get(pk=board.pk).number in {2, 3}  # the second came off, or had not come yet


@pytest.mark.django_db
def test_wrong_counts_of_a_board_are_told_and_counted_anew(alice: User, bob: User) -> None:
    board, pictures = filled(alice, 3)
    Picture.objects.filter(pk=pictures[2].pk).update(is_private=True)
    BoardPicture.add(board, [one.pk for one in pictures], by=alice, now=timezone.now())
    Decision.make(pictures[0], "approved", by=bob)
    board.refresh_from_db()
    kept = (board.number, board.private_numbers, board.tallies[""]["approved"], board.spent_for(alice))
    assert list(board_counts.wrong()) == []
    Board.objects.filter(pk=board.pk).update(number=7, private_numbers={}, tallies={"": {"rejected": 2}}, mosaic=[])
    board.places.update(decision="rejected")
    [(key, sentence)] = board_counts.wrong()
    assert "counts 7 pictures, 0 private and 2 rejected; it has 2, 1 and 1 approved" in sentence
    board_counts.recount(key)
    assert list(board_counts.wrong()) == []
    board.refresh_from_db()
    assert (board.number, board.private_numbers, board.tallies[""]["approved"], board.spent_for(alice)) == kept
    assert board.spent_for(alice) > Decimal(0)
    assert len(board.mosaic) == 3
    assert set(board.places.values_list("decision", flat=True)) == {"approved", ""}


@pytest.mark.django_db
def test_a_picture_that_is_decided_otherwise_than_its_board_knows_is_told(alice: User) -> None:
    board, [picture] = filled(alice, 1)
    add(board, picture, alice)
    board.places.update(decision="rejected")
    [(key, sentence)] = board_counts.wrong()
    assert sentence == f"Board {board.code} knows another decision of 1 of its pictures."
    board_counts.recount(key)
    assert list(board_counts.wrong()) == []

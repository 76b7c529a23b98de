"""Boards: who sees and changes them, what lies on them, and their counts."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studio.models import Board, BoardPicture, Decision, Picture, SearchDocument, User
from studio.models.boards.counts import MOSAIC
from studio.models.pictures import trash
from studio.text.search_text import fact
from tests.people import make_job, make_person, make_picture, tokens_of


def a_board(person: User, **fields: str) -> Board:
    return Board.make(person, now=timezone.now(), **{"name": "Harbour", **fields})


def some(person: User, number: int, **fields: bool) -> list[Picture]:
    job = make_job(person, state="done")
    first = job.pictures.get()
    Picture.objects.filter(pk=first.pk).update(**fields)
    return [first, *(make_picture(person, job=job, position=at, **fields) for at in range(1, number))]


def add(board: Board, pictures: list[Picture], by: User) -> int:
    return BoardPicture.add(board, [one.pk for one in pictures], by=by, now=timezone.now())


def by_hand(board: Board) -> list[int]:
    return list(board.places.by_hand().values_list("picture_id", flat=True))


# ---- Who


@pytest.mark.parametrize(
    ("visibility", "member", "seen", "changed"),
    [
        ("team", "", {"alice", "bob", "ada", "vera"}, {"alice", "bob", "ada"}),
        ("listed", "change", {"alice", "bob"}, {"alice", "bob"}),
        ("listed", "look", {"alice", "bob"}, {"alice"}),
        ("listed", "", {"alice"}, {"alice"}),
        # Who was listed once sees nothing of it while it is only its owner's; neither does an admin.
        ("private", "change", {"alice"}, {"alice"}),
    ],
)
def test_a_board_is_seen_and_changed_by_whom_it_is_for(
    alice: User, bob: User, ada: User, visibility: str, member: str, seen: set[str], changed: set[str]
) -> None:
    vera, gone = make_person("Vera Viewer", role=User.Role.VIEWER), make_person("Gone")
    gone.is_active = False
    board = a_board(alice, visibility=visibility)
    if member:
        board.members.create(person=bob, right=member)
    people = {"alice": alice, "bob": bob, "ada": ada, "vera": vera, "gone": gone}
    assert {name for name, one in people.items() if board in Board.objects.visible_to(one)} == seen
    assert {name for name, one in people.items() if board in Board.objects.changeable_by(one)} == changed
    assert {name for name, one in people.items() if board.may_change(one)} == changed
    settled = {"alice", "ada"} if visibility == "team" else {"alice"}
    assert {name for name, one in people.items() if board.may_settle(one)} == settled
    board.delete_for_now(now=timezone.now())
    assert not Board.objects.visible_to(alice).exists()
    assert not Board.objects.changeable_by(alice).exists()


def test_settings_replace_the_list_of_people(alice: User, bob: User, ada: User) -> None:
    board = a_board(alice)
    board.settle(now=timezone.now(), members=[(bob, "look"), (alice, "look")], visibility="listed")
    board.settle(now=timezone.now(), members=[(bob, "change"), (ada, "look")], visibility="listed")
    assert set(board.members.values_list("person", "right")) == {(bob.pk, "change"), (ada.pk, "look")}
    board.settle(now=timezone.now(), members=[], visibility="private")
    assert not board.members.exists()


def test_verbs_that_come_second_change_nothing(alice: User) -> None:
    board, now = a_board(alice), timezone.now()
    verbs = [lambda: board.archive(now=now), board.unarchive, lambda: board.delete_for_now(now=now), board.restore]
    for verb in verbs:
        assert (verb(), verb()) == (True, False)


# ---- What lies on it


def test_pictures_are_added_once_and_found_by_their_board(alice: User) -> None:
    board, other = a_board(alice), a_board(alice)
    pictures = some(alice, 3)
    assert add(board, pictures[:2], alice) == 2
    assert add(board, [*pictures, pictures[2]], alice) == 1
    assert add(other, pictures[:1], alice) == 1
    assert by_hand(board) == [one.pk for one in pictures]
    board.refresh_from_db()
    assert (board.number, board.mosaic) == (3, [one.pk for one in pictures])
    said = fact("b", board.pk)
    assert [said in tokens_of(one) for one in pictures] == [True, True, True]
    assert fact("b", other.pk) in tokens_of(pictures[0])
    # Written anew it says the same.
    SearchDocument.write(pictures[0])
    assert {said, fact("b", other.pk)} <= set(tokens_of(pictures[0]))


def test_a_private_picture_is_put_there_and_counted_by_its_owner_alone(alice: User, bob: User) -> None:
    board = a_board(alice)
    mine, shared = some(alice, 2, is_private=True), some(alice, 1)
    assert add(board, mine, bob) == 0
    assert add(board, [*mine, *shared], alice) == 3
    board.refresh_from_db()
    assert (board.number, board.number_for(alice), board.number_for(bob)) == (1, 3, 1)
    assert BoardPicture.remove(board, [mine[0].pk], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert (board.number_for(alice), board.number_for(bob)) == (2, 1)


def test_uploads_and_what_is_in_the_trash_are_left_out(alice: User) -> None:
    board, [gone, left] = a_board(alice), some(alice, 2)
    trash.move([gone.pk], by=alice, now=timezone.now())
    assert add(board, [gone, left, make_picture(alice)], alice) == 1


def test_the_trash_changes_the_count_and_a_restore_brings_it_back(alice: User) -> None:
    board, pictures = a_board(alice), some(alice, 2)
    add(board, pictures, alice)
    trash.move([pictures[0].pk], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert board.number == 1
    assert list(board.places.seen_by(alice).values_list("picture", flat=True)) == [pictures[1].pk]
    trash.restore([pictures[0].pk], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert (board.number, by_hand(board)) == (2, [one.pk for one in pictures])
    assert fact("b", board.pk) in tokens_of(pictures[0])


def test_what_was_removed_comes_back_to_its_place(alice: User) -> None:
    board, pictures = a_board(alice), some(alice, 4)
    add(board, pictures, alice)
    board.refresh_from_db()
    assert board.set_cover(pictures[1], now=timezone.now())
    removal = BoardPicture.remove(board, [one.pk for one in pictures[1:3]], by=alice, now=timezone.now())
    assert removal
    board.refresh_from_db()
    assert (board.number, board.cover, by_hand(board)) == (2, None, [pictures[0].pk, pictures[3].pk])
    assert fact("b", board.pk) not in tokens_of(pictures[1])
    # What came back by another way is not there twice.
    add(board, [pictures[2]], alice)
    assert removal.undo(now=timezone.now()) == 1
    board.refresh_from_db()
    assert (board.number, board.cover) == (4, pictures[1])
    assert by_hand(board) == [pictures[at].pk for at in (0, 1, 3, 2)]
    assert fact("b", board.pk) in tokens_of(pictures[1])
    assert BoardPicture.remove(board, [make_picture(alice).pk], by=alice, now=timezone.now()) is None
    assert not board.set_cover(make_picture(alice), now=timezone.now())
    Picture.objects.filter(pk=pictures[0].pk).update(is_private=True)
    assert not board.set_cover(Picture.objects.get(pk=pictures[0].pk), now=timezone.now()), "others don't see it"


def test_a_cover_that_was_chosen_meanwhile_stays(alice: User) -> None:
    board, pictures = a_board(alice), some(alice, 2)
    add(board, pictures, alice)
    board.set_cover(pictures[0], now=timezone.now())
    removal = BoardPicture.remove(board, [pictures[0].pk], by=alice, now=timezone.now())
    assert removal
    board.refresh_from_db()
    board.set_cover(pictures[1], now=timezone.now())
    removal.undo(now=timezone.now())
    board.refresh_from_db()
    assert board.cover == pictures[1]


def test_a_fact_leaves_others_that_begin_alike(alice: User) -> None:
    [picture] = some(alice, 1)
    before = tokens_of(picture)
    for word in ("=b1", "=b12", "=b123"):
        SearchDocument.add_fact([picture.pk], word)
    SearchDocument.drop_fact([picture.pk], "=b12")
    assert sorted(tokens_of(picture)) == sorted([*before, "=b1", "=b123"])


def test_a_board_counts_decisions_and_cost_and_follows_every_change(alice: User, bob: User) -> None:
    pictures = [make_job(alice, state="done").pictures.get() for _ in range(3)]
    private = make_job(alice, state="done", is_private=True).pictures.get()
    Decision.make(pictures[0], "approved", by=bob)
    board = a_board(bob)
    BoardPicture.add(board, [one.pk for one in pictures], by=bob, now=timezone.now())
    BoardPicture.add(board, [private.pk], by=alice, now=timezone.now())
    Decision.make(private, "approved", by=alice)
    Decision.make(pictures[1], "candidate", by=bob)
    Decision.make(pictures[1], "approved", by=bob)
    board.refresh_from_db()
    price = pictures[0].job.price  # type: ignore[union-attr]
    assert price
    assert [board.decided_for(bob, one) for one in ("approved", "candidate", "rejected")] == [2, 0, 0]
    assert board.decided_for(alice, "approved") == 3
    assert (board.spent_for(bob), board.spent_for(alice)) == (3 * price, 4 * price)
    assert board.places.decided("approved").count() == 3
    trash.move([pictures[0].pk], by=alice, now=timezone.now())
    removal = BoardPicture.remove(board, [pictures[1].pk], by=bob, now=timezone.now())
    board.refresh_from_db()
    assert (board.decided_for(bob, "approved"), board.spent_for(bob)) == (0, price)
    assert removal
    Decision.make(pictures[1], "rejected", by=bob)
    removal.undo(now=timezone.now())
    trash.restore([pictures[0].pk], by=alice, now=timezone.now())
    private.job.submission.set_privacy(False)  # type: ignore[union-attr]
    board.refresh_from_db()
    assert [board.decided_for(bob, one) for one in ("approved", "rejected")] == [2, 1]
    assert board.spent_for(bob) == 4 * price
    assert board.places.decided("rejected").get().picture == pictures[1]


def test_its_first_pictures_are_shown_to_people_who_do_not_see_the_private_ones(alice: User, bob: User) -> None:
    board = a_board(alice)
    private = [make_job(alice, state="done", is_private=True).pictures.get().pk for _ in range(MOSAIC + 1)]
    public = [make_job(alice, state="done").pictures.get().pk for _ in range(2)]
    BoardPicture.add(board, [*private, *public], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert board.mosaic == [*private[:MOSAIC], *public]
    trash.move(public[:1], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert board.mosaic == [*private[:MOSAIC], public[1]]


def test_a_decision_on_a_picture_in_the_trash_counts_once_the_picture_is_back(alice: User) -> None:
    board, [picture] = a_board(alice), some(alice, 1)
    add(board, [picture], alice)
    trash.move([picture.pk], by=alice, now=timezone.now())
    Decision.make(Picture.objects.get(pk=picture.pk), "approved", by=alice)
    board.refresh_from_db()
    assert board.decided_for(alice, "approved") == 0
    trash.restore([picture.pk], by=alice, now=timezone.now())
    board.refresh_from_db()
    assert board.decided_for(alice, "approved") == 1


def test_what_is_on_the_board_again_is_not_put_back_twice(alice: User) -> None:
    board, [picture] = a_board(alice), some(alice, 1)
    add(board, [picture], alice)
    removal = BoardPicture.remove(board, [picture.pk], by=alice, now=timezone.now())
    assert removal
    add(board, [picture], alice)
    assert removal.undo(now=timezone.now()) == 0
    board.refresh_from_db()
    assert (board.number, by_hand(board)) == (1, [picture.pk])

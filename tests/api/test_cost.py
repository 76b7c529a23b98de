"""A page of a list costs the same number of queries however many rows it has."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.models import Board, BoardMember, Comment, Submission, User
from tests import people
from tests.api.calling import caller

MANY = 4


@pytest.fixture
def paths(alice: User, bob: User) -> list[str]:
    """Rows of every list, each with all that an answer tells."""
    for number in range(MANY):
        board = Board.make(bob, name=f"Board {number}", now=timezone.now(), visibility="listed")
        BoardMember.objects.create(board=board, person=alice, right="change" if number % 2 else "look")
        picture = people.make_picture(bob)
        job = people.make_job(alice, state="done", prompt=f"Boat {number}", source=picture)
        Submission.objects.filter(pk=job.submission_id).update(board=board)
        made = job.pictures.get()
        Comment.objects.say(made, "Good", by=bob)
    first = made.code
    for number in range(MANY):
        Comment.objects.say(made, f"Better {number}", by=bob)
    caller(alice)
    return ["/submissions", "/pictures", "/boards", "/tokens", f"/pictures/{first}/comments"]


def test_a_list_costs_the_same_for_one_row_and_for_many(paths: list[str], alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(role="admin")
    for _ in range(MANY):
        caller(alice)
    mine = caller(alice)
    mine.get("/me")
    for path in paths[:-1]:
        costs = []
        for limit in (1, MANY):
            with CaptureQueriesContext(
                connection,
            ) as found:
                told = mine.get(f"{path}?limit={limit}").json()
            assert len(told["items"]) == limit, path
            costs.append(len(found))
        assert costs[0] == costs[1], path
    with CaptureQueriesContext(connection) as found:
        assert len(mine.get(paths[-1]).json()["items"]) == MANY + 1
    assert len(found) < 12


def test_who_may_change_a_board_is_said_of_each(paths: list[str], alice: User, bob: User) -> None:
    told = {one["name"]: one["may_change"] for one in caller(alice).get("/boards").json()["items"]}
    assert told == {f"Board {number}": bool(number % 2) for number in range(MANY)}
    assert {one["may_change"] for one in caller(bob).get("/boards").json()["items"]} == {True}
    asked = caller(alice).get("/submissions").json()["items"]
    assert {one["board"] is not None for one in asked} == {True}
    BoardMember.objects.all().delete()
    assert {one["board"] for one in caller(alice).get("/submissions").json()["items"]} == {None}
    User.objects.filter(pk=bob.pk).update(role="viewer")
    assert {one["may_change"] for one in caller(bob).get("/boards").json()["items"]} == {False}

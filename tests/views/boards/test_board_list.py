"""The arrows, the filmstrip and "4 of 9" of a picture that was opened from a board follow the board; the trash's its list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Decision, Picture, User
from studio.models.pictures import trash
from tests import people
from tests.views.picture_pages import arrows

NOW = timezone.now()


@pytest.fixture
def made(alice: User) -> list[Picture]:
    """Five pictures, the newest first."""
    return [
        people.make_job(alice, state="done", now=NOW - timedelta(minutes=number)).pictures.get() for number in range(5)
    ]


@pytest.fixture
def board(alice: User, made: list[Picture]) -> Board:
    """Four of them in an order by hand: 2, 0, 4, 1."""
    board = Board.make(alice, now=NOW, name="Harbour")
    for step, number in enumerate((2, 0, 4, 1)):
        BoardPicture.add(board, [made[number].pk], by=alice, now=NOW + timedelta(minutes=step))
    return board


def test_the_arrows_follow_the_order_of_the_board(as_bob: Client, board: Board, made: list[Picture]) -> None:
    page, of = f"http://testserver{board.get_absolute_url()}", f"?of=board.{board.code}.hand."
    url = [f"{one.get_absolute_url()}{of}" for one in made]
    assert arrows(as_bob, made[2], Referer=page) == ("", url[0], "1 of 4")
    assert arrows(as_bob, made[4], Referer=page) == (url[0], url[1], "3 of 4")
    assert arrows(as_bob, made[4], of) == (url[0], url[1], "3 of 4")
    assert arrows(as_bob, made[1], Referer=f"http://testserver{url[4]}") == (url[4], "", "4 of 4")
    html = as_bob.get(url[4]).content.decode()
    assert f'href="{board.get_absolute_url()}#picture-{made[4].code}"' in html
    assert 'aria-label="Picture before this"' in html
    strip = as_bob.get(f"{made[4].get_absolute_url()}filmstrip/{of}").content.decode()
    places = [strip.index(str(made[number].code)) for number in (2, 0, 4, 1)]
    assert places == sorted(places)
    assert str(made[3].code) not in strip
    # Newest added first, which an address may ask for and a board may keep.
    newest = f"?of=board.{board.code}.newest."
    beside = (f"{made[1].get_absolute_url()}{newest}", f"{made[0].get_absolute_url()}{newest}", "2 of 4")
    assert arrows(as_bob, made[4], Referer=f"{page}?order=newest") == beside
    Board.objects.update(order="newest")
    assert arrows(as_bob, made[4], Referer=page) == beside
    assert arrows(as_bob, made[4], Referer=f"{page}?order=hand&show=%00")[2] == "3 of 4"


def test_the_arrows_follow_one_decision_of_the_board(
    as_bob: Client, bob: User, board: Board, made: list[Picture]
) -> None:
    for number in (1, 2):
        Decision.make(made[number], "approved", by=bob)
    of = f"?of=board.{board.code}.hand.approved"
    page = f"http://testserver{board.get_absolute_url()}?show=approved"
    assert arrows(as_bob, made[2], Referer=page) == ("", f"{made[1].get_absolute_url()}{of}", "1 of 2")
    assert f'href="{board.get_absolute_url()}?show=approved#' in as_bob.get(f"{made[2].get_absolute_url()}{of}").text
    # What is not approved follows the gallery.
    assert arrows(as_bob, made[4], of)[2] == "5 of 5"


def test_a_board_that_one_may_not_see_is_no_list(as_bob: Client, board: Board, made: list[Picture]) -> None:
    whole = (made[3].get_absolute_url(), "", "5 of 5")
    nonsense = ("board.x", f"board.{board.code}.hand", f"board.{board.code}.sideways.", "board." + "-" * 36 + ".hand.")
    for of in nonsense:
        assert arrows(as_bob, made[4], f"?of={of}") == whole
    Board.objects.update(visibility="private")
    assert arrows(as_bob, made[4], f"?of=board.{board.code}.hand.") == whole
    assert arrows(as_bob, made[4], Referer=f"http://testserver{board.get_absolute_url()}") == whole
    gone = "http://testserver/boards/00000000-0000-4000-8000-000000000000/"
    assert arrows(as_bob, made[4], Referer=gone) == whole


def test_a_private_picture_is_passed_over(as_bob: Client, board: Board, made: list[Picture]) -> None:
    assert made[0].job
    made[0].job.submission.set_privacy(True)
    of = f"?of=board.{board.code}.hand."
    assert arrows(as_bob, made[4], of) == (
        f"{made[2].get_absolute_url()}{of}", f"{made[1].get_absolute_url()}{of}", "2 of 3",
    )  # fmt: skip


def test_deleting_goes_on_to_the_next_one_of_the_board(as_alice: Client, board: Board, made: list[Picture]) -> None:
    of = f"?of=board.{board.code}.hand."
    answer = as_alice.post(f"{made[0].get_absolute_url()}trash/{of}")
    assert answer.headers["Location"] == f"{made[4].get_absolute_url()}{of}"


def test_how_far_along_is_counted_so_far(
    as_bob: Client, board: Board, made: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.views.boards.board_list.MOST_COUNTED", 2)
    of = f"?of=board.{board.code}.hand."
    assert [arrows(as_bob, made[number], of)[2] for number in (2, 0, 4, 1)] == ["1 of 4", "2 of 4", "", ""]


def test_the_trash_is_turned_in_its_own_order(
    as_alice: Client, as_ada: Client, alice: User, ada: User, made: list[Picture], django_assert_max_num_queries: Any
) -> None:
    for minute, number in enumerate((3, 1, 0)):
        trash.move([made[number].pk], by=alice, now=NOW + timedelta(minutes=minute))
    others = people.make_job(ada, state="done").pictures.get()
    trash.move([others.pk], by=ada, now=NOW + timedelta(minutes=9))
    url = [one.get_absolute_url() for one in made]
    assert arrows(as_alice, made[1])[:2] == (url[0], url[3])
    assert arrows(as_alice, made[0])[:2] == ("", url[1])
    assert arrows(as_ada, made[0], Referer="http://[bad")[:2] == ("", "")
    team = (f"{others.get_absolute_url()}?whose=team", f"{url[1]}?whose=team")
    assert arrows(as_ada, made[0], Referer="http://testserver/trash/?whose=team")[:2] == team
    assert arrows(as_ada, made[0], "?whose=team")[:2] == team

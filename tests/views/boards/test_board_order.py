"""What an open page of a board learns of its order by hand when somebody moves pictures there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Decision, Picture, Revision, Star, User
from studio.models.boards.board_picture import MovedMeanwhile
from studio.models.pictures import trash
from studio.views.boards import order as board_order
from tests.people import HTMX, make_job

NOW = timezone.now()


@pytest.fixture
def pictures(alice: User) -> list[Picture]:
    return [make_job(alice, state="done", now=NOW - timedelta(minutes=number)).pictures.get() for number in range(5)]


@pytest.fixture
def board(alice: User, pictures: list[Picture]) -> Board:
    board = Board.make(alice, now=NOW, name="Harbour")
    BoardPicture.add(board, [one.pk for one in pictures], by=alice, now=NOW)
    return board


def told(
    client: Client, since: int, board: Board | None = None, **more: str
) -> tuple[list[tuple[str, str]], str] | None:
    """What moved and the code of what follows it, in the order; and the tiles. None where nothing is said of it."""
    asked = {"page": "board", "since": since, "code": str(board.code) if board else "x", **more}
    text = client.get("/pulse/", asked, headers=HTMX).content.decode()
    found = re.search(r'id="moved-pictures" data-moved="([^"]*)" data-tiles="([^"]*)"', text)
    if found is None:
        return None
    moves = [one.split(":") for one in found[1].split()]
    assert all(re.fullmatch(r"-?\d+_\d+", place) for _, place, _, _ in moves)
    return [(code, after) for code, _, after, _ in moves], html.unescape(found[2])


def gone(client: Client, since: int, board: Board, **more: str) -> list[str]:
    asked = {"page": "board", "since": since, "code": str(board.code), **more}
    text = client.get("/pulse/", asked, headers=HTMX).content.decode()
    found = re.search(r'id="moved-pictures"[^>]* data-gone="([^"]*)"', text)
    return found[1].split() if found else []


def move(client: Client, board: Board, picture: Picture, before: Picture | None) -> None:
    sent = {"picture": picture.code, "before": before.code if before else ""}
    assert client.post(f"/boards/{board.code}/order/", sent, headers=HTMX).status_code == 204


def test_a_colleagues_open_board_hears_what_was_moved_and_whereto(
    as_alice: Client, as_bob: Client, board: Board, pictures: list[Picture]
) -> None:
    a, b, _, d, e = (str(one.code) for one in pictures)
    assert f"since={Revision.current()}" in html.unescape(as_bob.get(board.get_absolute_url()).content.decode())
    since = Revision.current()
    move(as_alice, board, pictures[3], pictures[0])
    found = told(as_bob, since, board)
    assert found
    assert found[0] == [(d, a)]
    for client, who in ((as_bob, "Alice Moreau"), (as_alice, "You")):
        asked = {"page": "board", "since": since, "code": board.code}
        assert f'data-who="{who}"' in client.get("/pulse/", asked, headers=HTMX).content.decode()
    assert f'id="picture-{d}"' in found[1]
    # In their order, whatever was moved first; the last one has nothing behind it.
    move(as_alice, board, pictures[1], None)
    move(as_alice, board, pictures[4], pictures[3])
    found = told(as_bob, since, board)
    assert found
    assert found[0] == [(e, d), (d, a), (b, "")]
    assert told(as_bob, Revision.current() - 1, board, show="")[0] == [(e, d)]  # type: ignore[index]


def test_only_open_pages_of_this_board_in_this_order_hear_of_it(
    as_alice: Client, as_bob: Client, alice: User, board: Board, pictures: list[Picture]
) -> None:
    other = Board.make(alice, now=NOW, name="Dunes")
    secret = Board.make(alice, now=NOW, name="Secret", visibility="private")
    for one in (other, secret):
        BoardPicture.add(one, [picture.pk for picture in pictures], by=alice, now=NOW)
    since = Revision.current()
    move(as_alice, board, pictures[3], pictures[0])
    move(as_alice, secret, pictures[3], pictures[0])
    assert told(as_bob, since, board, order="newest")[0] == [(str(pictures[3].code), str(pictures[2].code))]  # type: ignore[index]
    for unheard in (other, secret, None):
        assert told(as_bob, since, unheard) is None
    assert told(as_alice, since, secret)
    board.settle(now=NOW, members=[], order="newest")
    assert told(as_bob, since, board) != told(as_bob, since, board, order="hand")


def test_nobody_hears_of_private_pictures_and_a_shown_decision_counts_alone(
    as_alice: Client, as_bob: Client, alice: User, board: Board, pictures: list[Picture]
) -> None:
    own = make_job(alice, state="done", is_private=True).pictures.get()
    BoardPicture.add(board, [own.pk], by=alice, now=NOW)
    move(as_alice, board, own, pictures[1])
    since = Revision.current()
    move(as_alice, board, own, pictures[2])
    assert told(as_bob, since, board) is None
    move(as_alice, board, pictures[4], own)
    assert told(as_bob, since, board)[0] == [(str(pictures[4].code), str(pictures[2].code))]  # type: ignore[index]
    assert told(as_alice, since, board)[0][0] == (str(pictures[4].code), str(own.code))  # type: ignore[index]
    for one in (pictures[3], pictures[4]):
        Decision.make(one, "approved", by=alice)
    found = told(as_bob, since, board, show="approved")
    assert found
    assert found[0] == [(str(pictures[4].code), str(pictures[3].code)), (str(pictures[3].code), "")]
    assert told(as_bob, since, board, show="rejected") == ([], "")
    # Nor that one goes.
    since = Revision.current()
    BoardPicture.remove(board, [own.pk], by=alice, now=NOW)
    assert told(as_bob, since, board) is None
    assert told(as_alice, since, board) == ([], "")


def test_a_page_that_missed_very_much_is_shown_anew(
    as_alice: Client,
    as_bob: Client,
    board: Board,
    pictures: list[Picture],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    since = Revision.current()
    move(as_alice, board, pictures[3], pictures[0])
    told(as_bob, since, board)
    with django_assert_max_num_queries(40) as one:
        told(as_bob, since, board)
    most = len(one)
    for number in (2, 4):
        move(as_alice, board, pictures[number], pictures[0])
    with django_assert_max_num_queries(most):
        told(as_bob, since, board)
    monkeypatch.setattr(board_order, "MOST_MOVED", 2)
    text = as_bob.get("/pulse/", {"page": "board", "since": since, "code": board.code}, headers=HTMX).content.decode()
    assert 'data-moved="much" data-tiles=""' in text


def test_an_open_board_hears_what_came_and_what_was_taken_off(
    as_alice: Client, as_bob: Client, alice: User, board: Board, pictures: list[Picture]
) -> None:
    since = Revision.current()
    fresh = make_job(alice, state="done").pictures.get()
    own = make_job(alice, state="done", is_private=True).pictures.get()
    BoardPicture.add(board, [fresh.pk, own.pk], by=alice, now=NOW + timedelta(hours=1))
    assert told(as_bob, since, board)[0] == [(str(fresh.code), "")]  # type: ignore[index]
    # The newest is at the front of the other order, and the page learns that it came.
    asked = {"page": "board", "since": since, "code": board.code, "order": "newest"}
    text = as_bob.get("/pulse/", asked, headers=HTMX).content.decode()
    assert re.search(rf"{fresh.code}:\d+_\d+:{pictures[4].code}:new", text)
    assert 'data-number="6"' in text
    since = Revision.current()
    removal = BoardPicture.remove(board, [pictures[1].pk, own.pk], by=alice, now=NOW)
    assert removal
    assert gone(as_bob, since, board) == [str(pictures[1].code)]
    assert told(as_bob, since, board) == ([], "")
    removal.undo(now=NOW)
    assert gone(as_bob, since, board) == []
    assert told(as_bob, since, board)[0] == [(str(pictures[1].code), str(pictures[2].code))]  # type: ignore[index]
    # From the trash it comes back to where it was.
    trash.move([pictures[0].pk], by=alice, now=NOW)
    since = Revision.current()
    trash.restore([pictures[0].pk], by=alice, now=NOW)
    assert told(as_bob, since, board)[0] == [(str(pictures[0].code), str(pictures[1].code))]  # type: ignore[index]


def test_a_page_that_missed_very_many_removals_is_shown_anew(
    as_bob: Client, alice: User, board: Board, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    since = Revision.current()
    for one in pictures[:3]:
        BoardPicture.remove(board, [one.pk], by=alice, now=NOW)
    assert len(gone(as_bob, since, board)) == 3
    monkeypatch.setattr(board_order, "MOST_GONE", 1)
    text = as_bob.get("/pulse/", {"page": "board", "since": since, "code": board.code}, headers=HTMX).content.decode()
    assert 'data-moved="much" data-tiles="" data-gone=""' in text


def test_a_board_that_was_closed_or_deleted_leaves_the_screen(as_bob: Client, alice: User, board: Board) -> None:
    since = Revision.current()
    Revision.bump()
    asked = {"page": "board", "since": since, "code": board.code}
    assert "HX-Refresh" not in as_bob.get("/pulse/", asked, headers=HTMX).headers
    board.settle(now=NOW, members=[], visibility="private")
    assert as_bob.get("/pulse/", asked, headers=HTMX).headers["HX-Refresh"] == "true"


def test_an_open_board_takes_another_name_and_purpose(as_bob: Client, alice: User, board: Board) -> None:
    asked = {"page": "board", "since": Revision.current(), "code": board.code}
    Revision.bump()
    assert '<p id="board-is-for" dir="auto" hidden></p>' in as_bob.get("/pulse/", asked, headers=HTMX).content.decode()
    board.settle(now=NOW, members=[], name="Pier <2>", purpose="For the printers")
    told = as_bob.get("/pulse/", asked, headers=HTMX).content.decode()
    assert '<h1 id="board-called" dir="auto">Pier &lt;2&gt;</h1>' in told
    assert '<p id="board-is-for" dir="auto">For the printers</p>' in told


def test_a_list_with_buttons_does_not_move_what_a_colleague_moved_meanwhile(
    as_alice: Client, as_bob: Client, alice: User, board: Board, pictures: list[Picture]
) -> None:
    since = Revision.current()
    page = as_bob.get(f"/boards/{board.code}/?arrange=on").content.decode()
    assert f'name="since" value="{since}"' in page
    assert 'id="board-changed" role="status" hidden' in page
    move(as_alice, board, pictures[3], pictures[0])

    def step(picture: Picture, since: object) -> str:
        sent = {"picture": picture.code, "to": "first", "since": since}
        return as_bob.post(f"/boards/{board.code}/order/", sent, follow=True).content.decode()

    def first() -> Picture:
        row = board.places.by_hand().first()
        assert row
        return row.picture

    assert "Alice Moreau moved that picture meanwhile, so it stays where it is now." in step(pictures[3], since)
    assert first() == pictures[3]
    assert "Alice Moreau changed this board meanwhile. This is its order now." in html.unescape(
        re.sub(r'<p class="board-changed".*?</p>', "", step(pictures[2], since), flags=re.DOTALL)
    )
    assert first() == pictures[2]
    now = Revision.current()
    BoardPicture.remove(board, [pictures[0].pk], by=alice, now=NOW)
    step(pictures[2], now)
    assert "Alice Moreau and you changed this board meanwhile. This is its order now." in step(pictures[1], now)
    assert "no longer on this board" in step(pictures[0], now)
    for strange in ("", "x", "²", "9" * 40, "\0"):
        assert "This is its order now." not in step(pictures[4], strange)


def test_a_page_of_one_decision_takes_what_a_colleague_decides(
    as_bob: Client, alice: User, board: Board, pictures: list[Picture]
) -> None:
    def asked(since: int) -> str:
        address = {"page": "board", "since": since, "code": board.code, "show": "approved"}
        return as_bob.get("/pulse/", address, headers=HTMX).content.decode()

    Decision.make(pictures[0], "approved", by=alice)
    since = Revision.current()
    Decision.make(pictures[3], "approved", by=alice)
    Decision.make(pictures[1], "approved", by=alice)
    Decision.make(pictures[2], "candidate", by=alice)
    found = told(as_bob, since, board, show="approved")
    assert found
    assert found[0] == [(str(pictures[1].code), str(pictures[3].code)), (str(pictures[3].code), "")]
    assert f'id="picture-{pictures[3].code}"' in found[1]
    assert re.search(rf"{pictures[3].code}:\d+_\d+::new", asked(since))
    assert 'data-number="3"' in asked(since)
    # The page of all pictures keeps its order, and hears of tiles as a gallery does.
    assert told(as_bob, since, board) is None
    since = Revision.current()
    Decision.make(pictures[0], "rejected", by=alice)
    Decision.make(pictures[1], "", by=alice)
    assert set(gone(as_bob, since, board, show="approved")) == {str(pictures[0].code), str(pictures[1].code)}
    # What nobody decided stays out of it, and an opinion that is no decision brings nothing.
    since = Revision.current()
    Star.put(pictures[3], alice)
    assert told(as_bob, since, board, show="approved") is None


def test_a_move_is_refused_where_another_came_before_it_had_the_lock(
    alice: User, bob: User, board: Board, pictures: list[Picture]
) -> None:
    since = Revision.current()
    assert BoardPicture.move(board, pictures[3], pictures[0], by=bob, now=NOW, since=since)
    for again in (
        lambda: BoardPicture.move(board, pictures[3], None, by=alice, now=NOW, since=since),
        lambda: BoardPicture.step(board, pictures[3], "last", by=alice, now=NOW, since=since),
    ):
        with pytest.raises(MovedMeanwhile) as sorry:
            again()
        assert sorry.value.by == bob
    assert board.places.by_hand()[0].picture == pictures[3]
    # Another picture of the board goes where it should, whatever was moved.
    assert BoardPicture.step(board, pictures[4], "first", by=alice, now=NOW, since=since)

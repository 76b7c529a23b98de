"""The board that a person's dock begins with: remembered until another one is picked, forgotten where it is closed."""

from __future__ import annotations

import re

from django.test import Client
from django.utils import timezone

from studio.models import Board, User
from tests.people import HTMX, make_person, signed_in
from tests.views.board_pages import a_board
from tests.views.create.test_submit import asked

FORGETS = 'form="forget-board"'


def begins_with(client: Client, board: Board) -> bool:
    """Whether the dock shows the board as its own, with the button that forgets it."""
    page = client.get("/").content.decode()
    is_chosen = f'value="{board.code}" selected' in page
    assert FORGETS in page or not is_chosen
    return is_chosen


def remember(client: Client, board: Board | None, **more: str) -> int:
    return client.post("/boards/in-dock/", {"remember": str(board.code) if board else "", **more}).status_code


def test_a_board_is_remembered_for_one_person_and_forgotten_again(
    as_alice: Client, as_bob: Client, alice: User
) -> None:
    board = a_board(alice)
    assert not begins_with(as_alice, board)
    answer = as_alice.post("/boards/in-dock/", {"remember": str(board.code)}, follow=True)
    assert "until you pick another board in the dock" in answer.content.decode()
    assert "Forget in the dock" in answer.content.decode()
    assert [begins_with(client, board) for client in (as_alice, as_alice, as_bob)] == [True, True, False]
    answer = as_alice.post("/boards/in-dock/", {"remember": ""})
    assert answer.headers["Location"] == "/"
    assert not begins_with(as_alice, board)


def test_it_stays_until_another_one_is_picked_in_the_dock(as_alice: Client, alice: User) -> None:
    board, other = a_board(alice), a_board(alice, "Dunes")
    remember(as_alice, board)
    as_alice.post("/submissions/", asked(board=str(board.code)), headers=HTMX)
    assert begins_with(as_alice, board)
    sent = asked(prompt="A train", board=str(other.code))
    said = as_alice.post("/submissions/", sent, headers=HTMX).content.decode()
    assert f'aria-label="Forget the board {other.name}"' in said
    assert (begins_with(as_alice, board), begins_with(as_alice, other)) == (False, True)
    as_alice.post("/submissions/", asked(prompt="A bird", board=""))
    assert not begins_with(as_alice, other)


def test_the_chip_goes_and_what_else_is_picked_stays(as_alice: Client, alice: User) -> None:
    board, other = a_board(alice), a_board(alice, "Dunes")
    for picked, is_kept in ((board, False), (other, True)):
        remember(as_alice, board)
        fields = {"remember": "", "board": str(picked.code)}
        said = as_alice.post("/boards/in-dock/", fields, headers=HTMX).content.decode()
        assert 'id="board-choice"' in said
        assert FORGETS not in said
        assert (f'value="{picked.code}" selected' in said) == is_kept


def test_a_board_that_is_closed_gone_or_archived_is_forgotten(as_alice: Client, alice: User, bob: User) -> None:
    board = a_board(bob, visibility="listed")
    now = timezone.now()

    def is_forgotten() -> bool:
        alice.refresh_from_db()
        return alice.dock_board is None and not begins_with(as_alice, board)

    def open_it() -> None:
        board.settle(now=now, members=[(alice, "change")])
        assert remember(as_alice, board) == 302
        assert begins_with(as_alice, board)

    open_it()
    board.settle(now=now, members=[(alice, "look")])
    assert is_forgotten()
    assert remember(as_alice, board) == 404
    open_it()
    board.archive(now=now)
    assert is_forgotten()
    assert remember(as_alice, board) == 404
    board.unarchive()
    open_it()
    board.delete_for_now(now=now)
    assert is_forgotten()
    assert remember(as_alice, board) == 404


def test_the_settings_have_its_switch(as_alice: Client, alice: User) -> None:
    board = a_board(alice)
    url = f"/boards/{board.code}/settings/"
    fields = {"name": "Harbour", "was_in_dock": ""}
    switch = re.compile(r'name="in_dock" value="on"( checked)?>')
    for sent, is_on in (({**fields, "in_dock": "on"}, True), ({**fields, "was_in_dock": "on"}, False)):
        assert as_alice.post(url, sent).status_code == 302
        assert begins_with(as_alice, board) == is_on
        found = switch.search(as_alice.get(url).content.decode())
        assert found
        assert bool(found[1]) == is_on
    # A sheet that was open before leaves what was picked since.
    other = a_board(alice, "Dunes")
    remember(as_alice, other)
    as_alice.post(url, {**fields, "was_in_dock": "on"})
    as_alice.post(url, {**fields, "name": "Quay"})
    assert begins_with(as_alice, other)
    # A refused form keeps the switch as it was set.
    answer = as_alice.post(url, {**fields, "name": "", "in_dock": "on"})
    assert answer.status_code == 422
    found = switch.search(answer.content.decode())
    assert found
    assert found[1]
    assert begins_with(as_alice, other)


def test_who_only_looks_is_not_asked(alice: User) -> None:
    board = a_board(alice)
    viewer = signed_in(make_person("Vera Viewer", role=User.Role.VIEWER))
    assert "in the dock" not in viewer.get(board.get_absolute_url()).content.decode()

"""What is done with chosen pictures leads back to the list they were chosen in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, User
from tests.views.searching import shown

PAGES = ["/gallery/?q=boat&select=on", "/boards/{board}/?decision=approved"]
ACTS = ["archives/", "boards/additions/", "proofs/new/", "edits/", "trash/chosen/", "opinions/?act=star"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("act", ACTS)
def test_a_refusal_leaves_the_list_as_it_is(as_alice: Client, alice: User, page: str, act: str) -> None:
    board = Board.make(alice, name="Harbour", now=timezone.now())
    page = page.format(board=board.code)
    path, _, query = act.partition("?act=")
    answer = as_alice.post(f"/{path}", {"act": query}, headers={"Referer": f"http://testserver{page}"})
    assert answer.headers["Location"] == page
    # From its own page, whose pictures are gone meanwhile, it leads to the gallery and not to itself for ever.
    assert as_alice.get(f"/{path}", headers={"Referer": f"http://testserver/{path}"}).status_code != 200
    own = as_alice.post(f"/{path}", {"act": query}, headers={"Referer": f"http://testserver/{path}"})
    assert own.headers["Location"].startswith("/gallery/")


def test_what_is_deleted_on_a_board_leaves_the_board_open(as_alice: Client, alice: User) -> None:
    now = timezone.now()
    board, boat = Board.make(alice, name="Harbour", now=now), shown(alice, "A boat")
    BoardPicture.add(board, [boat.pk], by=alice, now=now)
    page = f"/boards/{board.code}/"
    answer = as_alice.post(
        "/trash/chosen/", {"picture": str(boat.code)}, headers={"Referer": f"http://testserver{page}"}
    )
    assert answer.headers["Location"] == page

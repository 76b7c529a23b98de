"""Archiving a picture from its page and many from the gallery, Undo, and who says so."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Picture, User
from tests import people


def made(person: User) -> Picture:
    return people.make_job(person, state="done").pictures.get()


def undo(client: Client, response: HttpResponse) -> str:
    found = re.search(r'action="(/gallery/archive/undo/[^"]+)"', response.content.decode())
    assert found
    return client.post(unescape(found[1]), follow=True).content.decode()


def test_from_its_page_and_back(as_alice: Client, as_bob: Client, alice: User) -> None:
    picture = made(alice)
    address = f"/pictures/{picture.code}/archive/"
    answer = as_alice.post(address, {"state": "on"}, follow=True)
    assert "Bring back to the gallery" in answer.content.decode()
    assert str(picture.code) not in as_bob.get("/gallery/").content.decode()
    read = as_bob.get(picture.get_absolute_url()).content.decode()
    assert "Archived" in read
    assert "by <bdi>Alice Moreau</bdi>" in read
    assert "archive-note" not in read
    assert "1 picture back in the gallery." in undo(as_alice, answer)
    as_alice.post(address, {"state": "on"})
    assert "Back in the gallery." in as_alice.post(address, {"state": "off"}, follow=True).content.decode()
    assert str(picture.code) in as_bob.get("/gallery/").content.decode()


def test_what_is_chosen_and_boards_and_searches_keep_it(as_alice: Client, alice: User, bob: User) -> None:
    mine, other = [made(alice) for _ in range(2)], made(bob)
    board = Board.make(alice, name="Harbour", now=timezone.now())
    BoardPicture.add(board, [mine[0].pk], by=alice, now=timezone.now())
    sent = {"picture": [str(one.code) for one in (*mine, other)], "state": "on"}
    answer = as_alice.post("/gallery/archive/", sent, follow=True)
    assert "2 pictures archived. 1 as before: archived already, or of others." in answer.content.decode()
    for page in (f"/boards/{board.code}/", "/gallery/?archived=on", "/gallery/?q=harbour"):
        read = as_alice.get(page).content.decode()
        assert str(mine[0].code) in read
        assert 'aria-label="Archived"' in read
    assert "Unarchive" in as_alice.get("/gallery/?archived=on").content.decode()
    everything = {"all": "on", "address": "archived=on", "state": "off"}
    assert (
        "2 pictures back in the gallery."
        in as_alice.post("/gallery/archive/", everything, follow=True).content.decode()
    )
    assert Picture.objects.in_gallery().count() == 3


@pytest.mark.parametrize(
    "sent", [{}, {"picture": ["\x00", "x"]}, {"picture": "x", "state": "off"}, {"all": "on", "address": "q=%00"}]
)
def test_nonsense_archives_nothing(as_alice: Client, bob: User, sent: dict[str, str]) -> None:
    made(bob)
    assert as_alice.post("/gallery/archive/", sent).status_code == 302
    for at in ("", "%00", "2026-01-01", "9" * 400):
        assert (
            as_alice.post(f"/gallery/archive/undo/?at={at}&next=https://else.example/").headers["Location"]
            == "/gallery/"
        )
    assert Picture.objects.in_gallery().count() == 1

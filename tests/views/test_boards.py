"""Boards in the browser's words: the list, one board, its settings, and pictures put on it."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Notification, Picture, User
from tests.people import HTMX, make_job, make_person, make_picture, signed_in

NOW = timezone.now()
HOSTILE = (
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "' OR 1=1 --",
    "\u202egnp.exe",
    "a\0b",
    "🎨" * 20,
    "%s %(x)s",
    '"><img src=x>',
)
pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def made(person: User, prompt: str = "Boat") -> Picture:
    return make_job(person, state="done", prompt=prompt).pictures.get()


def board_of(person: User, *on_it: Picture, name: str = "Harbour", **fields: str) -> Board:
    board = Board.make(person, now=NOW, name=name, **fields)
    BoardPicture.add(board, [one.pk for one in on_it], by=person, now=NOW)
    return board


def test_the_first_board_is_offered_and_made(as_alice: Client, alice: User) -> None:
    assert "No boards yet" in text(as_alice.get("/boards/"))
    answer = as_alice.post("/boards/new/", {"name": "  Harbour \n dusk ", "visibility": "team"}, follow=True)
    board = Board.objects.get()
    assert (board.name, board.person) == ("Harbour dusk", alice)
    assert answer.redirect_chain[0][0] == f"/boards/{board.code}/"
    assert "No pictures here yet" in text(answer)
    assert "All 1 Mine 1 Shared 0 Archived 0" in text(as_alice.get("/boards/"))


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(as_alice: Client) -> None:
    answer = as_alice.post("/boards/new/", {"name": "x" * 81, "client": "Brygga", "visibility": "all"})
    assert answer.status_code == 422
    assert "Shorten the name to 80 characters. Choose who can see the board." in text(answer)
    assert 'value="Brygga"' in answer.content.decode()
    assert "Give the board a name." in text(as_alice.post("/boards/new/", {"name": " \0 ", "visibility": "team"}))


def test_a_board_that_is_somebody_elses_is_in_no_list_no_filter_and_no_page(as_bob: Client, alice: User) -> None:
    picture = made(alice)
    board = board_of(alice, picture, name="Secret", visibility="private")
    for address in (
        "/boards/",
        "/gallery/",
        f"/pictures/{picture.code}/",
        f"/boards/additions/?picture={picture.code}",
    ):
        assert "Secret" not in as_bob.get(address).content.decode()
    assert as_bob.get(f"/boards/{board.code}/").status_code == 404
    assert "Nothing" not in text(as_bob.get(f"/gallery/?board={board.code}"))
    # A filter that means nothing to somebody narrows nothing down, and tells nothing.
    assert as_bob.get(f"/gallery/?board={board.code}").context["finder"].is_on is False
    assert as_bob.post("/boards/additions/", {"picture": picture.code, "board": board.code}).status_code == 404
    admin = signed_in(make_person("Root", role=User.Role.ADMIN))
    assert admin.get(f"/boards/{board.code}/").status_code == 404


def test_pictures_are_put_on_a_board_and_the_gallery_filters_by_it(as_alice: Client, alice: User, bob: User) -> None:
    boat, dune = made(alice, "A boat"), made(bob, "A dune")
    made(alice, "A lamp")
    chooser = as_alice.get(f"/boards/additions/?picture={boat.code}&picture={dune.code}")
    assert "Add 2 pictures to a board" in text(chooser)
    sent = {"picture": [boat.code, dune.code], "make": "on"}
    assert "Give the new board a name" in text(as_alice.post("/boards/additions/", sent))
    answer = as_alice.post("/boards/additions/", {**sent, "name": "Harbour"}, follow=True)
    assert "2 pictures added to “Harbour”." in text(answer)
    board = Board.objects.get()
    again = as_alice.post("/boards/additions/", {"picture": boat.code, "board": board.code}, follow=True)
    assert "All of them were on “Harbour” already." in text(again)
    found = as_alice.get(f"/gallery/?board={board.code}").content.decode()
    assert str(boat.code) in found
    assert "A lamp" not in found
    assert "Harbour" in text(as_alice.get(f"/pictures/{boat.code}/"))
    assert "Choose at least one picture first." in text(
        as_alice.post("/boards/additions/", {"picture": "x"}, follow=True)
    )


def test_a_board_is_arranged_without_script_and_taken_off_with_undo(as_bob: Client, alice: User, bob: User) -> None:
    three = [made(alice, f"Boat {n}") for n in range(3)]
    board = board_of(alice, *three)
    address = f"/boards/{board.code}/"
    assert "Move earlier: Boat 1" in html.unescape(as_bob.get(f"{address}?arrange=on").content.decode())
    as_bob.post(f"{address}order/", {"picture": three[2].code, "to": "first"})
    shown = as_bob.get(address).content.decode()
    assert shown.index(str(three[2].code)) < shown.index(str(three[0].code))
    moved = as_bob.post(f"{address}order/", {"picture": three[2].code, "before": ""}, headers=HTMX)
    assert moved.status_code == 204
    assert as_bob.post(f"{address}order/", {"picture": uuid.uuid4(), "to": "last"}, headers=HTMX).status_code == 409
    off = as_bob.post(f"{address}removals/", {"picture": three[0].code}, follow=True)
    assert "1 picture removed. The gallery still has them." in text(off)
    told = Notification.objects.get(person=alice, kind="change")
    assert (told.actor, told.text) == (bob, "took 1 picture off your board “Harbour”.")
    undo = re.search(r'action="(/boards/removals/[^"]+)"', off.content.decode())
    assert undo
    assert "1 picture put back." in text(as_bob.post(undo[1], follow=True))
    assert board.places.by_hand().first().picture == three[0]  # type: ignore[union-attr]


def test_settings_archive_and_deletion_are_the_owners_and_come_back(
    as_alice: Client, as_bob: Client, alice: User, bob: User
) -> None:
    board = board_of(alice, made(alice))
    address = f"/boards/{board.code}/"
    assert as_bob.get(f"{address}settings/").status_code == 403
    saved = as_alice.post(
        f"{address}settings/", {"name": "Dunes", "visibility": "listed", f"right-{bob.pk}": "look"}, follow=True
    )
    assert "2 people" in text(saved)
    assert as_bob.get(address).status_code == 200
    assert as_bob.post(f"{address}order/", {"picture": "x"}).status_code == 403
    as_alice.post(f"{address}archive/", {"state": "on"}, follow=True)
    assert "Dunes" not in text(as_alice.get("/boards/"))
    assert "Dunes" in text(as_alice.get("/boards/?show=archived"))
    gone = as_alice.post(f"{address}deletion/", {"state": "on"}, follow=True)
    assert "“ Dunes ” is deleted. Its pictures stay in the gallery." in text(gone)
    assert as_bob.get(address).status_code == 404
    as_alice.post(f"{address}deletion/", {"state": "off"})
    assert as_alice.get(address).status_code == 200


def test_hostile_names_are_text_everywhere(as_alice: Client, alice: User) -> None:
    picture = made(alice)
    for name in HOSTILE:
        as_alice.post("/boards/additions/", {"picture": picture.code, "name": name, "make": "on"})
    assert Board.objects.count() == len(HOSTILE)
    for address in (
        "/boards/",
        "/gallery/",
        f"/pictures/{picture.code}/",
        "/boards/?q=%00%27",
        f"/boards/{Board.objects.first().code}/",
    ):  # type: ignore[union-attr]
        page = as_alice.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x>" not in page.content.decode()
    for odd in ("after=x", "after=1_99999999999999999999", "after=\0", f"after={'9' * 40}_1"):
        assert as_alice.get(f"/boards/{Board.objects.first().code}/?{odd}").status_code == 404  # type: ignore[union-attr]


def test_a_page_of_a_board_takes_as_many_queries_whatever_lies_on_it(
    as_alice: Client, alice: User, django_assert_num_queries: Any
) -> None:
    board = board_of(alice, *(made(alice) for _ in range(2)))
    as_alice.get(f"/boards/{board.code}/")
    with django_assert_num_queries(12):
        as_alice.get(f"/boards/{board.code}/")
    BoardPicture.add(board, [made(alice).pk for _ in range(5)], by=alice, now=NOW)
    with django_assert_num_queries(12):
        as_alice.get(f"/boards/{board.code}/")


def test_an_upload_lies_on_no_board(as_alice: Client, alice: User) -> None:
    upload = make_picture(alice)
    answer = as_alice.post("/boards/additions/", {"picture": upload.code, "name": "x", "make": "on"}, follow=True)
    assert "Choose at least one picture first." in text(answer)

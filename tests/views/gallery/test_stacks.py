"""A stack in the gallery, on its own page, in a search and on a board: put together, opened, taken apart, with Undo."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Picture, User
from studio.models.stacks import stacks
from tests import people

NOW = timezone.now()


@pytest.fixture
def made(alice: User) -> list[Picture]:
    """Four pictures, the newest first."""
    return [
        people.make_job(
            alice, state="done", prompt=f"Harbour {number}", now=NOW - timedelta(minutes=number)
        ).pictures.get()
        for number in range(4)
    ]


def send(client: Client, *pictures: Picture, **more: str) -> HttpResponse:
    return client.post("/gallery/stack/", {"picture": [str(one.code) for one in pictures], **more}, follow=True)


def undo(client: Client, response: HttpResponse) -> str:
    found = re.search(r'action="(/gallery/stack/[^"]+/undo/)"', response.content.decode())
    assert found
    return client.post(unescape(found[1]), follow=True).content.decode()


def tiles(client: Client, address: str = "/gallery/") -> list[str]:
    return re.findall(r'<article class="tile[^>]*id="picture-([^"]+)"', client.get(address).content.decode())


def test_the_chosen_are_stacked_opened_and_unstacked(
    as_alice: Client, as_bob: Client, alice: User, made: list[Picture]
) -> None:
    codes = [str(one.code) for one in made]
    answer = send(as_bob, made[1], made[0], made[3])
    assert "3 pictures stacked. The gallery shows one of them." in answer.content.decode()
    assert tiles(as_alice) == [codes[1], codes[2]]
    html = as_alice.get("/gallery/").content.decode()
    assert f'data-stack="{codes[0]} {codes[3]}"' in html
    assert f'href="/pictures/{codes[1]}/stack/"' in html
    assert "3 pictures</span>" in html
    assert 'data-total="4"' in html
    # Without a script each is chosen by itself.
    assert as_alice.get("/gallery/?select=on").content.decode().count('name="picture"') == 4
    page = as_alice.get(f"/pictures/{codes[3]}/stack/").content.decode()
    assert "<h1>Stack of 3</h1>" in page
    assert "Stacked by <bdi>Bob Stranger</bdi>" in page
    assert page.index(f"picture-{codes[1]}") < page.index(f"picture-{codes[0]}") < page.index(f"picture-{codes[3]}")
    # From there the arrows follow the stack, and so they do of a picture behind its cover.
    for query in ("?of=stack", ""):
        read = as_alice.get(f"/pictures/{codes[0]}/{query}").content.decode()
        assert "2 of 3" in read
        assert f'href="/pictures/{codes[3]}/?of=stack"' in read
    came = as_alice.get(f"/pictures/{codes[1]}/", headers={"Referer": f"http://testserver/pictures/{codes[0]}/stack/"})
    assert "1 of 3" in came.content.decode()
    assert f'href="/pictures/{codes[0]}/?of=stack' in as_alice.get(f"/pictures/{codes[0]}/filmstrip/?of=stack").text
    assert "In a stack of 3 pictures" in read
    assert "Undone." in undo(as_bob, answer)
    assert tiles(as_alice) == codes


def test_its_cover_is_chosen_one_taken_out_and_all_unstacked(
    as_alice: Client, as_bob: Client, made: list[Picture]
) -> None:
    codes = [str(one.code) for one in made]
    send(as_alice, *made[:3])

    def act(number: int, name: str) -> HttpResponse:
        return as_bob.post(f"/pictures/{codes[number]}/stack/", {"act": name}, follow=True)

    assert "cover now." in act(2, "cover").content.decode()
    assert tiles(as_alice) == [codes[2], codes[3]]
    assert "nothing changed" in act(2, "cover").content.decode()
    answer = act(2, "out")
    assert "Taken out of the stack." in answer.content.decode()
    assert "Stack of 2" in answer.content.decode()
    assert tiles(as_alice) == [codes[0], codes[2], codes[3]]
    assert "Undone." in undo(as_bob, answer)
    assert tiles(as_alice) == [codes[2], codes[3]]
    answer = act(0, "end")
    assert tiles(as_alice) == codes
    assert "Undone." in undo(as_bob, answer)
    act(0, "end")
    # No stack has no page, and an unknown act says what to do.
    assert as_alice.get(f"/pictures/{codes[0]}/stack/").headers["Location"] == f"/pictures/{codes[0]}/"
    assert act(0, "burn").status_code == 400
    assert "be taken back any more" in as_bob.post(f"/gallery/stack/{codes[0]}/undo/", follow=True).content.decode()


def test_searches_and_boards_show_each_and_say_that_it_lies_in_a_stack(
    as_alice: Client, alice: User, made: list[Picture]
) -> None:
    codes = [str(one.code) for one in made]
    send(as_alice, *made[:3])
    assert tiles(as_alice, "/gallery/?q=harbour") == codes
    html = as_alice.get("/gallery/?q=harbour").content.decode()
    assert html.count("Stack of ") == 3
    assert "data-stack" not in html
    board = Board.make(alice, name="Harbour", now=NOW)
    BoardPicture.add(board, [made[1].pk], by=alice, now=NOW)
    assert "Stack of " in as_alice.get(f"/boards/{board.code}/").content.decode()
    # All of a list means every picture, also those behind a cover.
    answer = as_alice.post("/trash/chosen/", {"all": "on", "address": ""}, follow=True)
    assert "4 pictures moved to the trash." in answer.content.decode()
    assert tiles(as_alice) == []


def test_what_can_not_be_stacked_is_said(
    as_alice: Client, as_bob: Client, alice: User, made: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = people.make_job(alice, state="done", is_private=True).pictures.get()
    assert "at least two pictures" in send(as_alice, made[0]).content.decode()
    assert "Private pictures can" in send(as_alice, made[0], own).content.decode()
    assert "at least two pictures" in send(as_bob, made[0], own).content.decode()
    nonsense = {"picture": ["\x00", "x" * 5000, str(made[0].code), str(made[0].code).upper()]}
    assert "at least two pictures" in as_alice.post("/gallery/stack/", nonsense, follow=True).content.decode()
    send(as_alice, *made[:2])
    assert "one stack already" in send(as_alice, *made[:2]).content.decode()
    monkeypatch.setattr(stacks, "MOST", 2)
    assert "A stack has up to" in send(as_alice, *made[:3]).content.decode()
    viewer = people.signed_in(people.make_person("Vera", role=User.Role.VIEWER))
    assert viewer.post(f"/pictures/{made[0].code}/stack/", {"act": "end"}).status_code == 403
    assert "Unstack" not in viewer.get(f"/pictures/{made[0].code}/stack/").content.decode()

"""Hostile texts in every field that people write in: they are words on every page that shows them, and nothing else.

Each page is read by a parser that knows nothing of Django: its elements and their attributes are those that a harmless text
leaves there, and the text stands in it as it was stored. A text is stored or refused in a sentence.
`FIELDS` is the list to extend: how a text is sent, where it is kept, and the pages that show it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from studio.logs import Line
from studio.models import Board, BoardPicture, Comment, Look, ProofClient, ProofLink, SavedView, Tag, User
from tests import hostile, people

MANY = 12
# Each field gets each fifth text of a kind, another one than the next field; with HOSTILE_TEXTS=all it gets them all (make prove).
EVERY = 1 if os.environ.get("HOSTILE_TEXTS") == "all" else 5
# What harmless texts leave on the pages, by the address without its codes: of short ones, of none and of one that is too long.
HARMLESS = ["Harbour", "A", "Dusk at the quay, 3 boats", "", "x" * 50_000, "Rain (2)", "Mira's 5th"]
# A program in an address that a click or the page itself follows.
PROGRAM = re.compile(r"[\x00-\x20]*(javascript|vbscript|data|file)\s*:", re.IGNORECASE)
FOLLOWED = {"href", "src", "srcset", "action", "formaction", "data", "poster", "xlink:href", "hx-get", "hx-post"}
SENTENCE = re.compile(r"[“A-Z].{8,}[.?]", re.DOTALL)
CODE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/proof/)[\w-]+|(?<==).*")
# So many of the newest how many pages show, the browser that asks, and the address.
Pages = Iterator[tuple[int, Client, str]]
# The elements that the pages have with harmless texts. One that a text would make of these, <b> say, is missing in the text.
KNOWN: set[tuple[str, ...]] = set()


class Shape(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[tuple[str, ...]] = set()
        self.words: list[str] = []
        self.harm: list[str] = []
        self.feed(page)
        self.close()

    @cached_property
    def text(self) -> str:
        return squeezed("".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, *sorted(name for name, _ in attrs)))
        for name, value in attrs:
            if name in FOLLOWED and PROGRAM.match(value or ""):
                self.harm.append(f"{name}={value}")
            if name in {"value", "aria-label", "title", "alt"}:
                self.words.append(f" {value} ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.harm.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        self.harm.append(f"<?{data}")

    def unknown_decl(self, data: str) -> None:
        self.harm.append(f"<![{data}")


def squeezed(text: str) -> str:
    return " ".join(text.split())


class World:
    """Alice's picture, on a board and in a link to come, and the three who write about it."""

    def __init__(self, alice: User, bob: User, *, is_learning: bool) -> None:
        self.alice, self.bob, self.is_learning = alice, bob, is_learning
        _, self.picture, _ = (people.make_job(alice, state="done", prompt="Boats").pictures.get() for _ in range(3))
        self.at = f"/pictures/{self.picture.code}/"
        self.as_alice, self.as_bob, self.as_client = people.signed_in(alice), people.signed_in(bob), Client()
        self.proof = ""
        self.open_link(self.make_link())

    def make_link(self, **fields: str) -> Any:
        form = {
            "act": "make",
            "title": "Round",
            "ends": "14",
            "downloads": "off",
            "may_comment": "on",
            "may_decide": "on",
        }
        return self.as_alice.post("/proofs/new/", {**form, "picture": str(self.picture.code), **fields})

    def open_link(self, made: Any) -> None:
        """Let the client follow the link that was just made, if it was."""
        if found := re.search(r'value="http://testserver(/proof/[\w-]+/)"', made.content.decode()):
            self.proof = found[1]

    def check(self, answer: Any, page: str) -> Shape:
        """Judge an answer: a page without anything that the text brought; where it refuses, in a sentence."""
        assert answer.status_code in {200, 302, 400, 422}, page
        shape = Shape(answer.content.decode())
        if self.is_learning:
            KNOWN.update(shape.elements)
        assert (page, shape.harm, shape.elements - KNOWN) == (page, [], set())
        if answer.status_code in {400, 422}:
            assert SENTENCE.search(shape.text), page
        return shape

    def show(self, name: str, field: Field) -> None:
        """Ask for each page that shows what was kept of the field, and find it there as it was kept."""
        kept = [squeezed(text)[:60] for text in field.kept()]
        for number, client, address in field.pages(self) if kept or name == "search" else ():
            shape = self.check(client.get(address), CODE.sub("…", address))
            missing = [text for text in kept[:number] if text not in shape.text]
            assert (name, address, missing) == (name, address, [])

    # ---- The fields

    def send_board(self, text: str) -> Any:
        answer = self.as_bob.post("/boards/new/", dict.fromkeys(("name", "purpose", "client", "job_number"), text))
        if answer.status_code == 302:
            BoardPicture.add(Board.objects.latest("pk"), [self.picture.pk], by=self.bob, now=timezone.now())
        return answer

    def board_pages(self) -> Pages:
        board = Board.objects.latest("pk")
        yield 1, self.as_bob, board.get_absolute_url()
        yield 1, self.as_bob, f"{board.get_absolute_url()}settings/"
        yield 1, self.as_alice, f"/proofs/new/?board={board.code}"
        yield 1, self.as_alice, f"/gallery/?board={board.code}"
        yield 1, self.as_alice, f"/?board={board.code}"
        yield MANY, self.as_alice, "/boards/"
        yield MANY, self.as_bob, f"/boards/additions/?picture={self.picture.code}"

    def send_settings(self, text: str) -> Any:
        """Another's board changed by an admin, of which its owner is told in words that name it."""
        board = Board.objects.filter(person=self.alice).first() or Board.make(self.alice, name="x", now=timezone.now())
        self.bob.role = User.Role.ADMIN
        self.bob.save()
        return self.as_bob.post(f"{board.get_absolute_url()}settings/", {"name": text, "visibility": "team"})

    def send_tag(self, text: str) -> Any:
        if Tag.objects.filter(number__gt=0).count() > MANY:
            Tag.take(self.picture, Tag.objects.filter(number__gt=0).earliest("pk").name)
        return self.as_bob.post(f"{self.at}tags/", {"tag": text}, headers=people.HTMX)

    def tag_pages(self) -> Pages:
        tag = Tag.objects.latest("pk")
        yield MANY, self.as_alice, self.at
        yield 1, self.as_alice, f"/gallery/?{urlencode({'tag': tag.name})}"
        yield 1, self.as_alice, f"/tags/offer/?{urlencode({'tag': tag.name})}"

    def send_comment(self, text: str) -> Any:
        return self.as_bob.post(f"{self.at}comments/", {"text": f"@Alice Moreau {text}", "x": "5", "y": "5"})

    def comment_pages(self) -> Pages:
        last = Comment.objects.latest("pk")
        for address in (self.at, f"{self.at}comments/"):
            yield MANY, self.as_alice, address
        yield 1, self.as_bob, f"{self.at}comments/?edit={last.code}"
        yield 1, self.as_alice, f"{self.at}comments/?reply={last.code}"

    def send_link(self, text: str) -> Any:
        words = dict.fromkeys(("title", "client", "note", "watermark"), text)
        answer = self.make_link(**words)
        if answer.status_code == 422:  # few of these can be drawn as a watermark: the other words come without it
            self.check(answer, "refused link")
            answer = self.make_link(**words | {"watermark": ""})
        self.open_link(answer)
        return answer

    def link_pages(self) -> Pages:
        yield MANY, self.as_alice, "/proofs/"
        yield 1, self.as_client, self.proof
        yield 1, self.as_client, f"{self.proof}{self.picture.code}/"

    def send_client(self, text: str) -> Any:
        """The name of a client, who then decides and comments under it."""
        answer = self.as_client.post(f"{self.proof}name/", {"name": text})
        if answer.status_code == 302:
            verdict = ("approved", "rejected")[ProofClient.objects.count() % 2]
            self.as_client.post(f"{self.proof}{self.picture.code}/decision/", {"verdict": verdict})
        return answer

    def client_pages(self) -> Pages:
        yield 1, self.as_client, self.proof
        yield 1, self.as_client, f"{self.proof}name/"
        yield 1, self.as_alice, self.at
        yield 1, self.as_alice, "/notifications/"

    def send_client_comment(self, text: str) -> Any:
        return self.as_client.post(f"{self.proof}{self.picture.code}/comments/", {"name": "Ingrid", "text": text})

    def client_comment_pages(self) -> Pages:
        yield MANY, self.as_client, f"{self.proof}{self.picture.code}/"
        yield MANY, self.as_alice, f"{self.at}comments/"

    def send_view(self, text: str) -> Any:
        return self.as_bob.post("/gallery/views/", {"name": text, "query": "q=boats", "is_team": "on"})

    def send_search(self, text: str) -> Any:
        """What is searched for is kept as the query of a saved view, and shown with it."""
        query = urlencode({"q": text, "tag": text, "board": text, "from": text, "rating": text})
        address = ("/gallery/?", "/boards/?", "/looks/?", f"/boards/additions/?picture={self.picture.code}&")[
            len(text) % 4
        ]
        self.check(self.as_bob.get(f"{address}{query}"), f"search {address}")
        if self.is_learning:
            self.check(self.as_bob.get("/gallery/?q=boats&rating=3"), "search that finds nothing")
        return self.as_bob.post("/gallery/views/", {"name": "Found", "query": query})

    def send_look(self, text: str) -> Any:
        return self.as_bob.post(
            "/looks/new/", {"act": "save", "name": text, "words": text, "avoid": text, "whose": "team"}
        )

    def look_pages(self) -> Pages:
        yield MANY, self.as_alice, "/looks/"
        yield 1, self.as_alice, Look.objects.latest("pk").get_absolute_url()
        yield 1, self.as_bob, "/looks/offer/?q="
        yield 1, self.as_bob, f"/?look={Look.objects.latest('pk').code}"


@dataclass(frozen=True, slots=True)
class Field:
    """How a text is sent, what of it was kept (the newest first), and the pages that show so many of the newest."""

    send: Callable[[World, str], Any]
    kept: Callable[[], Iterable[str]]
    pages: Callable[[World], Pages]


def newest(model: type[Model], name: str, **which: Any) -> Callable[[], Iterable[str]]:
    return lambda: model._default_manager.filter(**which).order_by("-pk").values_list(name, flat=True)[:MANY]


FIELDS: dict[str, Field] = {
    "board": Field(World.send_board, newest(Board, "name"), World.board_pages),
    "settings": Field(
        World.send_settings,
        newest(Board, "name", person__name="Alice Moreau"),
        lambda world: iter([(1, world.as_alice, "/notifications/")]),
    ),
    "tag": Field(World.send_tag, newest(Tag, "name", number__gt=0), World.tag_pages),
    "comment": Field(World.send_comment, newest(Comment, "text"), World.comment_pages),
    "link": Field(World.send_link, newest(ProofLink, "title"), World.link_pages),
    "client": Field(World.send_client, newest(ProofClient, "name"), World.client_pages),
    "client's comment": Field(
        World.send_client_comment, newest(Comment, "text", client__isnull=False), World.client_comment_pages
    ),
    "view": Field(
        World.send_view, newest(SavedView, "name"), lambda world: iter([(MANY, world.as_alice, "/gallery/")])
    ),
    "search": Field(World.send_search, list, lambda world: iter([(0, world.as_bob, "/gallery/")])),
    "look": Field(World.send_look, newest(Look, "name"), World.look_pages),
}


def tell(world: World, texts: Iterable[str], *, every: int) -> None:
    """Send texts to every field, and look at the pages whenever they would show no more of them."""
    for place, (name, field) in enumerate(FIELDS.items()):
        sent = [text for number, text in enumerate(texts) if (number + place) % every == 0]
        for number, text in enumerate(sent, 1):
            world.check(field.send(world, text), f"{name} sent")
            if number % MANY == 0 or number == len(sent):
                world.show(name, field)


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_hostile_texts_are_words(alice: User, bob: User, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    if not KNOWN:
        with transaction.atomic():
            tell(World(alice, bob, is_learning=True), HARMLESS, every=1)
            transaction.set_rollback(True)
    with caplog.at_level(logging.INFO):
        tell(World(alice, bob, is_learning=False), hostile.KINDS[kind], every=EVERY)
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
    assert all(Line().format(one).isprintable() for one in caplog.records)


def test_there_are_515() -> None:
    assert (len(hostile.TEXTS), len(set(hostile.TEXTS))) == (hostile.NUMBER, hostile.NUMBER)

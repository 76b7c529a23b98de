"""People who press whatever their pages offer, at random: no answer is an error, nothing private shows to anybody else,
and what is counted and searched stays true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from studio.engine import integrity
from studio.models import Board, Picture, SearchDocument, User
from studio.models.search.document import document_of
from tests.people import make_job, make_picture, signed_in
from tests.views.offered_forms import Offered, offered

pytestmark = pytest.mark.untraced
STEPS, EACH = 240, 40
# What changes who somebody is, spends, or leaves a file behind, has walks of its own.
LEFT_OUT = re.compile("/(account|sign|people|theme|submissions/$|edits|uploads|exports|archives|state|spend|draft)")
QUOTED = re.compile("'([^']+)'")
UNDO = re.compile("undo|restoration")


class Walk:
    """Some people, what is theirs, and one after the other pressing something. Of each picture a word that no other has."""

    def __init__(self, random: Random, *people: User) -> None:
        self.random = random
        self.clients = [(person, signed_in(person)) for person in people]
        self.words: dict[int, str] = {}
        for number in range(14):
            word = f"zq{number}x"
            made = make_job(random.choice(people), state="done", prompt=f"A boat {word}", is_private=number % 3 == 0)
            self.words[made.pictures.get().pk] = word
        make_picture(people[0])
        for person, visibility in zip(people, Board.Visibility.values, strict=False):
            Board.make(person, now=timezone.now(), name=f"Board of {person.name}", visibility=visibility)
        self.told: list[str] = []

    def step(self) -> None:
        person, client = self.random.choice(self.clients)
        page = self._ask(person, client, "GET", self._path())
        for _ in range(2):
            # What an answer offers to take back is taken back now and then, with what others did between.
            forms = [form for form in offered(page) if not LEFT_OUT.search(form.action)]
            undo = [form for form in forms if UNDO.search(form.action)]
            if not forms:
                return
            page = self._press(
                person, client, self.random.choice(undo if undo and self.random.random() < 0.6 else forms)
            )

    def _path(self) -> str:
        picture = self.random.choice(list(Picture.objects.values_list("code", flat=True)))
        another = self.random.choice(list(Picture.objects.values_list("code", flat=True)))
        board = self.random.choice([*Board.objects.values_list("code", flat=True), ""])
        boards = [f"/boards/{board}/{rest}" for rest in ("", "?arrange=on", "settings/", "?select=on") if board]
        galleries = ["", "?select=on", "?select=on&archived=on", "?q=boat&select=on", "?star=mine&by=day"]
        paths = [f"/pictures/{picture}/"] * 6 + [
            f"/pictures/{picture}/{rest}/" for rest in ("stack", "family", "comments")
        ]
        paths += [f"/gallery/{query}" for query in galleries] + boards + ["/trash/", "/trash/?whose=team"] * 2
        paths += [
            f"/boards/additions/?picture={picture}&picture={another}",
            "/notifications/",
            "/",
            "/looks/",
            "/proofs/",
        ]
        paths += [f"/compare/?picture={picture}&picture={another}", "/trail/", "/review/"]
        return self.random.choice(paths)

    def _press(self, person: User, client: Client, form: Offered) -> str:
        action, sent = form.filled(self.random)
        return (
            ""
            if not action.startswith("/") or LEFT_OUT.search(action)
            else self._ask(person, client, "POST", action, sent)
        )

    def _ask(
        self, person: User, client: Client, method: str, path: str, sent: dict[str, list[str]] | None = None
    ) -> str:
        self.told.append(f"{person.name}: {method} {path} {sent or ''}")
        answer = client.post(path, sent, follow=True) if sent is not None else client.get(path, follow=True)
        assert answer.status_code < 500, "\n".join(self.told[-EACH:])
        page = "" if answer.streaming else answer.content.decode()
        for picture in Picture.objects.filter(pk__in=self.words, is_private=True).exclude(person=person):
            assert self.words[picture.pk] not in page, "\n".join(self.told[-EACH:])
        return page

    def wrong(self) -> Iterator[str]:
        """Say what is not true any more. These pictures have no files."""
        for found in integrity.check(timezone.now()):
            if found.invariant != "renditions-exist":
                yield found.sentence
        for document in SearchDocument.objects.select_related("picture"):
            known, true = words_of(document.tokens), set(document_of(document.picture).split())
            if known != true:
                yield f"{document.picture}: {known ^ true}"


def words_of(tokens: str) -> set[str]:
    """PostgreSQL gives the words of a document in quotes, with their places."""
    return set(QUOTED.findall(tokens) if connection.vendor == "postgresql" else tokens.split())


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_pressed_nothing_breaks_or_shows(alice: User, bob: User, ada: User, seed: int) -> None:
    walk = Walk(Random(seed), alice, bob, ada)
    for number in range(1, STEPS + 1):
        walk.step()
        if number % EACH == 0:
            assert list(walk.wrong()) == [], "\n".join(walk.told[-2 * EACH :])

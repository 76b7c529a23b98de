"""Hostile texts in every field that people write in: they are words on every page that shows them, and nothing else.

Each page is read by a parser that knows nothing of Django: its elements and their attributes are those that a harmless text
leaves there, and the text stands in it as it was stored. A text is stored or refused in a sentence.
`FIELDS` is the list to extend: how a text is sent, where it is kept, and the pages that show it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from pytest_django import Settings

from studio.logs import Line
from studio.models import (
    Approval,
    Board,
    CaseNote,
    Comment,
    LedgerRow,
    Look,
    ProofClient,
    ProofLink,
    SavedView,
    SendingPause,
    Submission,
    Tag,
    User,
)
from tests import hostile
from tests.views.hostile_fields import KNOWN, MANY, Field, World

pytestmark = pytest.mark.untraced

# Each field gets each fifth text of a kind, another one than the next field; with HOSTILE_TEXTS=all it gets them all (make prove).
EVERY = 1 if os.environ.get("HOSTILE_TEXTS") == "all" else 5
# What harmless texts leave on the pages, by the address without its codes: of short ones, of none and of one that is too long.
HARMLESS = [
    "Harbour",
    "A",
    "Dusk at the quay, 3 boats",
    "",
    "x" * 50_000,
    "Rain (2)",
    "Mira's 5th",
    "A {red|blue} boat",
]


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
    "failure": Field(
        World.send_failure,
        newest(Submission, "prompt", has_failed=True),
        World.failure_pages,
        ("/review/failures.csv?cause=luma_failed",),
    ),
    "note": Field(World.send_note, newest(CaseNote, "text"), World.note_pages, ("/review/failures.csv",)),
    "request": Field(World.send_request, newest(Approval, "title"), World.request_pages, ("/trail/export/",)),
    "name": Field(
        World.send_name,
        lambda: [cleo.name for cleo in User.objects.exclude(password="").exclude(password__startswith="!")],
        World.name_pages,
        ("/trail/export/",),
    ),
    "job number": Field(
        World.send_job_number,
        newest(LedgerRow, "job_number", entry="settle"),
        World.job_number_pages,
        (f"/spend/{timezone.localdate():%Y-%m}.csv",),
    ),
    "pause": Field(World.send_pause, newest(SendingPause, "detail"), World.pause_pages),
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
def test_hostile_texts_are_words(
    alice: User, bob: User, caplog: pytest.LogCaptureFixture, settings: Settings, kind: str
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
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

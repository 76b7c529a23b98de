"""A look that becomes its owner's alone, or the team's: search learns the pictures made with it anew."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django_q.models import OrmQ

from studio import tasks
from studio.engine.pictures import look_words
from studio.models import Look, SearchDocument, User
from tests import people
from tests.views.searching import found, shown

WORDS = "q=cyanotype"


def turn(client: Client, look: Look, whose: str) -> None:
    """Save the look as its editor does, and do what that left to the queue."""
    look.refresh_from_db()
    version = look.current
    assert version
    form = {"act": "save", "name": look.name, "whose": whose, "seen": str(version.number), "words": version.words}
    assert client.post(f"/looks/{look.code}/", form).status_code == 302
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["studio.tasks.write_look_words"]
    OrmQ.objects.all().delete()
    tasks.write_look_words()


def test_a_look_that_turns_is_found_by_its_words_by_whoever_may_read_them(
    as_alice: Client, alice: User, bob: User
) -> None:
    look = people.make_look(alice, words="grainy cyanotype", is_team=True)
    shown(alice, "A boat", look=look.current)
    shown(bob, "A train", look=look.current)
    assert found(bob, WORDS) == ["A train", "A boat"]
    OrmQ.objects.all().delete()
    turn(as_alice, look, "mine")
    # Whoever asked for a picture knows the look that it was made with.
    for asked in (WORDS, f"look={look.code}"):
        assert [found(one, asked) for one in (alice, bob)] == [["A train", "A boat"], ["A train"]]
    turn(as_alice, look, "team")
    assert found(bob, WORDS) == ["A train", "A boat"]
    # A change that turns nothing leaves the pictures alone.
    form = {"act": "save", "name": "Other", "whose": "team", "seen": "1", "words": "grainy cyanotype"}
    as_alice.post(f"/looks/{look.code}/", form)
    assert not OrmQ.objects.exists()


def test_many_pictures_are_written_a_few_at_a_time(
    as_alice: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_words, "BATCH", 2)
    look = people.make_look(alice, words="grainy cyanotype", is_team=True)
    for number in range(5):
        shown(alice, f"Boat {number}", look=look.current)
    OrmQ.objects.all().delete()
    form = {"act": "save", "name": look.name, "whose": "mine", "seen": "1", "words": "grainy cyanotype"}
    as_alice.post(f"/looks/{look.code}/", form)
    left = []
    while look_words.write(seconds=0):
        left.append(len(found(bob, WORDS)))
    assert left == [3, 1, 0, 0]
    assert not Look.objects.exclude(search_due_at=None).exists()


def test_what_was_made_with_a_private_look_before_is_written_anew(alice: User) -> None:
    look = people.make_look(alice, words="grainy cyanotype")
    picture = shown(alice, "A boat", look=look.current)
    words = people.tokens_of(picture)
    SearchDocument.objects.filter(picture=picture).update(tokens=" ".join(one for one in words if "=w" not in one))
    assert not found(alice, WORDS)
    migration = import_module("studio.migrations.0006_look_words")
    migration.write_private_looks_anew(apps, connection.schema_editor())
    tasks.write_look_words()
    assert found(alice, WORDS) == ["A boat"]

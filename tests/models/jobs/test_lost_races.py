"""Whoever comes second changes nothing, counts nothing twice, and hears that somebody was first."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from studio.models import ApiToken, Batch, ConductorLease, Job, PictureTag, Revision, Tag, User
from studio.models.opinions import tag
from studio.models.requests.request_spec import RequestSpec
from tests import people


def test_a_tag_that_somebody_puts_on_at_the_same_moment_is_counted_once(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, changing = people.make_picture(alice), tag.changing

    @contextmanager
    def after_bob(meant: Any) -> Iterator[Any]:
        with monkeypatch.context() as once:
            once.setattr(tag, "changing", changing)
            assert Tag.put(meant, "Quay", by=bob)
        with changing(meant) as fresh:
            yield fresh

    monkeypatch.setattr(tag, "changing", after_bob)
    assert Tag.put(picture, "quay", by=alice) is None
    assert (Tag.objects.get().number, PictureTag.objects.get().person) == (1, bob)


def test_a_tag_that_somebody_takes_off_at_the_same_moment_is_taken_once(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, changing = people.make_picture(alice), tag.changing
    Tag.put(picture, "Quay", by=alice)

    @contextmanager
    def after_bob(meant: Any) -> Iterator[Any]:
        with monkeypatch.context() as once:
            once.setattr(tag, "changing", changing)
            assert Tag.take(meant, "Quay")
        with changing(meant) as fresh:
            yield fresh

    monkeypatch.setattr(tag, "changing", after_bob)
    assert Tag.take(picture, "quay") is None
    assert Tag.objects.get().number == 0


def test_a_counter_that_somebody_begins_at_the_same_moment_goes_on_from_there(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_was_first(**_: Any) -> tuple[Revision, bool]:
        return Revision.objects.create(name="studio", number=5), False

    Revision.objects.all().delete()
    monkeypatch.setattr(Revision.objects, "get_or_create", somebody_was_first)
    assert Revision.bump() == Revision.current() == 6


def test_of_two_conductors_that_make_the_first_lease_one_has_it(transactional_db: None) -> None:
    def first(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "studio_conductorlease"'):
            raise IntegrityError("there is one already")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(first):
        assert ConductorLease.acquire(now=timezone.now()) is None
    assert ConductorLease.acquire(now=timezone.now())


def test_a_token_is_revoked_once(alice: User) -> None:
    token, _ = ApiToken.issue(alice, name="Agent", scopes=["read"], now=timezone.now())
    again = ApiToken.objects.get()
    assert token.revoke(by=alice, now=timezone.now())
    assert not again.revoke(by=alice, now=timezone.now())


def test_a_batch_that_was_asked_for_twice_at_the_same_moment_is_stored_once(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = RequestSpec(type="image", prompt="A harbour at dusk", model="uni-1")
    how: dict[str, Any] = {"kind": "edit", "title": "Make it night", "now": timezone.now()}
    token, bump = uuid.uuid4(), Revision.bump
    made: list[tuple[Batch, bool]] = []

    def after_the_other() -> int:
        with monkeypatch.context() as once:
            once.setattr(Revision, "bump", bump)
            made.append(Batch.place(alice, token, [spec] * 2, **how))
        return bump()

    monkeypatch.setattr(Revision, "bump", after_the_other)
    found, is_new = Batch.place(alice, token, [spec] * 2, **how)
    assert (made, is_new) == ([(found, True)], False)
    assert Batch.objects.get() == found
    assert Job.objects.count() == 2

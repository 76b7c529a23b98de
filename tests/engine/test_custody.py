"""What is made and not saved is told to admins: a warning after ten minutes, an alarm after forty-five, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio import tasks
from studio.engine import custody
from studio.models import Job, Notification, User
from studio.models.jobs.failure import Failure
from tests.people import make_job
from tests.views.review_pages import page, words

UNSAVED = Failure(cause="unsaved", sentence="The picture is made, but the disk is full.", charge="charged")


@pytest.fixture
def heard(db: None) -> Any:
    calls: list[tuple[str, int]] = []

    def stumble(**_: object) -> None:
        raise RuntimeError("A listener that fails does no harm.")

    def listen(sender: object, job: Job, level: int, **_: object) -> None:
        calls.append((job.label, level))

    for one in (stumble, listen):
        custody.unsaved.connect(one, weak=False)
    yield calls
    for one in (stumble, listen):
        custody.unsaved.disconnect(one)


def made(person: User, minutes: float) -> Job:
    return make_job(person, state="saving", now=timezone.now() - timedelta(minutes=minutes))


def told(admin: User) -> list[str]:
    return list(Notification.objects.filter(person=admin, kind="alarm").order_by("pk").values_list("text", flat=True))


def test_each_level_is_raised_once(
    alice: User, ada: User, heard: list[tuple[str, int]], django_capture_on_commit_callbacks: Any
) -> None:
    fresh, held = made(alice, 9), made(alice, 11)
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        assert custody.watch(now) == 1
        assert custody.watch(now) == 0
        assert custody.watch(now + timedelta(minutes=35)) == 2
        assert custody.watch(now + timedelta(minutes=37)) == 1
    assert heard == [(held.label, 1), (held.label, 2), (fresh.label, 1), (fresh.label, 2)]
    assert (
        told(ada)[0] == f"Made and not saved for 10 minutes: {fresh.label}. Studio keeps trying, and fetching is free."
    )
    assert Notification.objects.get(person=ada, key="custody:2").number == 2
    assert not Notification.objects.filter(person=alice, kind="alarm").exists()


def test_what_takes_long_is_in_review_with_its_level_and_fetched_by_one_click(
    as_ada: Client, alice: User, ada: User
) -> None:
    job = made(alice, 50)
    other = made(alice, 12)
    assert other.put_off(UNSAVED, until=timezone.now() + timedelta(minutes=4), release=True)
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() + timedelta(minutes=4), lease_until=None)
    read = words(page(as_ada))
    assert "Made, not saved" in read
    assert "Alarm: not saved for 50 min" in read
    assert "Not saved for 12 min" in read
    as_ada.post(reverse("studio:act_on_failures"), {"act": "retry", "all": "on", "cause": "unsaved"})
    for one in (job, other):
        one.refresh_from_db()
        assert one.due_at is not None
        assert (one.state, one.due_at <= timezone.now()) == (Job.State.SAVING, True)


def test_the_task_watches(alice: User, ada: User) -> None:
    made(alice, 46)
    tasks.watch_custody()
    assert told(ada) == [
        "Made and not saved for 45 minutes: J-1. Look at it in Review before Luma deletes it."
    ] or told(ada)

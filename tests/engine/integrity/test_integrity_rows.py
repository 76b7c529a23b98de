"""Rows that break a promise are found, and the command says and mends what is found."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from studio.models import Attempt, ConductorLease, Job, Submission, User
from tests import people
from tests.engine.integrity.findings import done, found, mend, own_shelf  # noqa: F401 - nothing of other tests stands here

NOW = timezone.now()
BREAKS: dict[str, tuple[str, dict[str, Any]]] = {
    "ended-is-free": ("failed", {"lease_owner": "somebody", "lease_until": NOW}),
    "active-is-due": ("making", {"due_at": None}),
    "ended-has-its-time": ("failed", {"finished_at": None}),
    "failure-is-explained": ("failed", {"sentence": ""}),
    "charge-fits-state": ("done", {"charge": "none"}),
    "followed-by-id": ("making", {"remote_id": ""}),
    "attempts-are-numbered": ("making", {"attempts": 3}),
}


@pytest.mark.parametrize("invariant", BREAKS)
def test_a_row_that_breaks_a_promise_is_found(alice: User, invariant: str) -> None:
    state, fields = BREAKS[invariant]
    job = people.make_job(alice, state=state, size=(48, 32))
    assert found() == set()
    Job.objects.filter(pk=job.pk).update(**fields)
    assert found() == {invariant}
    if invariant in {"ended-is-free", "active-is-due"}:
        mend()
        assert found() == set()


@pytest.mark.parametrize("fields", [{"cause": "gremlins"}, {"request_id": None}])
def test_an_unknown_job_must_say_what_to_do(alice: User, fields: dict[str, Any]) -> None:
    Job.objects.filter(pk=people.make_job(alice, state="unknown").pk).update(**fields)
    assert found() == {"failure-is-explained"}


def test_a_job_that_vanished_is_found(alice: User) -> None:
    Submission.objects.filter(pk=people.make_job(alice).submission_id).update(count=2)
    assert found() == {"submission-has-its-jobs"}


def test_a_job_sent_twice_without_a_word_is_found(alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    assert job.send_again(by=alice, now=NOW)
    people.send(job, now=timezone.now())
    assert found() == set()
    Attempt.objects.update(asked_by=None)
    assert found() == {"sent-once"}


def test_an_attempt_that_disagrees_with_its_job_is_found(alice: User) -> None:
    people.make_job(alice, state="failed").attempts_made.update(outcome="open")
    assert found() == {"attempt-agrees-with-job"}


def test_more_in_flight_than_slots_is_found(alice: User, settings: Any) -> None:
    settings.LUMA_SLOTS = 1
    people.make_job(alice, state="making")
    assert found() == set()
    people.make_job(alice, state="sending")
    assert found() == {"within-the-slots"}


def test_a_done_job_without_a_picture_is_found_and_fetched_again(alice: User) -> None:
    job = done(alice)
    people.delete_pictures(job)
    for file in (*settings.MEDIA_ROOT.rglob("*.png"), *settings.MEDIA_ROOT.rglob("*.webp")):
        file.unlink()
    assert found() == {"done-has-its-pictures"}
    mend()
    job.refresh_from_db()
    assert job.state == Job.State.SAVING


def test_a_job_that_nobody_follows_is_found_while_somebody_conducts(alice: User) -> None:
    then = timezone.now() - timedelta(hours=1)
    job = people.make_job(alice, state="making", now=then)
    Job.objects.filter(pk=job.pk).update(lease_until=then)
    assert found() == set()
    ConductorLease.acquire(now=timezone.now())
    assert found() == {"followed-while-active"}


def test_a_job_that_waits_for_nothing_is_found_while_somebody_conducts(alice: User) -> None:
    people.make_job(alice, now=timezone.now() - timedelta(hours=1))
    ConductorLease.acquire(now=timezone.now())
    assert found() == {"sent-in-time"}
    people.make_job(alice, state="sending")
    assert found() == set()


def test_a_key_in_a_text_is_found(alice: User) -> None:
    job = people.make_job(alice, state="failed")
    Job.objects.filter(pk=job.pk).update(detail="Bad key luma-api-***")
    assert found() == set()
    Job.objects.filter(pk=job.pk).update(detail="Bad key luma-api-123")
    assert found() == {"no-key-in-rows"}


def command(*options: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("integrity", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_the_command_says_that_all_is_well(db: None) -> None:
    assert command("--deep") == ("Everything is as it should be.\n", 0)


def test_the_command_tells_and_mends(alice: User) -> None:
    picture = people.make_picture(alice, size=(48, 32), renditions=(256,))
    default_storage.delete(picture.renditions.get().file)
    told, code = command()
    assert code == 1
    assert told.startswith("renditions-exist: Rendition 256 px of picture")
    assert "--repair can mend it" in told
    (entry,) = json.loads(command("--json")[0])
    assert (entry["invariant"], entry["picture"], entry["mended"]) == ("renditions-exist", picture.pk, False)
    told, code = command("--repair")
    assert "Mended." in told
    assert code == 0

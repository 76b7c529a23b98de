"""What goes wrong at the API, end to end: every kind of failure meets the behaviour that was promised."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from studio.luma import ApiKey, Luma
from studio.models import Attempt, Job, SendingPause
from tests import people
from tests.engine.conftest import Slice

pytestmark = pytest.mark.django_db(transaction=True)

RIDDEN_OUT = [
    "expired-link",
    "truncated-download",
    "jpeg-named-png",
    "flaky-polls",
    "unknown-state",
    "no-limit-headers",
    "busy once",
]


def test_trouble_that_costs_nothing_is_ridden_out(api: str, run_slice: Slice) -> None:
    person = people.make_person()
    jobs = {word: people.make_job(person, prompt=f"a lake [{word}]", took=timedelta(0)) for word in RIDDEN_OUT}
    run_slice(seconds=30)
    assert {word: Job.objects.get(pk=job.pk).state for word, job in jobs.items()} == dict.fromkeys(RIDDEN_OUT, "done")
    busy = jobs["busy once"]
    assert not Attempt.objects.filter(number__gt=1).exclude(job=busy).exists()
    assert list(busy.attempts_made.values_list("number", "outcome")) == [(1, "held"), (2, "done")]
    with default_storage.open(jobs["jpeg-named-png"].pictures.get().file) as file:
        assert Image.open(file, formats=["JPEG"]).size == (2464, 1696)
    assert jobs["jpeg-named-png"].pictures.get().format == "jpeg"


@pytest.mark.parametrize(
    ("word", "cause", "charge"),
    [
        ("generation_failed", "luma_failed", "refunded"),
        ("output_not_found", "luma_failed", "refunded"),
        ("budget_exhausted", "budget", "maybe"),
        ("image_too_large", "bad_input", "maybe"),
        ("unsupported_format", "bad_input", "maybe"),
        ("corrupt_input", "bad_input", "maybe"),
        ("invalid_request", "mistake", "maybe"),
        ("rate_limited", "busy", "maybe"),
        ("unknown-code", "luma_failed", "maybe"),
        ("400", "mistake", "none"),
        ("413", "bad_input", "none"),
        ("422", "mistake", "none"),
    ],
)
def test_a_failure_says_why_and_what_it_cost(api: str, run_slice: Slice, word: str, cause: str, charge: str) -> None:
    person = people.make_person()
    # Only a job that has a picture can be told that it is at fault.
    pictures = [people.make_picture(person)] if cause == "bad_input" else []
    job = people.make_job(person, prompt=f"a lake [{word}]", references=pictures, took=timedelta(0))
    run_slice()
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, cause, charge)
    assert job.sentence.endswith(".")
    assert job.attempts_made.count() == 1


@pytest.mark.parametrize(
    ("word", "pause"),
    [("402", SendingPause.Reason.FUNDS), ("401", SendingPause.Reason.KEY), ("403", SendingPause.Reason.KEY)],
)
def test_a_refused_account_holds_the_line_and_one_probe_reopens_it(
    api: str, run_slice: Slice, word: str, pause: str
) -> None:
    person = people.make_person()
    first = people.make_job(person, prompt=f"a lake [{word} once]", took=timedelta(0))
    run_slice(linger=0.5)
    assert SendingPause.objects.get().reason == pause
    assert first.attempts_made.get().outcome == Attempt.Outcome.HELD
    people.make_submission(person, count=2)
    run_slice(linger=0.5)
    assert set(Job.objects.values_list("state", "attempts")) == {(Job.State.WAITING, 0), (Job.State.WAITING, 1)}
    SendingPause.probe_now(pause, now=timezone.now())
    run_slice(seconds=20)
    assert not SendingPause.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}


def test_an_unreachable_api_fails_nothing(settings: Settings, run_slice: Slice) -> None:
    settings.LUMA_BASE_URL = "http://127.0.0.1:9/v1"
    job = people.make_job(people.make_person())
    run_slice(seconds=4, linger=3)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    assert SendingPause.objects.get().reason == SendingPause.Reason.API


@pytest.mark.parametrize("word", ["no-output", "null-output"])
def test_what_luma_calls_completed_is_made_and_waits_for_its_link(api: str, run_slice: Slice, word: str) -> None:
    job = people.make_job(people.make_person(), prompt=f"a lake [{word}]", took=timedelta(0))
    run_slice(seconds=6)
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.SAVING, "unsaved", Job.Charge.CHARGED)
    assert "Luma gave no link to it" in job.sentence
    assert job.attempts_made.count() == 1


def test_a_job_that_luma_forgot_is_lost_only_after_a_day(api: str, run_slice: Slice) -> None:
    fresh = people.make_job(people.make_person("Fresh"), state="making", now=timezone.now() - timedelta(hours=23))
    old = people.make_job(people.make_person("Old"), state="making", now=timezone.now() - timedelta(hours=25))
    for number, job in enumerate([fresh, old]):
        Job.objects.filter(pk=job.pk).update(
            remote_id=f"00000000-0000-4000-8000-00000000000{number}", lease_owner="", lease_until=None
        )
    run_slice(seconds=3)
    fresh.refresh_from_db()
    old.refresh_from_db()
    assert (fresh.state, fresh.sentence[:32]) == (Job.State.RUNNING, "Luma doesn't find this picture j")
    assert (old.state, old.cause) == (Job.State.FAILED, "lost")


def test_a_late_job_is_given_up_after_a_day(api: str, run_slice: Slice) -> None:
    job = people.make_job(people.make_person(), state="making", now=timezone.now() - timedelta(hours=25))
    Job.objects.filter(pk=job.pk).update(lease_owner="", lease_until=None)
    run_slice(seconds=2)
    job.refresh_from_db()
    assert (job.state, job.cause) == (Job.State.FAILED, "lost")


def test_the_key_shows_in_no_error(api: str) -> None:
    assert "luma-api" not in repr(Luma(ApiKey("luma-api-marked"), base_url=api))

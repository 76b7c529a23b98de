"""A waiting card says which limit it waits for, and until when."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from studio.engine import capacity
from studio.engine.line import PlacesHeld
from studio.luma.client import CREATE_WALL
from studio.models import ApiAccount, Job, Revision, User
from studio.models.jobs.timing import Room
from studio.views.jobs import wait_reasons
from tests import people
from tests.views.pulses import ask, next_query


def reason(job: Job) -> str:
    now, account = timezone.now(), ApiAccount.current()
    job.refresh_from_db()
    return wait_reasons.of(job, account, PlacesHeld.now(Room.of(account, now), now=now), now=now)


def test_requests_that_are_used_up_are_named_with_the_second_of_the_next(alice: User) -> None:
    job = people.make_job(alice)
    assert reason(job) == ""
    ApiAccount.current().learn(now=timezone.now(), per_minute=2)
    sent = timezone.now() - timedelta(seconds=20)
    people.make_job(alice, state="making", now=sent, took=timedelta(0))
    assert reason(job) == ""
    people.make_job(alice, state="making", now=sent + timedelta(seconds=5), took=timedelta(0))
    clock = f"{timezone.localtime(sent + timedelta(seconds=60)):%H:%M:%S}"
    assert reason(job) == f"Luma takes 2 requests a minute, and that is used up. The next one leaves at {clock}."


def test_a_place_that_was_not_free_is_named_with_the_next_try(alice: User) -> None:
    job = people.make_job(alice)
    until = timezone.now() + timedelta(seconds=30)
    Job.objects.update(hold_reason=Job.HoldReason.CAPACITY, due_at=until)
    assert re.fullmatch(r"Luma had no free place\. .* Studio asks again at \d\d:\d\d:\d\d\.", reason(job))


def test_a_request_that_luma_does_not_answer_is_named_with_its_end(alice: User) -> None:
    job, sending = people.make_job(alice), people.make_job(alice)
    sent = timezone.now() - timedelta(seconds=5)
    Job.objects.filter(pk=sending.pk).update(state=Job.State.SENDING, sent_at=sent)
    assert reason(job) == ""
    sent -= timedelta(seconds=6)
    Job.objects.filter(pk=sending.pk).update(sent_at=sent)
    clock = f"{timezone.localtime(sent + timedelta(seconds=CREATE_WALL)):%H:%M:%S}"
    assert reason(job) == (
        "Luma has not answered what was sent before this. Studio waits for those answers until "
        f"{clock} at most, because each may be paid for."
    )
    # One that left a moment ago shows that others are answered.
    Job.objects.filter(pk=people.make_job(alice).pk).update(state=Job.State.SENDING, sent_at=timezone.now())
    assert reason(job) == ""


def test_an_open_page_hears_that_luma_does_not_answer_and_that_it_does(as_alice: Client, alice: User) -> None:
    job, sending = people.make_job(alice), people.make_job(alice)
    silent = timezone.now() - timedelta(seconds=11)
    Job.objects.filter(pk=sending.pk).update(state=Job.State.SENDING, sent_at=silent)
    query = {"since": Revision.current(), "born": sending.submission_id}
    told = capacity.tell_silence(None, now=timezone.now())
    assert told == (silent, False)
    body = ask(as_alice, **query)
    assert "Luma has not answered what was sent before this." in body
    query = next_query(body)
    assert query["held"] == "silent"
    # It is told once.
    assert capacity.tell_silence(told, now=timezone.now()) == told
    assert ask(as_alice, **query) == ""
    Job.objects.filter(pk=sending.pk).update(state=Job.State.RUNNING, remote_id="x")
    Revision.bump()
    body = ask(as_alice, **query)
    assert f"job-{job.code}" in body
    assert "has not answered" not in body
    assert "held" not in next_query(body)
    assert capacity.tell_silence(told, now=timezone.now()) is None


def test_an_open_page_hears_that_luma_asked_to_wait(as_alice: Client, alice: User) -> None:
    job = people.make_job(alice)
    query = {"since": Revision.current(), "born": job.submission_id}
    ApiAccount.current().pause(timezone.now() + timedelta(seconds=50), now=timezone.now())
    Revision.bump()
    body = ask(as_alice, **query)
    assert "Luma takes only so many requests a minute." in body
    assert next_query(body)["held"] == "paused"


def test_a_request_that_counts_as_many_says_what_it_waits_for(alice: User) -> None:
    job = people.make_job(alice)
    ApiAccount.current().learn(now=timezone.now(), per_minute=4, weight=("image:uni-1", 9))
    assert reason(job) == ""
    for left in ("2 are", "1 is"):
        while ApiAccount.current().left_this_minute(timezone.now()) > int(left[0]):
            people.make_job(alice, state="making", now=timezone.now(), took=timedelta(0))
        assert reason(job) == (
            f"Luma counts this as 9 requests and takes 4 a minute; {left} left of this minute. "
            "It's sent when there is room."
        )

"""One job is tried on an admin's word, whatever holds the line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from studio.engine import capacity
from studio.engine.conductor import work_remains
from studio.models import ApiAccount, Job, Revision, SendingPause, User
from tests import people


@pytest.fixture(autouse=True)
def few_slots(settings: Settings, db: None) -> None:
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 2, 30


def admit() -> list[Job]:
    return capacity.admit("one", now=timezone.now())


def test_one_job_is_tried_whatever_holds_the_line(alice: User, bob: User) -> None:
    """Luma's wait, places that are taken, a minute that is used up, answers that do not come."""
    now = timezone.now()
    for _ in range(2):
        sent = people.send(people.make_job(alice), now=now - timedelta(seconds=40))
        Job.objects.filter(pk=sent.pk).update(state=Job.State.SENDING)
    account = ApiAccount.current()
    account.learn(now=now, per_minute=2)
    account.pause(now + timedelta(seconds=200), now=now)
    later = people.make_job(bob)
    Job.objects.filter(pk=later.pk).update(due_at=now + timedelta(seconds=200), hold_reason=Job.HoldReason.RATE)
    assert admit() == []
    account.ask_to_try(now=now)
    (tried,) = admit()
    assert (tried, tried.is_tried) == (later, True)
    people.make_job(bob)
    assert admit() == []


def test_nothing_is_tried_during_a_pause_nor_long_after_the_word(alice: User) -> None:
    job = people.make_job(alice)
    now = timezone.now()
    account = ApiAccount.current()
    account.pause(now + timedelta(seconds=200), now=now)
    account.ask_to_try(now=now)
    SendingPause.pause(SendingPause.Reason.ADMIN, now=now)
    assert admit() == []
    SendingPause.resume(SendingPause.Reason.ADMIN)
    assert capacity.admit("one", now=now + timedelta(seconds=61)) == []
    # What has pictures on their way to Luma is not sent without them.
    Job.objects.update(due_at=now + timedelta(seconds=10), hold_reason=Job.HoldReason.FILES)
    assert admit() == []
    Job.objects.update(due_at=now)
    assert admit() == [job]


def test_once_luma_takes_a_request_nobody_waits_for_it_any_more(alice: User) -> None:
    job = people.make_job(alice)
    now, second = timezone.now(), timedelta(seconds=1)
    ApiAccount.current().pause(now + 200 * second, now=now)
    Job.objects.update(due_at=now + 200 * second, hold_reason=Job.HoldReason.RATE)
    capacity.resume_if_taken(sent_at=now - second, now=now)
    assert admit() == []
    capacity.resume_if_taken(sent_at=now + second, now=now)
    assert admit() == [job]


def test_a_long_silence_is_told_once_more(alice: User) -> None:
    job = people.make_job(alice)
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(state=Job.State.SENDING, sent_at=now - timedelta(seconds=12))
    told = capacity.tell_silence(None, now=now)
    assert told == (now - timedelta(seconds=12), False)
    revision = Revision.current()
    assert capacity.tell_silence(told, now=now + timedelta(seconds=5)) == told
    assert Revision.current() == revision
    assert capacity.tell_silence(told, now=now + timedelta(seconds=20)) == (now - timedelta(seconds=12), True)
    assert Revision.current() == revision + 1


def test_a_conductor_that_is_about_to_leave_stays_for_a_try(alice: User) -> None:
    job = people.make_job(alice)
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(due_at=now + timedelta(seconds=200))
    assert not work_remains(now)
    ApiAccount.current().ask_to_try(now=now)
    assert work_remains(now)
    assert job.cancel(now=now)
    assert not work_remains(now)

"""The one statement for the frame of a page counts the same rows as the querysets of the engine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import ApiAccount, Approval, Job, Revision, SendingPause, User
from studio.models.sql.frame import Frame
from tests.people import make_approval, make_job, make_submission

NOW = timezone.now()
STATES = ("waiting", "sending", "queued", "making", "saving", "done", "failed", "unknown", "cancelled")


@pytest.mark.parametrize("hours", [0, 2])
@pytest.mark.parametrize("state", STATES)
def test_each_state_counts_as_the_querysets_count_it(alice: User, bob: User, state: str, hours: int) -> None:
    ApiAccount.configure()
    make_job(alice, state=state, now=NOW - timedelta(hours=hours))
    make_job(bob, state=state, now=NOW)
    Job.objects.update(weight=3)
    leased = make_submission(alice, now=NOW).jobs.get()
    assert Job.objects.claim("a-conductor", [leased.pk], until=NOW + timedelta(minutes=3), now=NOW)
    frame = Frame.read(alice, now=NOW)
    assert frame.slots_used == Job.objects.occupying(NOW).weight()
    assert frame.in_progress == Job.objects.in_progress().of(alice).count()
    assert frame.open_cases == Job.objects.open_cases().count()
    assert (frame.revision, frame.sending_pauses, frame.approvals) == (Revision.current(), 0, 0)


def test_a_place_of_a_lost_request_is_free_once_its_time_is_over(alice: User) -> None:
    job = make_job(alice, state="unknown", now=NOW)
    assert job.place_until
    assert Frame.read(alice, now=NOW).slots_used == 1
    assert Frame.read(alice, now=job.place_until).slots_used == 0


def test_a_studio_without_rows_has_the_slots_of_its_settings(alice: User) -> None:
    ApiAccount.objects.all().delete()
    SendingPause.pause(SendingPause.Reason.ADMIN, now=NOW)
    frame = Frame.read(alice, now=NOW)
    assert (frame.slots, frame.slots_used, frame.sending_pauses) == (ApiAccount.current().slots, 0, 1)


def test_requests_that_wait_are_counted(alice: User) -> None:
    make_approval(alice).cancel(now=NOW)
    make_approval(alice)
    assert Frame.read(alice, now=NOW).approvals == Approval.objects.waiting().count() == 1

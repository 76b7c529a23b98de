"""A job that our own machine keeps from being sent: it goes back in line, and a person is asked in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.engine import submit
from studio.models import Attempt, Job, User
from tests import people

NOW = timezone.now()
REFUSED = PermissionError(13, "Permission denied")


def claimed(person: User) -> Job:
    job = people.make_job(person)
    [job] = Job.objects.claim("the-tests", [job.pk], until=NOW + timedelta(minutes=3), now=NOW)
    return job


def test_what_was_not_posted_goes_back_in_line(alice: User) -> None:
    job = people.make_job(alice, state="sending", now=NOW)
    submit._let_go(job)
    job.refresh_from_db()
    assert (job.state, job.lease_owner) == ("waiting", "")
    assert "before it was sent" in Attempt.objects.get(job=job).detail


def test_what_another_conductor_holds_by_now_is_left_to_it(alice: User) -> None:
    job = people.make_job(alice, state="sending", now=NOW)
    Job.objects.filter(pk=job.pk).update(lease_epoch=job.lease_epoch + 1)
    submit._let_go(job)
    job.refresh_from_db()
    assert job.state == "sending"


@pytest.mark.parametrize("step", ["_postpone_unprepared", "_requeue_unposted"])
def test_a_disk_that_keeps_refusing_ends_the_job_and_nothing_was_sent(alice: User, step: str) -> None:
    for tries, state in ((submit.MOST_PREPARATIONS - 1, "waiting"), (submit.MOST_PREPARATIONS, "failed")):
        job = claimed(alice) if step == "_postpone_unprepared" else people.make_job(alice, state="sending", now=NOW)
        job.fetches = tries
        getattr(submit, step)(job, REFUSED, NOW)
        job.refresh_from_db()
        assert job.state == state
    assert job.cause == "unreachable"
    assert "Permission denied" in job.detail
    assert job.charge == Job.Charge.NONE

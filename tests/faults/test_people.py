"""What people do while a job is under way."""

from __future__ import annotations

import threading

from django.db import connections
from django.utils import timezone

from studio.engine import capacity
from studio.models import Job, User
from tests import people
from tests.faults.answers import accept, accept_then, close
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double


def test_f05_an_unknown_job_is_sent_again_only_on_a_persons_word(double: Double, run: Run, alice: User) -> None:
    double.part("a lake", post=[accept_then(close), accept])
    job = job_for(alice, "a lake")
    run()
    job.refresh_from_db()
    assert job.state == Job.State.UNKNOWN
    assert job.send_again(by=alice, now=timezone.now())
    run()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)
    assert [attempt.asked_by for attempt in job.attempts_made.all()] == [alice, None]
    assert len(double.accepted()) == 2


def test_f41_a_job_can_be_cancelled_until_it_is_being_sent(double: Double, run: Run, alice: User) -> None:
    claimed, sending = job_for(alice, "claimed"), job_for(alice, "sending")
    now = timezone.now()
    held = {job.pk: job for job in capacity.admit("one", now=now)}
    assert claimed.cancel(now=now)
    until = now + capacity.SENDING_LEASE
    assert held[claimed.pk].begin_sending(provider="here", weight=1, until=until, now=now) is None
    assert held[sending.pk].begin_sending(provider="here", weight=1, until=until, now=now)
    assert not sending.cancel(now=now)
    Job.objects.filter(pk=sending.pk).update(lease_until=now)
    run()
    sending.refresh_from_db()
    assert sending.state == Job.State.UNKNOWN
    assert double.posts == []


def test_f41_a_cancel_that_races_the_sending_has_one_winner(double: Double, settle: Settle, alice: User) -> None:
    jobs = list(people.make_submission(alice, prompt="race", count=8).jobs.order_by("number"))
    cancelled: dict[int, bool] = {}

    def cancel() -> None:
        for job in reversed(jobs):
            cancelled[job.pk] = job.cancel(now=timezone.now())
        connections.close_all()

    racer = threading.Thread(target=cancel)
    racer.start()
    settle()
    racer.join()
    for job in Job.objects.all():
        assert job.state == (Job.State.CANCELLED if cancelled[job.pk] else Job.State.DONE)
    assert len(double.posts) == list(cancelled.values()).count(False)

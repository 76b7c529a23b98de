"""Luma asks to wait for minutes, and an admin has one job tried meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import ApiAccount, Attempt, Job, User
from studio.models.job import MOST_RESENDS
from tests.faults.answers import accept, hang, reply
from tests.faults.call import Act
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double

WAIT = reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "300"})


def try_now() -> None:
    ApiAccount.current().ask_to_try(now=timezone.now())


def test_one_job_is_tried_at_once_and_the_others_follow_when_luma_takes_it(
    double: Double, run: Run, settle: Settle, alice: User
) -> None:
    double.closed_to_posts = WAIT
    jobs = [job_for(alice, f"{number}") for number in range(4)]
    run()
    assert len(double.posts) in {1, 2}, "what was on the wire already"
    before = len(double.posts)
    try_now()
    run()
    assert len(double.posts) == before + 1
    assert ApiAccount.current().is_paused_long(timezone.now())
    double.closed_to_posts = None
    try_now()
    settle()
    assert Job.objects.filter(state=Job.State.DONE).count() == len(jobs)
    assert ApiAccount.current().paused_until is None
    assert len(double.posts) == before + 1 + len(jobs)


def test_what_is_tried_on_a_persons_word_is_no_repetition_of_studios_own(double: Double, run: Run, alice: User) -> None:
    double.part("a lake", post=[WAIT])
    job = job_for(alice, "a lake")
    run(linger=0)
    for _ in range(MOST_RESENDS + 2):
        try_now()
        run(linger=0)
    job.refresh_from_db()
    assert (job.state, job.resends, job.attempts) == (Job.State.WAITING, 1, 1 + MOST_RESENDS + 2)
    assert set(job.attempts_made.values_list("outcome", "charge")) == {(Attempt.Outcome.HELD, Job.Charge.NONE)}
    # Left alone it ends as ever.
    for _ in range(MOST_RESENDS):
        ApiAccount.objects.update(paused_until=None)
        Job.objects.update(due_at=timezone.now())
        run(linger=0)
    job.refresh_from_db()
    assert (job.state, job.cause) == (Job.State.FAILED, "busy")


def test_what_was_sent_before_luma_asked_to_wait_does_not_end_the_wait() -> None:
    now, second = timezone.now(), timedelta(seconds=1)
    ApiAccount.current().pause(now + 200 * second, now=now)
    assert not ApiAccount.end_pause(sent_at=now - second, now=now)
    assert ApiAccount.end_pause(sent_at=now + second, now=now)
    assert not ApiAccount.end_pause(sent_at=now + second, now=now)


@pytest.mark.parametrize("says", [hang, reply(500)], ids=["silent", "500"])
def test_an_answer_that_gets_lost_ends_no_wait(double: Double, run: Run, alice: User, says: Act) -> None:
    double.part("a lake", post=[WAIT, says, accept])
    job = job_for(alice, "a lake")
    run(linger=0)
    try_now()
    run(linger=0)
    job.refresh_from_db()
    assert (job.state, len(double.posts)) == (Job.State.UNKNOWN, 2)
    assert ApiAccount.current().is_paused(timezone.now())
    assert not ApiAccount.current().is_to_try(timezone.now())

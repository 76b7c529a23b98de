"""The machine's clock jumps: nothing is sent twice, given up early, or made to wait for an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from studio.models import ApiAccount, ConductorLease, Job, SendingPause, User
from tests import people
from tests.faults.answers import completed, state
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double

HOUR = timedelta(hours=1)


def test_f35_a_clock_set_back_delays_nothing(double: Double, run: Run, settle: Settle, alice: User) -> None:
    """Everything below was written by the clock that was an hour ahead."""
    with time_machine.travel(timezone.now() + HOUR, tick=True):
        now = timezone.now()
        double.part("running", get=[state("processing")])
        jobs = {"running": job_for(alice, "running")}
        run(seconds=0.4)
        jobs |= {"waiting": job_for(alice, "waiting"), "claimed": job_for(alice, "claimed")}
        sending = people.send(job_for(alice, "sending"), now=now)
        ConductorLease.acquire(now=now)
        ConductorLease.objects.update(boot="another", until=now + timedelta(seconds=10))
        for name, seconds in (("running", 30), ("claimed", 180)):
            Job.objects.claim("gone", [jobs[name].pk], until=now + timedelta(seconds=seconds), now=now)
        ApiAccount.current().pause(now + timedelta(seconds=5), now=now)
        SendingPause.pause(SendingPause.Reason.API, now=now)
    double.parts["running"].get = [completed()]
    settle()
    assert states(jobs) == dict.fromkeys(jobs, "done")
    sending.refresh_from_db()
    assert sending.state == Job.State.UNKNOWN


def test_f35_requests_of_a_clock_that_was_ahead_do_not_use_up_the_minute(alice: User, settings: object) -> None:
    ApiAccount.current()
    ApiAccount.objects.update(per_minute=3)
    now = timezone.now()
    for _ in range(3):
        people.make_job(alice, state="failed", now=now + HOUR)
    assert ApiAccount.current().left_this_minute(now) == 3
    assert ApiAccount.current().left_this_minute(now + HOUR) == 0


@pytest.mark.parametrize("jump", [HOUR, timedelta(days=400)])
def test_f35_a_clock_set_forward_gives_nothing_up(double: Double, run: Run, alice: User, jump: timedelta) -> None:
    double.part("running", get=[state("processing")])
    jobs = {"running": job_for(alice, "running")}
    run(seconds=0.4)
    jobs["waiting"] = job_for(alice, "waiting")
    double.parts["running"].get = [completed()]
    with time_machine.travel(timezone.now() + jump, tick=True):
        run()
    assert states(jobs) == {"running": "done", "waiting": "done"}
    assert len(double.posts) == 2


def test_f35_a_jump_in_the_middle_of_a_slice_is_ridden_out(double: Double, settle: Settle, alice: User) -> None:
    travels = [time_machine.travel(timezone.now() + jump, tick=True) for jump in (HOUR, -HOUR)]

    async def jump_then(call: object) -> None:
        if travels:
            travel = travels.pop()
            travel.start()
            begun.append(travel)
        await completed()(call)  # type: ignore[arg-type]

    begun: list[time_machine.travel] = []
    jobs = {name: job_for(alice, name) for name in ("one", "two", "three")}
    for name in jobs:
        double.part(name, get=[state("processing"), jump_then])
    try:
        settle()
    finally:
        for travel in reversed(begun):
            travel.stop()
    assert states(jobs) == dict.fromkeys(jobs, "done")
    assert len(double.posts) == 3

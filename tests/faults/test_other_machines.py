"""A conductor on another machine dies, is cut off or only freezes: its work is taken over, and nothing is sent twice."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from studio.engine import recovery, spool
from studio.models import ConductorLease, Job, Machine, User
from studio.models.lease import boot_id, process_start
from tests import people
from tests.faults.answers import state
from tests.faults.conftest import Run, job_for
from tests.faults.double import Double
from tests.faults.test_crashes import STALL, kill_at, stopped_at, wait_for

SILENCE = timedelta(seconds=0.4)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "SILENCE", SILENCE)
    monkeypatch.setattr("studio.engine.conductor.KEEP", 0.1)


def move_away(host: str = "other") -> None:
    """The one who conducts is on another machine, whose launcher told a moment ago that it is alive."""
    ConductorLease.objects.update(host=host, boot="another machine")
    Machine.arrive(host, "conductor", now=timezone.now() - timedelta(hours=1))
    Machine.see(host, "conductor", now=timezone.now())


def lost_on_the_wire(person: User) -> Job:
    """What the holder of the lease was sending."""
    job = people.send(people.make_job(person, prompt="on the wire"), now=timezone.now())
    Job.objects.filter(pk=job.pk).update(lease_owner=ConductorLease.objects.get().holder)
    return job


def test_what_a_dead_machine_had_on_the_wire_is_settled_soon(double: Double, run: Run, alice: User) -> None:
    taken = job_for(alice, "a lake")
    kill_at(double, "the id is stored")
    move_away()
    lost = lost_on_the_wire(alice)
    assert run(seconds=1) is False  # the time of its lease is not over
    ConductorLease.objects.update(until=timezone.now())
    run(seconds=8, linger=1.0)
    taken.refresh_from_db()
    lost.refresh_from_db()
    assert (taken.state, lost.state) == (Job.State.DONE, Job.State.UNKNOWN)
    assert len(double.posts) == 1


def test_an_id_that_stands_in_the_spool_is_followed_instead(double: Double, run: Run, alice: User) -> None:
    double.part("slow", get=[state("processing")])
    job = job_for(alice, "slow")
    kill_at(double, "the answer is read")
    move_away()
    job.refresh_from_db()
    assert job.request_id
    spool.keep(job.request_id, double.accepted()[0].remote_id)
    ConductorLease.objects.update(until=timezone.now())
    run(seconds=2)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


def test_a_machine_that_still_tells_that_it_lives_keeps_what_it_sends(double: Double, run: Run, alice: User) -> None:
    """Its conductor is cut off from the database, perhaps, and reads its answer in a moment."""
    job_for(alice, "a lake")
    kill_at(double, "made is stored")
    move_away()
    lost = lost_on_the_wire(alice)
    owner = ConductorLease.objects.get().holder
    now = timezone.now()
    ConductorLease.objects.update(until=now)
    gone = recovery.predecessor(now=now)
    assert gone
    for second in (2, 4, 6):
        at = now + timedelta(seconds=second)
        Machine.see("other", "conductor", now=at - SILENCE / 2)
        left = recovery.settle_silent("us", gone, now=at)
        assert left
        gone = left
    lost.refresh_from_db()
    assert (lost.state, lost.lease_owner) == (Job.State.SENDING, owner)
    # Then it is silent after all.
    assert recovery.settle_silent("us", gone, now=gone.since + SILENCE) is None
    lost.refresh_from_db()
    assert lost.state == Job.State.UNKNOWN


def test_a_container_that_starts_again_under_its_name_has_none_of_its_processes(
    double: Double, run: Run, alice: User
) -> None:
    job_for(alice, "a lake")
    kill_at(double, "made is stored")
    move_away()
    lost = lost_on_the_wire(alice)
    now = timezone.now()
    Machine.arrive("other", "conductor", now=now)
    ConductorLease.objects.update(until=now)
    run(seconds=3)
    lost.refresh_from_db()
    assert lost.state == Job.State.UNKNOWN


def test_a_machine_nobody_knows_keeps_the_time_of_its_post(double: Double, run: Run, alice: User) -> None:
    """`manage.py conductor` has no launcher that tells of it."""
    job_for(alice, "a lake")
    kill_at(double, "made is stored")
    lost = lost_on_the_wire(alice)
    now = timezone.now()
    ConductorLease.objects.update(host="by hand", boot="another machine", until=now)
    gone = recovery.predecessor(now=now)
    assert gone
    assert recovery.settle_silent("us", gone, now=now + timedelta(seconds=60)) == gone
    lost.refresh_from_db()
    assert lost.state == Job.State.SENDING


@pytest.mark.parametrize(
    ("point", "end", "posts"),
    [("the answer is read", Job.State.DONE, 1), ("sending is committed", Job.State.UNKNOWN, 0)],
)
def test_a_machine_that_was_only_frozen_sends_nothing_twice(
    double: Double, run: Run, alice: User, point: str, end: str, posts: int
) -> None:
    """Another one takes over and settles the job. When the frozen one goes on, its answer counts all the same."""
    job = job_for(alice, "a lake")
    with stopped_at(double, point, **STALL) as wake:
        move_away()
        wait_for(lambda: not ConductorLease.is_live(now=timezone.now()))
        run(seconds=8, linger=1.0)
        job.refresh_from_db()
        assert job.state == Job.State.UNKNOWN
        wake()
    run(linger=0.5)
    job.refresh_from_db()
    assert (job.state, len(double.posts)) == (end, posts)


def test_an_earlier_slice_of_this_process_that_could_not_release_anything_is_gone(
    double: Double, run: Run, alice: User
) -> None:
    """The database was away at its end: nobody waits for what it held, although its process lives."""
    taken = job_for(alice, "a lake")
    kill_at(double, "made is stored")
    lost = lost_on_the_wire(alice)
    until = timezone.now()
    pid = os.getpid()
    ConductorLease.objects.update(boot=boot_id(), pid=pid, pid_started=process_start(pid), until=until)
    run(seconds=3)
    taken.refresh_from_db()
    lost.refresh_from_db()
    assert (taken.state, lost.state) == (Job.State.DONE, Job.State.UNKNOWN)

"""kill -9 at every step: the next conductor goes on from what stands in the tables."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from studio.models import Attempt, ConductorLease, Job, Submission, User
from studio.models.lease import process_start
from studio.models.requests.request_spec import RequestSpec
from tests import people
from tests.faults import crashing_process
from tests.faults.answers import accept, accept_as_then, after, completed, queued, reply, state
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double
from tests.servers import tables

# At these two, nobody can know whether the request went out.
CANNOT_KNOW = {"sending is committed", "the answer is read"}


def database() -> str:
    return str(connection.settings_dict["NAME"])


def kill_at(double: Double, point: str) -> None:
    process = crashing_process.start(crashing_process.conduct_at, database(), double.url, point, signal.SIGKILL, {})
    process.join(20)
    assert process.exitcode == -signal.SIGKILL, point


@contextmanager
def stopped_at(double: Double, point: str, **constants: object) -> Iterator[Callable[[], None]]:
    """A conductor that has just been stopped at this point, and what wakes it and waits for its end."""
    named = {name.replace("__", "."): value for name, value in constants.items()}
    process = crashing_process.start(crashing_process.conduct_at, database(), double.url, point, signal.SIGSTOP, named)
    assert process.pid
    stat = Path(f"/proc/{process.pid}/stat")

    def wake() -> None:
        os.kill(process.pid or 0, signal.SIGCONT)
        process.join(20)
        assert process.exitcode == 0

    try:
        wait_for(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T")
        yield wake
    finally:
        process.kill()
        process.join(5)


def wait_for(happens: Callable[[], object], *, within: float = 15.0) -> None:
    until = time.monotonic() + within
    while not happens():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


@pytest.mark.parametrize("point", ["before the commit", "after the commit"])
def test_f01_f02_an_order_is_placed_once_or_not_at_all(run: Run, alice: User, point: str) -> None:
    token = uuid.uuid4()
    process = crashing_process.start(crashing_process.place, database(), alice.pk, token, point)
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    assert Submission.objects.count() == (1 if point == "after the commit" else 0)
    spec = RequestSpec(type="image", prompt="three lakes", model="uni-1", count=3)
    _, is_new = Submission.place(alice, token, spec, now=timezone.now())
    assert is_new is (point == "before the commit")
    assert Job.objects.count() == 3
    run()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}


def test_f04_f05_f29_killed_at_every_step_nothing_is_lost_or_paid_twice(double: Double, run: Run, alice: User) -> None:
    jobs = {}
    for point in crashing_process.POINTS:
        jobs[point] = job_for(alice, point)
        kill_at(double, point)
        run(linger=0.05)
    assert states(jobs) == {point: "unknown" if point in CANNOT_KNOW else "done" for point in jobs}
    assert len(double.accepted()) == len(jobs) - 1
    for point in CANNOT_KNOW:
        job = Job.objects.get(pk=jobs[point].pk)
        assert job.attempts_made.get().outcome == Attempt.Outcome.UNKNOWN
        assert job.sentence.startswith("Luma's answer got lost")


@pytest.mark.parametrize("status", [201, 429, 400])
def test_ids_that_were_being_told_apart_are_asked_about_after_a_death(
    double: Double, settle: Settle, alice: User, status: int
) -> None:
    right, other = str(uuid.uuid4()), str(uuid.uuid4())
    body = queued(other) if status == 201 else {"detail": f"No, see {other}"}
    says = reply(status, body | {"generation": {"id": right}})
    double.part("a lake", post=[accept_as_then(right, says), accept])
    job = job_for(alice, "a lake")
    kill_at(double, "the ids are told apart")
    job.refresh_from_db()
    assert job.state == Job.State.SENDING
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, right, 1)


def test_f38_a_dead_conductor_is_replaced_at_once(double: Double, run: Run, alice: User) -> None:
    """Hanging ones and whole stacks: tests/stack."""
    job = job_for(alice, "a lake")
    kill_at(double, "made is stored")
    job.refresh_from_db()
    assert job.lease_until
    assert job.lease_until > timezone.now() + timedelta(seconds=10)
    began = time.monotonic()
    run()
    assert time.monotonic() - began < 4
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_f38_another_machine_takes_over_what_a_dead_one_followed(double: Double, run: Run, alice: User) -> None:
    """All that is known of a machine that died is that its conductor does not renew its lease any more."""
    job = job_for(alice, "a lake")
    kill_at(double, "made is stored")
    lost = people.send(people.make_job(alice, prompt="on the wire"), now=timezone.now())
    ConductorLease.objects.update(host="other", boot="another machine")
    lease = ConductorLease.objects.get()
    Job.objects.filter(pk=lost.pk).update(lease_owner=lease.holder)
    assert run(seconds=1) is False  # its time is not over
    ConductorLease.objects.update(until=timezone.now())
    began = time.monotonic()
    run(seconds=3)
    assert time.monotonic() - began < 5
    job.refresh_from_db()
    lost.refresh_from_db()
    assert job.state == Job.State.DONE
    # Its answer may still come: it is alive, perhaps, and only cut off.
    assert (lost.state, len(double.posts)) == (Job.State.SENDING, 1)


def test_f38_what_luma_has_taken_is_not_held_as_long_as_a_post(double: Double, run: Run, alice: User) -> None:
    double.part("slow", get=[state("processing")])
    job = job_for(alice, "slow")
    kill_at(double, "the id is stored")
    job.refresh_from_db()
    assert job.lease_until
    assert job.state == Job.State.RUNNING
    assert job.lease_until < timezone.now() + timedelta(seconds=35)


def test_f38_a_killed_process_that_nobody_has_buried_is_dead() -> None:
    """A hung queue does not bury its workers; their lease must not wait for that."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert process_start(process.pid)
        process.kill()
        wait_for(lambda: Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
        assert process_start(process.pid) == ""


def test_f39_asked_to_stop_it_finishes_what_is_on_the_wire(double: Double, run: Run, alice: User) -> None:
    """Restarts of the whole studio under load: tests/stack."""
    double.part("slow to take", post=[after(0.6, accept)], get=[state("processing")])
    slow = list(people.make_submission(alice, prompt="slow to take", count=4).jobs.all())
    process = crashing_process.start(crashing_process.conduct_at, database(), double.url, "", 0, {})
    wait_for(lambda: len(double.posts) == 4)
    assert process.pid
    os.kill(process.pid, signal.SIGTERM)
    process.join(20)
    assert process.exitcode == 0
    assert {Job.objects.get(pk=job.pk).state for job in slow} == {Job.State.RUNNING}
    assert not ConductorLease.is_live(now=timezone.now())
    double.parts["slow to take"].get = [completed()]
    run()
    assert {Job.objects.get(pk=job.pk).state for job in slow} == {Job.State.DONE}
    assert len(double.posts) == 4


STALL = {"submit__STALE": 0.5, "lease__LEASE_LIFE": timedelta(seconds=0.6), "conductor__KEEP": 0.1}
BRIEF = STALL | {"capacity__SENDING_LEASE": timedelta(seconds=0.6), "conductor__ROW_LEASE": timedelta(seconds=0.6)}


@pytest.mark.parametrize(("point", "end"), [("claimed", Job.State.DONE), ("sending is committed", Job.State.UNKNOWN)])
def test_f34_a_conductor_that_slept_past_its_lease_sends_nothing(
    double: Double, run: Run, alice: User, point: str, end: str
) -> None:
    job = job_for(alice, "a lake")
    with stopped_at(double, point, **BRIEF) as wake:
        wait_for(lambda: not ConductorLease.is_live(now=timezone.now()))
        wait_for(lambda: Job.objects.unleased(timezone.now()).exists())
        run()
        job.refresh_from_db()
        assert job.state == end
        posts = len(double.posts)
        wake()
    assert len(double.posts) == posts
    job.refresh_from_db()
    assert job.state == end


def test_f34_a_conductor_that_slept_alone_sends_later(double: Double, run: Run, alice: User) -> None:
    job = job_for(alice, "a lake")
    with stopped_at(double, "sending is committed", **STALL) as wake:
        time.sleep(0.6)  # longer than STALE: this is the stall itself
        wake()
    run()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert len(double.posts) == 1


def test_f40_a_restored_backup_asks_instead_of_sending(double: Double, run: Run, alice: User, tmp_path: Path) -> None:
    """What was being sent when the backup was made is unknown, what had an id is brought home again.

    What was still waiting then: test_restores.py.
    """
    double.part("on the wire", post=[after(0.5, accept)])
    double.part("at Luma", get=[state("processing")])
    jobs = {"at Luma": job_for(alice, "at Luma")}
    run(seconds=0.5)
    jobs["on the wire"] = job_for(alice, "on the wire")
    process = crashing_process.start(crashing_process.conduct_at, database(), double.url, "", 0, {})
    wait_for(lambda: len(double.posts) == 2)
    copy_tables(database(), str(tmp_path / "backup"))
    double.parts["at Luma"].get = [completed()]
    process.join(20)
    assert states(jobs) == {"at Luma": "done", "on the wire": "done"}
    copy_tables(str(tmp_path / "backup"), database())
    run()
    assert states(jobs) == {"at Luma": "done", "on the wire": "unknown"}
    assert len(double.posts) == 2


def copy_tables(source: str, target: str) -> None:
    """Copy what stands in the tables to a file, or back."""
    if connection.vendor == "postgresql":
        return tables.keep() if source == database() else tables.put_back()
    connection.close()
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    return None

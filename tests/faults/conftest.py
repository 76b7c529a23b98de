"""A scripted API, short waits, one slice of the conductor at a time, and a referee after every test."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from studio.engine import capacity, collect, conductor, db_thread, integrity, job_steps, pacing, poll, submit
from studio.luma import ApiKey, Downloaded, Luma, answers
from studio.luma.pace import Turn, at_once
from studio.models import ApiAccount, Attempt, Job, SendingPause, User
from tests import people
from tests.faults import referee
from tests.faults.double import Double

KEY = "luma-api-canary-5d41402abc4b2a76b9719d911017c592"
# The same behaviour in less time. Which waits there are is tested elsewhere; here only what follows them.
SHORT: dict[Any, dict[str, Any]] = {
    answers: {"MIN_WAIT": 0.05},
    capacity: {"FIRST_WAIT": timedelta(seconds=0.1), "LONGEST_WAIT": timedelta(seconds=0.3)},
    collect: {"RETRY": 0.02},
    conductor: {"TICK": 0.05, "SWEEP": 0.2, "RETRY_STEP": 0.1},
    db_thread: {"RETRY_STEP": 0.1},
    job_steps: {"PAUSED_POLL": 0.2, "RETRY_STEP": 0.1},
    pacing: {"NO_HISTORY": 0.1, "BRISK": 0.1, "FIRST_LOOKS": (0.1,)},
    poll: {"RETRY_READ": 0.05, "SOONEST_RETRY": 0.1, "LONGEST_RETRY": 0.5},
    submit: {"FIRST_BACKOFF": 0.05, "LONGEST_BACKOFF": 0.2},
}
# How much longer the same steps may take where tables and files lie on servers: so many times, and so many seconds more.
SLOWER, MOST_SLOWER = 3.0, 6.0


class Hasty(Luma):
    """The client, with less patience for a slow storage."""

    WALL = 0.5  # seconds
    CREATE_WALL = 1.0

    async def download(
        self, url: str, to: Path, *, stall: float | None = None, turn: Turn = at_once, **_: Any
    ) -> Downloaded:
        return await super().download(url, to, max_bytes=300_000, wall=self.WALL, stall=stall, turn=turn)


def hasty(address: str) -> Luma:
    return Hasty(ApiKey(KEY), address, connect_timeout=0.5, create_wall=Hasty.CREATE_WALL, read_wall=0.5)


Run = Callable[..., bool]
Settle = Callable[..., None]
Until = Callable[[Callable[[], Any]], None]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, constants in SHORT.items():
        for name, value in constants.items():
            monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(seconds=0.2)))


@pytest.fixture
def double(tmp_path: Path, settings: Settings) -> Iterator[Double]:
    with Double(tmp_path / "book") as running:
        settings.LUMA_BASE_URL = running.url
        yield running


@pytest.fixture(autouse=True)
def all_is_well(transactional_db: None, double: Double, settings: Settings) -> Iterator[None]:
    """After every fault: each promise holds, and the API's book agrees with ours."""
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 50, 10_000
    for folder in (django_settings.WORK_DIR, django_settings.SPOOL_DIR):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
    yield
    assert integrity.check(timezone.now()) == []
    assert referee.complaints(double) == []


@pytest.fixture
def alice() -> User:
    return people.make_person("Alice Moreau")


@pytest.fixture
def ada() -> User:
    return people.make_person("Ada Admin", role=User.Role.ADMIN)


@pytest.fixture
def run(settings: Settings) -> Run:
    """Conduct until nothing is left to do, or for `seconds`; return whether work remains."""

    def run(*, seconds: float = 8.0, linger: float = 0.15, has_stored: bool = True) -> bool:
        """`has_stored`: the files' storage took something a moment ago, so it is not tried before anything is sent.

        `seconds` is what a slice takes on SQLite and a disk.
        """
        if connection.vendor == "postgresql":
            seconds = min(seconds * SLOWER, seconds + MOST_SLOWER)

        async def slice_of_work() -> bool:
            async with hasty(settings.LUMA_BASE_URL) as luma:
                one = conductor.Conductor(luma, slice=seconds, linger=linger)
                if has_stored:
                    one.stored_at = time.monotonic()
                return await one.run()

        return asyncio.run(slice_of_work())

    return run


@pytest.fixture
def settle(run: Run) -> Settle:
    """Conduct slice after slice until every job is at its end, however busy this machine is."""

    def settle(*, within: float = 30.0, resume: bool = False, look_up: bool = False) -> None:
        """`resume`: an admin keeps pressing Resume; `look_up`: ids that are asked about count as work too."""
        until = time.monotonic() + within
        while Job.objects.in_progress().exists() or (look_up and Attempt.objects.exclude(look_at=None).exists()):
            assert time.monotonic() < until, list(Job.objects.in_progress())
            if resume:
                SendingPause.objects.update(probe_at=timezone.now())
                ApiAccount.objects.update(paused_until=None)
                Job.objects.waiting().update(due_at=timezone.now())
            run(linger=0.3)

    return settle


@pytest.fixture
def until(run: Run) -> Until:
    """Conduct short slice after short slice until something is true, however busy this machine is."""

    def until(is_true: Callable[[], Any]) -> None:
        ends = time.monotonic() + 30
        while not is_true():
            assert time.monotonic() < ends, "it never came true"
            run(seconds=0.4)

    return until


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long this machine takes for an answer to a POST, none is lost."""
    monkeypatch.setattr(Hasty, "CREATE_WALL", 60.0)


def job_for(person: User, prompt: str, **spec: Any) -> Job:
    """A waiting job with this prompt, due at once."""
    return people.make_job(person, prompt=prompt, took=timedelta(0), **spec)


def states(jobs: dict[str, Job]) -> dict[str, str]:
    now = dict(Job.objects.values_list("pk", "state"))
    return {name: now[job.pk] for name, job in jobs.items()}


__all__ = ["KEY", "Double", "Run", "Settle", "Until", "hasty", "job_for", "states"]


@pytest.fixture(autouse=True)
def no_mark() -> None:
    """Each test has tables of its own, and no memory of others."""
    (Path(django_settings.STUDIO_DATA) / "mark.json").unlink(missing_ok=True)


@pytest.fixture
def four(alice: User) -> dict[str, Job]:
    """Jobs that wait to be sent, the last of them once more: it was refused for want of room."""
    jobs = {name: job_for(alice, name) for name in ("one", "two", "three", "again")}
    jobs["again"] = people.send(jobs["again"], now=timezone.now())
    assert jobs["again"].requeue(until=timezone.now(), detail="busy", status=429, now=timezone.now())
    return jobs

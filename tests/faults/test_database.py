"""Faults of our own tables: the engine waits, and forgets nothing that Luma said."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from studio.engine import spool
from studio.models import Attempt, Job, User
from tests import people
from tests.faults.answers import accept, completed, reply, state
from tests.faults.call import Call
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double

Execute = Callable[..., Any]
LOCK = {"sqlite": ["BEGIN IMMEDIATE"], "postgresql": ["BEGIN", "LOCK TABLE studio_job"]}


@contextmanager
def failing(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], kind: type[Exception], times: int
) -> Iterator[None]:
    """Let the first `times` statements with these words fail, in whichever thread they are run."""
    from django.db.backends.utils import CursorWrapper

    inner = CursorWrapper.execute
    left = [times]

    def execute(self: Any, sql: str, params: Any = None) -> Any:
        if left[0] and all(word in f"{sql} {[str(value) for value in params or ()]}" for word in words):
            left[0] -= 1
            raise kind("the database is not there")
        return inner(self, sql, params)

    with monkeypatch.context() as patched:
        patched.setattr(CursorWrapper, "execute", execute)
        yield
    assert left[0] == 0, "no such statement was run"


def other_connection() -> Any:
    """A connection of nobody's, on which each statement counts at once."""
    if connection.vendor == "sqlite":
        return sqlite3.connect(connection.settings_dict["NAME"], timeout=5, isolation_level=None)
    import psycopg

    known = connection.get_connection_params()
    where = {name: known[name] for name in ("dbname", "host", "port", "user", "password") if known.get(name)}
    return psycopg.connect(**where, autocommit=True)


def hold_the_lock(call: Call, seconds: float) -> threading.Thread:
    """Lock the whole database from another connection, as a stuck backup would. Returns when it is locked."""
    locked = threading.Event()

    def hold() -> None:
        with closing(other_connection()) as other:
            for statement in LOCK[connection.vendor]:
                other.execute(statement)
            locked.set()
            released.wait(seconds)
            other.execute("ROLLBACK")

    released = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(5)
    return thread


def test_f31_an_id_that_comes_while_the_database_is_locked_is_spooled_and_adopted(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = ("timeout", 0.1) if connection.vendor == "sqlite" else ("options", "-c lock_timeout=100")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], *patience)
    threads: list[threading.Thread] = []

    async def lock_then_accept(call: Call) -> None:
        threads.append(hold_the_lock(call, 0.8))
        await accept(call)

    double.part("locked", post=[lock_then_accept])
    job = job_for(alice, "locked")
    run(linger=1.2)
    threads[0].join()
    settle()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert len(double.posts) == 1
    assert list(settings.SPOOL_DIR.iterdir()) == []


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_f31_an_id_the_database_refuses_is_spooled_and_adopted(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    job = job_for(alice, "a lake")
    with failing(monkeypatch, ("UPDATE", "remote_id", "'running'"), kind, 1):
        run()
    settle()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert len(double.posts) == 1


def test_f31_an_id_that_nothing_takes_is_kept_in_memory_until_something_does(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: neither the tables nor the spool."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "keep", full)
    job = job_for(alice, "a lake")
    with failing(monkeypatch, ("UPDATE", "remote_id", "'running'"), OperationalError, 3):
        run()
    settle()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert len(double.posts) == 1


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize(
    "words",
    [("UPDATE", "'saving'"), ("INSERT", "studio_picture"), ("INSERT", "studio_rendition"), ("COUNT", "sent_at")],
)
def test_f31_a_step_the_database_refuses_is_repeated_in_the_same_slice(
    double: Double,
    run: Run,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
    words: tuple[str, ...],
) -> None:
    job = job_for(alice, "a lake")
    with failing(monkeypatch, words, kind, 1):
        run(linger=0.4)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert len(double.posts) == 1


def test_f31_a_failure_the_database_does_not_take_is_no_trouble_with_saving(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    double.part("fell", get=[completed([]), state("failed", failure_code="output_not_found")])
    job = job_for(alice, "fell")
    with failing(monkeypatch, ("UPDATE", "'failed'"), OperationalError, 1):
        run(linger=0.6)
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "luma_failed", Job.Charge.REFUNDED)
    assert "A step waits for the database" in caplog.text
    assert caplog.text.count("could not be saved yet") == 1  # when it had no link


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize("words", [("UPDATE", "'sending'"), ("INSERT", "studio_attempt"), ("SELECT", "studio_input")])
def test_f31_what_the_database_did_not_let_go_out_is_sent_in_the_same_slice(
    double: Double,
    run: Run,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
    words: tuple[str, ...],
) -> None:
    """Nothing was posted, so it need not wait for the end of its lease, nor be unknown."""
    job = job_for(alice, "a lake")
    with failing(monkeypatch, words, kind, 1):
        run(linger=0.6)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert len(double.posts) == 1


def test_f31_a_refusal_that_the_database_does_not_take_at_first_is_not_forgotten(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.part("busy", post=[reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "0"}), accept])
    job = job_for(alice, "busy")
    with failing(monkeypatch, ("UPDATE", "'waiting'", "resends"), OperationalError, 2):
        run(linger=1.0)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)
    assert len(double.posts) == 2


def test_f32_a_missing_table_stops_the_engine_and_loses_nothing(double: Double, run: Run, alice: User) -> None:
    jobs = {"one": job_for(alice, "one")}

    async def rename_then_accept(call: Call) -> None:
        _rename("studio_job", "studio_job_away")
        await accept(call)

    double.part("one", post=[rename_then_accept])
    with pytest.raises(DatabaseError):
        run(seconds=1)
    _rename("studio_job_away", "studio_job")
    jobs["two"] = job_for(alice, "two")
    run()
    assert states(jobs) == {"one": "done", "two": "done"}
    assert len(double.posts) == 2


def _rename(old: str, new: str) -> None:
    with closing(other_connection()) as other:
        if connection.vendor == "sqlite":
            other.execute("PRAGMA legacy_alter_table=ON")
        other.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_f31_a_spooled_id_that_nobody_takes_is_kept_with_its_attempt(double: Double, run: Run, alice: User) -> None:
    """The person was quicker and sent it again: the late id explains the first attempt."""
    job = people.make_job(alice, state="unknown")
    first = job.attempts_made.get()
    assert job.send_again(by=alice, now=timezone.now())
    spool.keep(first.request_id, "11111111-1111-4111-8111-111111111111")
    run()
    first.refresh_from_db()
    assert first.remote_id == "11111111-1111-4111-8111-111111111111"
    assert list(settings.SPOOL_DIR.iterdir()) == []
    assert Attempt.objects.filter(job=job).count() == 2


def test_f31_a_spool_that_cannot_be_read_stops_nobody(double: Double, run: Run, alice: User) -> None:
    settings.SPOOL_DIR.joinpath("broken.json").write_text("{")
    settings.SPOOL_DIR.joinpath("folder.json").mkdir()
    job = job_for(alice, "a lake")
    run()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    settings.SPOOL_DIR.joinpath("folder.json").rmdir()
    settings.SPOOL_DIR.joinpath("broken.unreadable").unlink()

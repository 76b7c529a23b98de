"""The mark beside the tables: when nothing was put back, nobody is asked; without a mark, nothing is sent."""

from __future__ import annotations

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from studio.engine import restore_guard
from studio.models import Job, User
from tests import people
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double
from tests.faults.restores import Backup, marked, warnings
from tests.faults.test_crashes import kill_at


def test_f40_a_backup_that_nothing_was_sent_after_is_as_good_as_the_tables(
    double: Double, settle: Settle, alice: User, tmp_path: Path
) -> None:
    job_for(alice, "done before")
    settle()
    waits = job_for(alice, "waits")
    backup = Backup(tmp_path / "backup", double)
    assert waits.cancel(now=timezone.now())
    backup.put_back()
    settle()
    assert states({"waits": waits}) == {"waits": "done"}


def test_f40_a_new_studio_in_an_old_folder_is_no_restored_one(
    double: Double, settle: Settle, alice: User, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    empty = Backup(tmp_path / "empty", double)
    for number in range(3):
        job_for(alice, f"old {number}")
    settle()
    old = restore_guard.read()
    empty.put_back()
    job = job_for(alice, "new")
    settle()
    assert states({"new": job}) == {"new": "done"}
    assert warnings(caplog) == []
    new = restore_guard.read()
    assert old
    assert new
    assert new.studio != old.studio
    assert new.revision < old.revision


def test_f40_two_servers_with_a_folder_each_do_not_doubt_each_other(
    double: Double, settle: Settle, alice: User, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = django_settings.STUDIO_DATA, tmp_path / "there"
    there.mkdir()
    jobs = {}
    for number, folder in enumerate((here, there, here, here, there)):
        settings.STUDIO_DATA = folder
        jobs[str(number)] = job_for(alice, str(number))
        settle()
    settings.STUDIO_DATA = here
    assert set(states(jobs).values()) == {"done"}
    assert warnings(caplog) == []


def test_f40_of_two_conductors_at_once_the_later_one_leaves_its_mark(alice: User) -> None:
    one, two = (people.send(job_for(alice, name), now=timezone.now()) for name in ("one", "two"))
    for job in (two, one):
        restore_guard.advance(job, now=timezone.now())
    known = restore_guard.read()
    assert known
    assert (known.job, known.revision) == (two.code, two.rev)
    assert not known.is_ahead()


def test_f40_a_clock_that_was_set_back_shortens_no_memory(alice: User) -> None:
    """What was sent by the clock that was ahead has to be asked about too."""
    now = timezone.now()
    one, two = (people.send(job_for(alice, name), now=now) for name in ("one", "two"))
    restore_guard.advance(one, now=now + timedelta(hours=1))
    restore_guard.advance(two, now=now)
    known = restore_guard.read()
    assert known
    assert (known.job, known.until) == (two.code, now + timedelta(hours=1))


@pytest.mark.parametrize("point", ["claimed", "sending is committed", "the answer is read", "the id is stored"])
def test_f40_a_killed_conductor_is_no_restored_backup(
    double: Double, settle: Settle, alice: User, point: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With jobs that wait behind it, which a false alarm would stop."""
    job_for(alice, "first")
    kill_at(double, point)
    behind = {name: job_for(alice, name) for name in ("second", "third")}
    settle()
    assert set(states(behind).values()) == {"done"}
    assert not any("put back" in told for told in warnings(caplog))


def test_f40_a_mark_that_cannot_be_understood_is_written_anew(double: Double, settle: Settle, alice: User) -> None:
    marked().write_text('{"studio": ')
    job = job_for(alice, "a lake")
    settle()
    assert states({"it": job}) == {"it": "done"}
    known = restore_guard.read()
    assert known
    assert known.job == job.code


@pytest.mark.parametrize("failure", ["it cannot be read", "the disk is full"])
def test_f40_without_a_mark_nothing_is_sent(
    double: Double, settle: Settle, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    job = job_for(alice, "a lake")
    with monkeypatch.context() as broken:
        if failure == "the disk is full":
            broken.setattr(restore_guard.os, "fdatasync", refuse)
        else:
            marked().mkdir()
        run(seconds=1.0)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    assert double.posts == []
    assert list(django_settings.WORK_DIR.iterdir()) == []
    if failure == "it cannot be read":
        marked().rmdir()
    settle()
    assert states({"it": job}) == {"it": "done"}
    assert job.attempts_made.count() == 1

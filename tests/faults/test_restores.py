"""Tables put back to an earlier state: what waited in them may have been sent since, so a person is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from studio.engine import restore_guard
from studio.failures import PUT_BACK
from studio.models import Job, Revision, SendingPause, User
from tests import people
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double
from tests.faults.restores import Backup, asked, marked, warnings
from tests.faults.test_crashes import kill_at, wait_for


def test_f40_what_waited_in_a_restored_backup_is_not_sent_a_second_time(
    double: Double,
    settle: Settle,
    run: Run,
    alice: User,
    four: dict[str, Job],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    backup = Backup(tmp_path / "backup", double)
    settle()
    assert set(states(four).values()) == {"done"}
    assert len(double.posts) == 4
    backup.put_back()
    assert set(states(four).values()) == {"waiting"}
    later = job_for(alice, "asked for after the restore")
    settle()
    assert asked() == sorted(four)
    assert Job.objects.get(pk=later.pk).state == Job.State.DONE
    assert len(double.posts) == 5
    assert warnings(caplog) == ["The tables were put back to an earlier state: 4 waiting jobs ask before they are sent"]
    # It happens once, and what is new goes its way.
    last = job_for(alice, "another day")
    settle()
    assert Job.objects.get(pk=last.pk).state == Job.State.DONE
    assert asked() == sorted(four)
    assert len(warnings(caplog)) == 1
    # A still older copy is noticed just as well.
    backup.put_back()
    run()
    assert asked() == sorted(four)
    assert len(double.posts) == 6


def test_f40_each_of_them_is_sent_or_written_off_on_a_persons_word(
    double: Double, settle: Settle, run: Run, alice: User, ada: User, four: dict[str, Job], tmp_path: Path
) -> None:
    backup = Backup(tmp_path / "backup", double)
    settle()
    job_for(alice, "nobody knows of it any more")
    settle()
    backup.put_back()
    run()
    known = restore_guard.read()
    assert known
    assert not known.is_ahead()
    desk = people.signed_in(ada).get(reverse("studio:review")).content.decode()
    for job in four.values():
        page = people.signed_in(alice).get(reverse("studio:job", args=[job.code])).content.decode()
        for name in ("send_job_again", "write_off_job"):
            address = reverse(f"studio:{name}", args=[job.code])
            assert address in page
            assert address in desk
    assert desk.count(PUT_BACK.sentence.replace("'", "&#x27;")) == 4
    mine = people.signed_in(alice)
    for name in ("one", "again"):
        mine.post(reverse("studio:send_job_again", args=[four[name].code]), {"sure": "yes"})
    mine.post(reverse("studio:write_off_job", args=[four["two"].code]))
    settle()
    assert states(four) == {"one": "done", "again": "done", "two": "unknown", "three": "unknown"}
    assert Job.objects.get(pk=four["two"].pk).settled_by == alice
    assert sorted(line.prompt for line in double.accepted()) == ["again", "one"]


def test_f40_a_restore_is_noticed_at_the_start_however_late_that_is(
    double: Double, settle: Settle, run: Run, alice: User, tmp_path: Path
) -> None:
    """The pages were open for a while, so the tables have come as far as they had; and nothing may be sent just now."""
    jobs = [job_for(alice, name) for name in ("one", "two")]
    backup = Backup(tmp_path / "backup", double)
    settle()
    known = restore_guard.read()
    assert known
    backup.put_back()
    while Revision.current() < known.revision:
        Revision.bump()
    last = Job.objects.get(code=known.job)
    assert last.cancel(now=timezone.now())
    SendingPause.pause(SendingPause.Reason.ADMIN, now=timezone.now())
    run()
    assert asked() == sorted(job.submission.prompt for job in jobs if job.pk != last.pk)
    assert len(double.posts) == 2


def test_f40_tables_put_back_under_a_running_conductor(double: Double, run: Run, alice: User, tmp_path: Path) -> None:
    with running(run):
        first = job_for(alice, "first")
        wait_for(lambda: Job.objects.get(pk=first.pk).state == Job.State.DONE)
        # Not due yet, or the conductor would be quicker than the backup.
        second = people.make_submission(alice, prompt="second").jobs.get()
        Job.objects.filter(pk=second.pk).update(due_at=timezone.now() + timedelta(seconds=60))
        backup = Backup(tmp_path / "backup", double)
        Job.objects.filter(pk=second.pk).update(due_at=timezone.now())
        wait_for(lambda: Job.objects.get(pk=second.pk).state == Job.State.DONE)
        backup.put_back()
        Job.objects.filter(pk=second.pk).update(due_at=timezone.now())
        wait_for(lambda: Job.objects.get(pk=second.pk).state == Job.State.UNKNOWN)
    assert asked() == ["second"]
    assert len(double.posts) == 2


@contextmanager
def running(run: Run) -> Iterator[None]:
    """A conductor at work in a thread; it leaves when it has nothing to do for longer than tables take to be put back."""
    linger = 5.0 if connection.vendor == "postgresql" else 1.5

    def conduct() -> None:
        run(seconds=20.0, linger=linger)
        connections.close_all()

    thread = threading.Thread(target=conduct)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@pytest.mark.parametrize(
    ("point", "end", "posts"),
    [
        ("the id is stored", "unknown", 1),
        ("the answer is read", "unknown", 1),
        # The power went before the POST and before the mark: the tables say the truth.
        ("sending is committed", "done", 1),
    ],
)
def test_f40_a_power_cut_that_lost_the_last_commits(
    double: Double, settle: Settle, alice: User, tmp_path: Path, point: str, end: str, posts: int
) -> None:
    job_for(alice, "before")
    settle()
    double.close_book()
    double.posts.clear()
    job = job_for(alice, "cut off")
    lost = Backup(tmp_path / "what the disk kept", double)
    kill_at(double, point)
    lost.put_back()
    settle()
    job.refresh_from_db()
    assert job.state == end
    assert len(double.posts) == posts


def test_f40_a_restore_of_everything_is_told_by_hand(
    double: Double, settle: Settle, alice: User, four: dict[str, Job], tmp_path: Path
) -> None:
    backup = Backup(tmp_path / "backup", double)
    settle()
    backup.put_back()
    marked().unlink()
    assert held("--yes").startswith("Waiting to be sent: 4 jobs.\n")
    settle()
    assert asked() == sorted(four)
    assert len(double.posts) == 4
    assert held() == "Nothing waits to be sent, so nothing has to be held.\n"


@pytest.mark.parametrize("answer", ["", "n"])
def test_f40_without_a_yes_nothing_is_held(
    alice: User, settle: Settle, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    job = job_for(alice, "a lake")

    def say(_: str) -> str:
        if not answer:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", say)
    with pytest.raises(CommandError, match=r"Nothing was changed\."):
        held()
    assert states({"it": job}) == {"it": "waiting"}
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert "Held: 1 job." in held()
    assert states({"it": job}) == {"it": "unknown"}


def held(*options: str) -> str:
    out = StringIO()
    call_command("hold", *options, stdout=out, no_color=True)
    return out.getvalue()

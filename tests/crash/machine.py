"""Every order of events as Hypothesis finds it: a state machine of real rows and steps, and an imagined API."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from studio import storage
from studio.engine import integrity
from studio.engine.integrity import stored
from studio.models import ApiAccount, Attempt, Job, Picture, SendingPause, User
from tests import people
from tests.crash.model import Imagined
from tests.crash.outcome import Fate, fates
from tests.crash.worker import Worker
from tests.faults import referee

WAITING, RUNNING, SAVING = Job.State.WAITING, Job.State.RUNNING, Job.State.SAVING
DONE, FAILED, UNKNOWN = Job.State.DONE, Job.State.FAILED, Job.State.UNKNOWN

SLOTS = 3
MOST_JOBS = 12
BEGIN = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
# Children first.
TABLES = (
    *(
        "studio_notification",
        "studio_casenote",
        "studio_failurecount",
        "studio_rendition",
        "studio_remotefile",
        "studio_input",
        "studio_searchdocument",
        "studio_galleryday",
        "studio_gallerymonth",
        "studio_picture",
        "studio_attempt",
        "studio_ledgerrow",
        "studio_job",
        "studio_submission",
    ),
    *("studio_sendingpause", "studio_apiaccount", "studio_conductorlease", "studio_jobcount", "django_q_ormq"),
    *("studio_spentday", "studio_spent"),
)
# What only time makes wrong: nobody has swept since the clock was moved by an hour.
OLD_FILES = {"ids-are-adopted", "no-orphans", "no-leftovers"}

# What a person may do, with a job in which states; some of it is signed.
CLICKS: dict[str, tuple[str, ...]] = {
    "cancel": (WAITING,),
    "lift": (WAITING,),
    "retry": (FAILED,),
    "send_again": (UNKNOWN,),
    "write_off": (FAILED, UNKNOWN),
    "fetch_again": (DONE,),
}
SIGNED = {"retry", "send_again", "write_off"}


which, one_of_two = st.integers(0, 5), st.integers(0, 1)


class Studio(RuleBasedStateMachine):
    """The rows are real and so are the steps; the API, the clock and the deaths are ours."""

    disk_is_full = False
    api: Imagined
    serial: Iterator[int]

    def __init__(self) -> None:
        super().__init__()
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
        # An example must go the same way each time: who was served last and which id comes first decide about turns,
        # and the mark of the last example would seem to be ahead of the tables of this one.
        User.objects.update(served_at=None)
        cache.clear()
        Studio.serial = itertools.count(1)
        for folder in (settings.SPOOL_DIR, settings.WORK_DIR):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        # Each check looks at every file there is: those of the last examples would make each one slower than the one before.
        for file in [file for room in stored.ROOMS for file in storage.listing(room)]:
            default_storage.delete(file.name)
        (settings.STUDIO_DATA / "mark.json").unlink(missing_ok=True)
        self.travel = time_machine.travel(BEGIN, tick=False)
        self.clock = self.travel.start()
        self.runner = asyncio.Runner()
        Studio.api = Imagined()
        self.workers = [Worker(self.api, self.runner) for _ in range(2)]
        self.dead: list[str] = []
        self.excused: set[str] = set()
        self.known: dict[int, tuple[str, int]] = {}
        self.checked: Any = None
        Studio.disk_is_full = False

    def teardown(self) -> None:
        try:
            self._all_ends_well()
        finally:
            self.runner.close()
            self.travel.stop()

    # ---- People

    @initialize()
    def somebody_begins(self) -> None:
        self.submit(0, 3)
        self.submit(1, 1, is_edit=True)

    @rule(person=one_of_two, count=st.integers(1, 3), is_edit=st.booleans())
    @precondition(lambda self: len(self.known) < MOST_JOBS)
    def submit(self, person: int, count: int, is_edit: bool = False) -> None:
        asks = User.objects.order_by("pk")[person]
        if not is_edit:
            people.make_submission(asks, count=count)
            return
        upload = Picture.objects.filter(origin=Picture.Origin.UPLOAD).first()
        source = upload or people.complete_sizes(people.make_picture(asks, size=(48, 32)))
        people.make_submission(asks, count=count, type="image_edit", source=source)

    @rule(act=which, which=which)
    @precondition(lambda self: self.has(WAITING, FAILED, UNKNOWN, DONE))
    def somebody_clicks(self, act: int, which: int) -> None:
        """Do one of the things that a page offers for a job in this state."""
        can = [name for name, states in CLICKS.items() if self.has(*states)]
        name = can[act % len(can)]
        job = self._any(which, *CLICKS[name])
        by: dict[str, Any] = {"by": User.objects.order_by("pk")[0]} if name in SIGNED else {}
        if job.state == UNKNOWN:
            self._excuse(job)
        # The page of a job that somebody wrote off says so, and sends nothing again.
        is_decided = name == "write_off" or (name == "send_again" and job.settled_at is not None)
        done = job.prioritize() if name == "lift" else getattr(job, name)(now=timezone.now(), **by)
        assert done or is_decided, name

    # ---- Conductors

    @rule(worker=one_of_two, which=which, fate=fates)
    def work_on(self, worker: int, which: int, fate: Fate) -> None:
        """Twice, so that there is more work than anything else."""
        self.work(worker, which, fate)

    @rule(worker=one_of_two, which=which, fate=fates)
    def work(self, worker: int, which: int, fate: Fate) -> None:
        """One step of a job that this conductor has."""
        self.api.answer, self.api.is_slow = fate.answer, fate.is_slow
        self.api.look, self.api.download_as, self.api.file = fate.look, fate.download, fate.file
        self.workers[worker].look_for_work()
        self.every_promise_holds()
        self._mourn(worker, lambda: self.workers[worker].work(which, fate.dies, fate.refuses))

    @rule(worker=one_of_two, which=which, fate=fates)
    @precondition(lambda self: any(worker.on_the_wire for worker in self.workers))
    def hear(self, worker: int, which: int, fate: Fate) -> None:
        self._mourn(worker, lambda: self.workers[worker].hear(which, fate.dies, fate.refuses))

    @rule(worker=one_of_two, steps=st.integers(1, 8))
    def go_on(self, worker: int, steps: int) -> None:
        """Everything goes well for a while."""
        for _ in range(steps):
            self.workers[worker].go_on()
            self.what_has_ended_stays_so()

    @rule(worker=one_of_two, what=st.sampled_from(("sweep", "sweep", "renew", "leave", "be_born", "follow")))
    def keep_house(self, worker: int, what: str) -> None:
        """`be_born` is a kill between two steps; `follow` is the start of one who finds the lease of a dead one."""
        if what != "follow":
            self._mourn(worker, getattr(self.workers[worker], what))
        elif self.dead:
            self.workers[worker].follow_a_dead(self.dead.pop())

    # ---- The world

    @rule(seconds=st.sampled_from((1, 6, 31, 185, 185, 600, 3700, 90_000)), disk=st.sampled_from(("", "", "", "full")))
    def wait(self, seconds: int, disk: str) -> None:
        self.clock.shift(timedelta(seconds=seconds))
        Studio.disk_is_full = disk == "full"

    @rule()
    @precondition(lambda self: SendingPause.objects.exists())
    def end_the_pauses(self) -> None:
        SendingPause.resume(*SendingPause.Reason.values)

    # ---- The promises

    @invariant()
    def every_promise_holds(self) -> None:
        moment = (changes(), timezone.now(), len(self.api.book))
        if moment == self.checked:
            return
        self.checked = moment
        self.nothing_is_paid_for_twice_or_forgotten()
        self.what_has_ended_stays_so()
        self.the_limit_of_the_account_holds()
        found = [one for one in integrity.check(timezone.now()) if one.invariant not in OLD_FILES]
        assert found == []

    def nothing_is_paid_for_twice_or_forgotten(self) -> None:
        spooled = {path.stem for path in settings.SPOOL_DIR.glob("*.json")}
        told = Imagined()
        told.book = [line for line in self.api.book if line.request_id not in spooled]
        assert referee.complaints(told) == []  # type: ignore[arg-type]

    def what_has_ended_stays_so(self) -> None:
        """Only a person, or an id that turns up, changes an end; each of them says so on the row."""
        now: dict[int, tuple[str, int]] = {}
        words = dict(Attempt.objects.exclude(asked_by=None).values_list("job", "number"))
        for job in Job.objects.all():
            now[job.pk] = (job.state, job.attempts)
            before, attempts = self.known.get(job.pk, ("", 0))
            if before in Job.FINISHED and job.state != before:
                # A job that was never sent has no attempt to write the word on.
                is_asked = words.get(job.pk) == attempts or (not attempts and job.asked_by_id is not None)
                by_a_person = is_asked or (before, job.state) in PERSONS
                found_id = before == UNKNOWN and job.state == RUNNING
                assert by_a_person or found_id, f"{job} was {before}"
        assert self.known.keys() <= now.keys()
        self.known = now

    def the_limit_of_the_account_holds(self) -> None:
        assert len(self.api.in_flight(timezone.now()) - self.excused) <= max(SLOTS, ApiAccount.current().slots)

    def _all_ends_well(self) -> None:
        """Heal everything: then each job ends, and says how."""
        Studio.disk_is_full = False
        for _ in range(40):
            if not Job.objects.in_progress().exists():
                break
            self.clock.shift(timedelta(minutes=4))
            SendingPause.resume(*SendingPause.Reason.values)
            self.workers[0].work_off()
        else:
            raise AssertionError(f"still under way: {list(Job.objects.in_progress())}")
        self.workers[0].sweep()
        self.nothing_is_paid_for_twice_or_forgotten()
        assert referee.complaints(self.api) == []  # type: ignore[arg-type]
        assert [one for one in integrity.check(timezone.now()) if one.invariant != "no-orphans"] == []
        assert list(settings.SPOOL_DIR.iterdir()) == []

    # ---- How it is done

    def has(self, *states: str) -> bool:
        """Whether a job was in one of these states after the last step."""
        return any(state in states for state, _ in self.known.values())

    def _any(self, which: int, *states: str) -> Job:
        jobs = list(Job.objects.filter(state__in=states).order_by("pk"))
        return jobs[which % len(jobs)]

    def _excuse(self, job: Job) -> None:
        """A person takes it on himself that Luma may still be at work on it."""
        requests = {str(request) for request in job.attempts_made.values_list("request_id", flat=True)}
        self.excused |= {line.remote_id for line in self.api.book if line.request_id in requests}

    def _mourn(self, worker: int, act: Any) -> None:
        owner = self.workers[worker].owner
        act()
        if self.workers[worker].owner != owner:
            self.dead.append(owner)


def changes() -> int:
    """A number that every change of a row makes greater."""
    if connection.vendor == "sqlite":
        return int(connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


PERSONS = {(FAILED, RUNNING), (FAILED, SAVING), (DONE, SAVING)}

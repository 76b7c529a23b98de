"""The loop: acquire the lease, claim what is due, keep three lanes busy (job_steps), leave in order.

It runs as a django-q2 task for one slice and is followed by the next while work remains. Everything it knows is in
the rows; if it is killed at any point, its successor continues from there.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.utils import timezone

from studio import storage
from studio.engine import capacity, lookup, recovery, storing
from studio.engine.api_meter import ApiMeter
from studio.engine.db_thread import DatabaseThread
from studio.engine.job_steps import JobSteps
from studio.engine.schedule import within
from studio.luma import Luma, errors
from studio.models import ApiAccount, ApiSample, Attempt, ConductorLease, Heartbeat, Job, SendingPause
from studio.models.jobs.timing import usual

log = logging.getLogger(__name__)

SLICE = 50.0  # seconds; far below the queue's timeout, which must never fire
LINGER = 20.0  # seconds without work before the lease is given up: the next click then needs no wake-up
TICK = 0.25  # seconds until a new job is found
KEEP = 2.0  # seconds between renewals of the lease
SWEEP = 5.0
ROW_LEASE, ROW_LEASE_LOW = timedelta(seconds=30), timedelta(seconds=20)
RETRY_STEP = 2.0  # after trouble with the database
# What is on the wire is never cut: a slice that is over goes on for this long until nothing is, and then, or when it is
# stopped, admits nothing more and waits for the own limits of POSTs and downloads (seconds).
LONGEST_EXTENSION = 120.0
OWN_LIMITS = 130.0
STORED_GOOD_FOR = 30.0  # seconds for which a file that was stored speaks for the next ones
REACH_GOOD_FOR = 5.0  # seconds for which an answer to a free GET speaks for a paid request


class Conductor:
    """Runs one slice. `run` returns whether work remains for the next one."""

    def __init__(self, luma: Luma, *, slice: float = SLICE, linger: float = LINGER) -> None:
        self.luma = luma
        self.slice, self.linger = slice, linger
        self.owner = ""
        self.database = DatabaseThread()
        self.steps = JobSteps(luma, self.database)
        self.meter = ApiMeter()
        luma.observe = self.meter.note
        self.answer_seconds = 0.0
        # Of which late answer the pages were told.
        self.told_silence_of: capacity.Silence | None = None
        self.reached_at = -REACH_GOOD_FOR
        self.reaching: asyncio.Task[None] | None = None
        self.stored_at = -STORED_GOOD_FOR
        self.storing: asyncio.Task[None] | None = None
        # Who conducted before and is silent on another machine.
        self.silent: recovery.Predecessor | None = None
        self.stopping = False
        self.lost_lease = False
        # When the latest round of maintenance that admits jobs began.
        self.looked_at = 0.0
        self.parent = os.getppid()

    async def run(self) -> bool:
        """Conduct for a slice. Return at once if somebody else has the lease."""
        async with self.database as database:
            now = timezone.now()
            gone = await database(recovery.predecessor, now=now)
            owner = await database(ConductorLease.acquire, now=now)
            self.owner = owner or ""
            if not self.owner:
                return False
            self._listen()
            try:
                await database(recovery.recover, self.owner, gone, now=now)
                self.silent = None if gone is None or gone.is_dead else gone
                await self._conduct()
            finally:
                await self._leave()
            return await database(work_remains, timezone.now()) and not self.lost_lease

    def stop(self) -> None:
        """Finish what is on the wire and leave."""
        self.stopping = True
        self.steps.queue.wake()
        self.steps.slot_freed.set()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGTERM, self.stop)
        except (ValueError, RuntimeError):
            log.debug("Not in the main thread: a stop comes from the caller")

    # ---- The loop

    async def _conduct(self) -> None:
        """Start due steps; lease renewal and admission run in a parallel task, so polls never wait for the database."""
        maintenance = asyncio.get_running_loop().create_task(self._maintain())
        maintenance.add_done_callback(lambda _: self.steps.queue.wake())
        began = last_work = time.monotonic()
        try:
            while not (self.stopping or maintenance.done()):
                at = time.monotonic()
                self.steps.start_due(at)
                if self.steps.held or self.steps.running:
                    last_work = at
                is_idle = self.looked_at - last_work > self.linger
                self.stopping |= is_idle or self._is_over(at - began) or os.getppid() != self.parent
                await self.steps.queue.rest(TICK)
        finally:
            self.stopping = True
            self.steps.slot_freed.set()
            await maintenance

    def _is_over(self, took: float) -> bool:
        """Whether the slice ends now: its time is over and nothing is on the wire, or was for too long."""
        return took > self.slice and (not self.steps.on_wire or took > self.slice + LONGEST_EXTENSION)

    async def _maintain(self) -> None:
        """Keep the lease, sweep and admit, each in its own time."""
        kept = swept = 0.0
        while not self.stopping:
            at = time.monotonic()
            try:
                if at - kept >= KEEP:
                    if not await self._keep_lease():
                        return
                    kept = at
                if at - swept >= SWEEP:
                    swept = at
                    await self._sweep()
                await self._admit()
                self.looked_at = at
            except DatabaseError:
                log.exception("The database did not answer; nothing is sent until it does")
                await asyncio.sleep(RETRY_STEP)
            await within(TICK, self.steps.slot_freed)

    async def _keep_lease(self) -> bool:
        now = timezone.now()
        kept = await self.database(_keep, self.owner, now)
        if not kept:
            log.warning("Another conductor took the lease; leaving")
            self.lost_lease = self.stopping = True
        elif self.silent:
            self.silent = await self.database(recovery.settle_silent, self.owner, self.silent, now=now)
        return kept

    async def _sweep(self) -> None:
        now = timezone.now()
        # Not with the conductor lease, and not each time: with thousands of jobs it writes thousands of rows.
        await self.database(Job.objects.renew, self.owner, until=now + ROW_LEASE, ending_before=now + ROW_LEASE_LOW)
        await self.database(recovery.sweep, self.owner, now=now)
        await self.database(recovery.request_renditions, now=now)
        await self.database(storing.watch_disk, now=now)
        self.steps.polling_pause = await self.database(SendingPause.that_stops_polling)
        until = now + ROW_LEASE
        for job in await self.database(
            Job.objects.adopt, self.owner, beside=set(self.steps.held), until=until, now=now
        ):
            self.steps.follow(job, 0.0)
        for kind in list(self.steps.usual):
            self.steps.usual[kind] = await self.database(usual, *kind, now=now)
        self.answer_seconds = await self.database(Attempt.answer_seconds, now)
        self.told_silence_of = await self.database(capacity.tell_silence, self.told_silence_of, now=now)
        await self._write_samples(now)
        await self.steps.start_uploads()
        for attempt in await self.database(lookup.due, now):
            if attempt.pk not in self.steps.looking_up:
                self.steps.looking_up.add(attempt.pk)
                self.steps.spawn(self.steps.look_up(attempt))

    async def _write_samples(self, before: datetime | None = None) -> None:
        """Write down the calls of the minutes that are over, or of all; what cannot be written is only a statistic."""
        if tallies := self.meter.take(before):
            try:
                await self.database(ApiSample.add, tallies)
            except DatabaseError:
                log.warning("How Luma answered in the last minute could not be written down")

    async def _admit(self) -> None:
        now = timezone.now()
        if not await self._may_send(now):
            return
        for job in await self.database(capacity.admit, self.owner, now=now, answer_seconds=self.answer_seconds):
            self.steps.put_on_wire(self.steps.spawn(self.steps.send_job(job)))

    async def _may_send(self, now: datetime) -> bool:
        """Before a paid request probes a pause, ask Luma something free: most causes show there too.

        At one moment for this and for what is then admitted, or a pause whose turn comes between the two is not asked.
        """
        if not await self._can_store():
            return False
        pauses = await self.database(capacity.pauses_to_ask, now=now)
        if not pauses or time.monotonic() - self.reached_at < REACH_GOOD_FOR:
            return True
        if self.reaching is None or self.reaching.done():
            self.reaching = self.steps.spawn(self._reach(pauses))
        return False

    async def _can_store(self) -> bool:
        """Whether what comes back could be stored: files on other machines are tried with a small one now and then."""
        if not storage.is_remote():
            return True
        must_try = await self.database(storing.must_try_storage, now=timezone.now())
        if must_try is None:
            return False
        if not must_try and time.monotonic() - self.stored_at < STORED_GOOD_FOR:
            return True
        if self.storing is None or self.storing.done():
            self.storing = self.steps.spawn(self._try_storage())
        return False

    async def _try_storage(self) -> None:
        try:
            await asyncio.to_thread(storage.check)
        except OSError as problem:
            await self.database(storing.blame_storage, problem, now=timezone.now())
            return
        await self.database(SendingPause.resume, SendingPause.Reason.STORAGE)
        self.stored_at = time.monotonic()
        self.steps.slot_freed.set()

    async def _reach(self, pauses: list[str]) -> None:
        try:
            await self.luma.reach()
        except errors.Error as error:
            await self.database(capacity.keep_paused, pauses, error, now=timezone.now())
            return
        await self.database(capacity.resume_if_nothing_waits, pauses, now=timezone.now())
        self.reached_at = time.monotonic()
        self.steps.slot_freed.set()

    # ---- The end of a slice

    async def _leave(self) -> None:
        """Let what is on the wire arrive, then release the rows and the conductor lease."""
        until = time.monotonic() + OWN_LIMITS
        while self.steps.on_wire and time.monotonic() < until:
            self.steps.cut_silent_downloads()
            await asyncio.wait(self.steps.on_wire, timeout=1.0)
            with suppress(DatabaseError):  # an answer that comes meanwhile is spooled
                await self.database(_keep, self.owner, timezone.now())
        await asyncio.gather(*self.steps.cancel(), return_exceptions=True)
        await self._write_samples()
        await self.database(_give_back, self.owner, timezone.now())


def _keep(owner: str, now: datetime) -> bool:
    if not ConductorLease.renew(owner, now=now):
        return False
    Heartbeat.beat("io", now=now)
    return True


def _give_back(owner: str, now: datetime) -> None:
    try:
        Job.objects.release(owner)
    finally:
        ConductorLease.release(owner, now=now)


def work_remains(now: datetime) -> bool:
    """Whether a conductor is needed within the next minute: for a job, or to request sizes that nobody makes."""
    soon = now + timedelta(seconds=60)
    return (
        Job.objects.in_progress().due(soon).exists()
        or Job.objects.watched().due(now).exists()
        or (ApiAccount.current().is_to_try(now) and Job.objects.waiting().exists())
        or lookup.is_due_by(soon)
        or bool(capacity.pauses_to_ask(now=soon))
        or bool(storing.must_try_storage(now=soon))
        or recovery.renditions_are_late(now)
    )


def conduct(make_luma: Callable[[], Luma], *, slice: float = SLICE, linger: float = LINGER) -> bool:
    """Run one slice from a plain thread of control and return whether work remains."""

    async def slice_of_work() -> bool:
        async with make_luma() as luma:
            return await Conductor(luma, slice=slice, linger=linger).run()

    return asyncio.run(slice_of_work())

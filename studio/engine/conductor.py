"""The loop: take the lease, claim what is due, keep three lanes busy, leave in order.

It runs as a django-q2 task for one slice and is followed by the next while work remains. Everything it knows is in
the rows; killed at any point, its successor goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone

from studio.engine import capacity, lookup, recovery
from studio.engine.collect import collect
from studio.engine.db_thread import DatabaseThread
from studio.engine.pacing import next_look
from studio.engine.poll import look, remark, watch
from studio.engine.schedule import DueQueue, within
from studio.engine.submit import send
from studio.luma import Generation, Luma, errors
from studio.models import Attempt, ConductorLease, Heartbeat, Job, SendingPause
from studio.models.timing import Usual, usual

log = logging.getLogger(__name__)

SLICE = 50.0  # seconds; far below the queue's timeout, which must never fire
LINGER = 20.0  # seconds without work before the lease is given up: the next click then needs no wake-up
TICK = 0.25  # seconds until a new wish is found
KEEP = 2.0  # seconds between renewals of the lease
SWEEP = 5.0
ROW_LEASE, ROW_LEASE_LOW = timedelta(seconds=30), timedelta(seconds=20)
POLLS, FETCHES = 100, 3
RETRY_STEP = 2.0  # after trouble with the database
# What is on the wire is never cut: a slice that is over goes on for this long until nothing is, and then, or when it is
# told to stop, admits nothing more and waits for the own limits of POSTs and downloads (seconds).
LONGEST_EXTENSION = 120.0
OWN_LIMITS = 130.0
REACH_GOOD_FOR = 5.0  # seconds for which an answer to a free GET speaks for a paid request


class Conductor:
    """Runs one slice. `run` returns whether work remains for the next one."""

    def __init__(self, luma: Luma, *, slice: float = SLICE, linger: float = LINGER) -> None:
        self.luma = luma
        self.slice, self.linger = slice, linger
        self.owner = ""
        self.database = DatabaseThread()
        self.held: dict[int, Job] = {}
        # What is usual for a type and a model, measured anew with every sweep and not for every look.
        self.usual: dict[tuple[str, str], Usual | None] = {}
        self.agenda = DueQueue()
        self.steps: set[asyncio.Task[None]] = set()
        # POSTs and downloads.
        self.on_wire: set[asyncio.Task[Any]] = set()
        self.answer_seconds = 0.0
        self.reached_at = -REACH_GOOD_FOR
        self.reaching: asyncio.Task[None] | None = None
        self.looking_up: set[int] = set()
        self.slot_freed = asyncio.Event()
        self.stopping = False
        self.lost_lease = False
        # When the latest round of the house began that looked for work.
        self.looked_at = 0.0
        self.polling_pause: SendingPause | None = None
        self.polls, self.fetches = asyncio.Semaphore(POLLS), asyncio.Semaphore(FETCHES)
        self.refetches = asyncio.Semaphore(FETCHES)
        self.parent = os.getppid()

    async def run(self) -> bool:
        """Conduct for a slice. Somebody else in the lease: leave at once."""
        async with self.database as database:
            now = timezone.now()
            dead = await database(recovery.dead_conductor)
            owner = await database(ConductorLease.acquire, now=now)
            self.owner = owner or ""
            if not self.owner:
                return False
            self._listen()
            try:
                await database(recovery.recover, self.owner, dead, now=now)
                await self._conduct()
            finally:
                await self._leave()
            return await database(work_remains, timezone.now()) and not self.lost_lease

    def stop(self) -> None:
        """Finish what is on the wire and leave."""
        self.stopping = True
        self.agenda.wake()
        self.slot_freed.set()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGTERM, self.stop)
        except (ValueError, RuntimeError):
            log.debug("Not in the main thread: a stop comes from the caller")

    # ---- The loop

    async def _conduct(self) -> None:
        """Start what is due while the house is kept beside it: no look waits for the tables."""
        house = asyncio.get_running_loop().create_task(self._maintain())
        house.add_done_callback(lambda _: self.agenda.wake())
        began = last_work = time.monotonic()
        try:
            while not (self.stopping or house.done()):
                at = time.monotonic()
                self._start_due(at)
                if self.held or self.steps:
                    last_work = at
                is_idle = self.looked_at - last_work > self.linger
                self.stopping |= is_idle or self._is_over(at - began) or os.getppid() != self.parent
                await self.agenda.rest(TICK)
        finally:
            self.stopping = True
            self.slot_freed.set()
            await house

    def _is_over(self, took: float) -> bool:
        """Whether the slice ends now: its time is over and nothing is on the wire, or was for too long."""
        return took > self.slice and (not self.on_wire or took > self.slice + LONGEST_EXTENSION)

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
            await within(TICK, self.slot_freed)

    async def _keep_lease(self) -> bool:
        now = timezone.now()
        kept = await self.database(_keep, self.owner, now)
        if not kept:
            log.warning("Another conductor took the lease; leaving")
            self.lost_lease = self.stopping = True
        return kept

    async def _sweep(self) -> None:
        now = timezone.now()
        # Not with the lease, and not each time: with thousands of jobs it writes thousands of rows.
        await self.database(Job.objects.renew, self.owner, until=now + ROW_LEASE, ending_before=now + ROW_LEASE_LOW)
        await self.database(recovery.sweep, self.owner, now=now)
        await self.database(recovery.request_renditions, now=now)
        await self.database(capacity.watch_disk, now=now)
        self.polling_pause = await self.database(SendingPause.that_stops_polling)
        until = now + ROW_LEASE
        for job in await self.database(Job.objects.adopt, self.owner, beside=set(self.held), until=until, now=now):
            self._follow(job, 0.0)
        for kind in list(self.usual):
            self.usual[kind] = await self.database(usual, *kind, now=now)
        self.answer_seconds = await self.database(Attempt.answer_seconds, now)
        for attempt in await self.database(lookup.due, now):
            if attempt.pk not in self.looking_up:
                self.looking_up.add(attempt.pk)
                self._spawn(self._look_up(attempt))

    async def _admit(self) -> None:
        if not await self._may_send():
            return
        now = timezone.now()
        for job in await self.database(capacity.admit, self.owner, now=now, answer_seconds=self.answer_seconds):
            self._put_on_wire(self._spawn(self._send(job)))

    async def _may_send(self) -> bool:
        """Before a paid request probes a pause, ask Luma something free: most causes show there too."""
        pauses = await self.database(capacity.pauses_to_ask, now=timezone.now())
        if not pauses or time.monotonic() - self.reached_at < REACH_GOOD_FOR:
            return True
        if self.reaching is None or self.reaching.done():
            self.reaching = self._spawn(self._reach(pauses))
        return False

    async def _reach(self, pauses: list[str]) -> None:
        try:
            await self.luma.reach()
        except errors.Error as error:
            await self.database(capacity.keep_paused, pauses, error, now=timezone.now())
            return
        await self.database(capacity.resume_if_nothing_waits, pauses, now=timezone.now())
        self.reached_at = time.monotonic()
        self.slot_freed.set()

    async def _look_up(self, attempt: Attempt) -> None:
        try:
            if await lookup.look_up(attempt, self.luma, self.database):
                self.slot_freed.set()
        finally:
            self.looking_up.discard(attempt.pk)

    def _put_on_wire(self, step: asyncio.Task[Any]) -> None:
        self.on_wire.add(step)
        step.add_done_callback(self.on_wire.discard)

    def _start_due(self, at: float) -> None:
        for pk in self.agenda.due(at):
            if job := self.held.get(pk):
                self._spawn(self._step(job))

    def _spawn(self, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(step)
        self.steps.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.steps.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A step broke; its job is taken up again when its lease ends", exc_info=error)

    def _follow(self, job: Job, seconds: float) -> None:
        self.held[job.pk] = job
        self.agenda.note(job.pk, seconds)

    def _forget(self, job: Job) -> None:
        self.held.pop(job.pk, None)

    # ---- The lanes

    async def _send(self, job: Job) -> None:
        accepted = await send(job, self.luma, self.database, now=timezone.now())
        # There is room on the wire for the next one.
        self.slot_freed.set()
        if accepted:
            await self._follow_later(job)
        elif job.state == Job.State.FAILED:
            await self._free_slot()

    async def _free_slot(self) -> None:
        """Somebody who waits for a slot may be sent at once."""
        await self.database(capacity.wake_waiting, now=timezone.now())
        self.slot_freed.set()

    async def _step(self, job: Job) -> None:
        try:
            if job.state == Job.State.RUNNING:
                await self._look(job)
            elif job.is_watched:
                await self._watch(job)
            else:
                await self._collect(job, None)
        except DatabaseError:
            log.exception("A step waits for the database", extra=job.log_facts)
            self._follow(job, RETRY_STEP)

    async def _look(self, job: Job) -> None:
        began = timezone.now()
        if self.polling_pause and not self.polling_pause.may_probe(began):
            await remark(job, self.database, began)
            self._follow(job, SWEEP)
            return
        seen = await look(job, self.luma, self.database, now=began, room=self.polls)
        if self.polling_pause and job.misses == 0:
            await self._read_again(began)
        if isinstance(seen, Generation):
            await self._free_slot()
            await self._collect(job, seen)
        elif seen is None:
            self._forget(job)
            await self._free_slot()
        else:
            await self._follow_later(job, at_least=seen)

    async def _watch(self, job: Job) -> None:
        if isinstance(
            seen := await watch(job, self.luma, self.database, now=timezone.now(), room=self.polls), Generation
        ):
            await self._collect(job, seen)
        else:
            self._forget(job)

    async def _read_again(self, asked_at: datetime) -> None:
        """Luma answered a poll, so it takes the key again: no paid request is needed to prove it."""
        if await self.database(SendingPause.resume, SendingPause.Reason.KEY, paused_before=asked_at):
            self.polling_pause = None

    async def _collect(self, job: Job, generation: Generation | None) -> None:
        # What was begun before may fail slowly: it does not hold up what is made just now.
        async with self.fetches if generation else self.refetches:
            fetching = asyncio.get_running_loop().create_task(
                collect(job, generation, self.luma, self.database, now=timezone.now())
            )
            self._put_on_wire(fetching)
            # A step may be cut at the end of a slice, a download is waited for.
            wait = await asyncio.shield(fetching)
        if wait is None:
            self._forget(job)
        else:
            self._follow(job, wait.total_seconds())

    async def _follow_later(self, job: Job, at_least: float = 0.0) -> None:
        now = timezone.now()
        kind = (job.submission.type, job.submission.model)
        if kind not in self.usual:
            self.usual[kind] = await self.database(usual, *kind, now=now)
        self._follow(job, max(at_least, next_look(job, self.usual[kind], now)))

    # ---- The end of a slice

    async def _leave(self) -> None:
        """Let what is on the wire arrive, give back every lease, free the lease."""
        until = time.monotonic() + OWN_LIMITS
        while self.on_wire and time.monotonic() < until:
            await asyncio.wait(self.on_wire, timeout=1.0)
            await self.database(_keep, self.owner, timezone.now())
        cut = [*self.steps, *self.on_wire]
        for step in cut:
            step.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
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
        or lookup.is_due_by(soon)
        or bool(capacity.pauses_to_ask(now=soon))
        or recovery.renditions_are_late(now)
    )


def conduct(make_luma: Callable[[], Luma], *, slice: float = SLICE, linger: float = LINGER) -> bool:
    """Run one slice from a plain thread of control and return whether work remains."""

    async def slice_of_work() -> bool:
        async with make_luma() as luma:
            return await Conductor(luma, slice=slice, linger=linger).run()

    return asyncio.run(slice_of_work())

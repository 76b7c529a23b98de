"""The steps of single jobs: send, poll and collect, each in its own lane with its own limit.

A step never waits for the rows of another job. `held` are the jobs that this conductor follows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone

from studio.engine import capacity, files, lookup
from studio.engine.collect import collect
from studio.engine.db_thread import DatabaseThread
from studio.engine.pacing import next_look
from studio.engine.poll import look, remark, watch
from studio.engine.schedule import DueQueue
from studio.engine.submit import send
from studio.engine.turns import Lane
from studio.luma import Generation, Luma
from studio.models import Attempt, Job, RemoteFile, SendingPause
from studio.models.jobs.timing import Usual, usual

log = logging.getLogger(__name__)

POLLS, FETCHES, UPLOADS = 100, 6, 2
PAUSED_POLL = 5.0  # seconds between polls while Luma refuses the key
RETRY_STEP = 2.0  # seconds, after trouble with the database


class JobSteps:
    """Runs what is due for the jobs it follows, as tasks of the running loop."""

    def __init__(self, luma: Luma, database: DatabaseThread) -> None:
        self.luma = luma
        self.database = database
        self.held: dict[int, Job] = {}
        # What is usual for a type and a model, measured anew with every sweep and not for every poll.
        self.usual: dict[tuple[str, str], Usual | None] = {}
        self.queue = DueQueue()
        self.running: set[asyncio.Task[None]] = set()
        # POSTs and downloads.
        self.on_wire: set[asyncio.Task[Any]] = set()
        self.looking_up: set[int] = set()
        self.uploading: set[int] = set()
        self.slot_freed = asyncio.Event()
        self.polling_pause: SendingPause | None = None
        self.polls, self.uploads = asyncio.Semaphore(POLLS), asyncio.Semaphore(UPLOADS)
        self.fetches, self.refetches = Lane(FETCHES), Lane(FETCHES)

    # ---- Tasks

    def put_on_wire(self, step: asyncio.Task[Any]) -> None:
        self.on_wire.add(step)
        step.add_done_callback(self.on_wire.discard)

    def start_due(self, at: float) -> None:
        for pk in self.queue.due(at):
            if job := self.held.get(pk):
                self.spawn(self._step(job))

    def spawn(self, step: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(step)
        self.running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A step broke; its job is adopted again when its lease ends", exc_info=error)

    def follow(self, job: Job, seconds: float) -> None:
        self.held[job.pk] = job
        self.queue.note(job.pk, seconds)

    def _forget(self, job: Job) -> None:
        self.held.pop(job.pk, None)

    def cancel(self) -> list[asyncio.Task[Any]]:
        """Cancel every task and return them, to be awaited."""
        cut = [*self.running, *self.on_wire]
        for step in cut:
            step.cancel()
        return cut

    def cut_silent_downloads(self) -> None:
        """Cancel the downloads that bring nothing: others would wait for whoever waits for them."""
        for lane in (self.fetches, self.refetches):
            lane.cut_silent()

    # ---- The lanes

    async def send_job(self, job: Job) -> None:
        accepted = await send(job, self.luma, self.database, now=timezone.now())
        # There is room on the wire for the next one.
        self.slot_freed.set()
        if accepted:
            await self._follow_later(job)
        elif job.state == Job.State.FAILED:
            await self._free_slot()
        elif job.hold_reason == Job.HoldReason.FILES:
            await self.start_uploads()

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
            self.follow(job, RETRY_STEP)

    async def _look(self, job: Job) -> None:
        began = timezone.now()
        if self.polling_pause and not self.polling_pause.may_probe(began):
            await remark(job, self.database, began)
            self.follow(job, PAUSED_POLL)
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
        lane = self.fetches if generation else self.refetches
        async with lane.begun:
            fetching = asyncio.get_running_loop().create_task(
                collect(job, generation, self.luma, self.database, lane, now=timezone.now())
            )
            self.put_on_wire(fetching)
            # A step may be cut at the end of a slice, a download is waited for.
            wait = await asyncio.shield(fetching)
        if wait is None:
            self._forget(job)
        else:
            self.follow(job, wait.total_seconds())

    async def _follow_later(self, job: Job, at_least: float = 0.0) -> None:
        now = timezone.now()
        kind = (job.submission.type, job.submission.model)
        if kind not in self.usual:
            self.usual[kind] = await self.database(usual, *kind, now=now)
        self.follow(job, max(at_least, next_look(job, self.usual[kind], now)))

    async def look_up(self, attempt: Attempt) -> None:
        try:
            if await lookup.look_up(attempt, self.luma, self.database):
                self.slot_freed.set()
        finally:
            self.looking_up.discard(attempt.pk)

    async def start_uploads(self) -> None:
        """Begin with every picture that a job waits for and nobody works on."""
        for row in await self.database(files.due, timezone.now()):
            if row.pk not in self.uploading:
                self.uploading.add(row.pk)
                self.spawn(self._upload(row))

    async def _upload(self, row: RemoteFile) -> None:
        try:
            async with self.uploads:
                is_settled = await files.bring(row, self.luma, self.database)
            if is_settled:
                self.slot_freed.set()
        finally:
            self.uploading.discard(row.pk)

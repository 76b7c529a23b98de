"""A conductor taken apart: one step at a time, on a clock that stands still, and mortal between any two statements."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

from django.db import OperationalError, connections
from django.utils import timezone

from studio.engine import capacity, conductor, files, lookup, recovery
from studio.engine.collect import collect
from studio.engine.poll import look
from studio.engine.submit import send
from studio.engine.turns import Lane
from studio.luma import Generation
from studio.models import Job
from tests.crash.model import Death, Imagined

Place = tuple[str, int]  # before or after which of its calls of the database


class MortalLedger:
    """The conductor's way to the database; it dies or fails at a chosen call."""

    def __init__(self) -> None:
        self.dies: Place | None = None
        self.refuses = ""
        self.calls = 0

    async def __call__(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        if self.dies == ("before", self.calls):
            raise Death
        if function.__name__ == self.refuses:
            raise OperationalError("database is locked")
        result = function(*args, **kwargs)
        if self.dies == ("after", self.calls):
            raise Death
        return result

    async def insist(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call again, as the database answers again a moment later."""
        try:
            return await self(function, *args, **kwargs)
        except OperationalError:
            self.refuses = ""
            return await self(function, *args, **kwargs)


Step = Coroutine[Any, Any, Any]


class Worker:
    """What one conductor has in memory."""

    def __init__(self, api: Imagined, runner: asyncio.Runner) -> None:
        self.api, self.runner = api, runner
        self.on_the_wire: list[tuple[Job, Step]] = []
        self.be_born()

    def be_born(self) -> None:
        """Forget everything, as the next process does."""
        for _, step in self.on_the_wire:
            step.close()
        self.owner = uuid.uuid4().hex
        self.database = MortalLedger()
        self.claimed: list[Job] = []
        self.held: dict[int, Job] = {}
        self.made: dict[int, Generation] = {}
        self.on_the_wire = []

    def leave(self) -> None:
        """Stop in order: what is still on the wire is given up."""
        for _, step in self.on_the_wire:
            with suppress(asyncio.CancelledError):
                step.throw(asyncio.CancelledError())
        Job.objects.release(self.owner)
        self.be_born()

    # ---- The steps

    def admit(self) -> None:
        self.claimed += capacity.admit(self.owner, now=timezone.now())

    def send(self, which: int, dies: Place | None = None, refuses: str = "") -> None:
        job = self.claimed.pop(which % len(self.claimed))
        self._send_on(job, send(job, self.api, self.database, now=timezone.now()), dies, refuses)  # type: ignore[arg-type]

    def hear(self, which: int, dies: Place | None = None, refuses: str = "") -> None:
        """An answer arrives that was long on its way."""
        if self.on_the_wire:
            self._send_on(*self.on_the_wire.pop(which % len(self.on_the_wire)), dies, refuses)

    def _send_on(self, job: Job, step: Step, dies: Place | None, refuses: str) -> None:
        with self._mortally(dies, refuses) as survives:
            taken = drive(step)
            if taken is UNDER_WAY:
                self.on_the_wire.append((job, step))
            elif taken:
                self.held[job.pk] = job
        if not survives:
            self.be_born()

    def look(self, which: int, dies: Place | None = None, refuses: str = "") -> None:
        job = self._one_of(which, Job.State.RUNNING)
        if job is None:
            return
        with self._mortally(dies, refuses) as survives:
            seen = drive(look(job, self.api, self.database, now=timezone.now()))  # type: ignore[arg-type]
            if isinstance(seen, Generation):
                self.made[job.pk] = seen
            elif seen is None:
                self.held.pop(job.pk)
        if not survives:
            self.be_born()

    def collect(self, which: int, dies: Place | None = None, refuses: str = "") -> None:
        job = self._one_of(which, Job.State.SAVING)
        if job is None:
            return
        made = self.made.pop(job.pk, None)
        with self._mortally(dies, refuses) as survives:
            work = collect(job, made, self.api, self.database, Lane(1), now=timezone.now())  # type: ignore[arg-type]
            if self.runner.run(to_its_end(work)) is None:
                self.held.pop(job.pk)
        if not survives:
            self.be_born()

    def bring(self, which: int, dies: Place | None = None, refuses: str = "") -> None:
        """Bring one of the pictures to Luma that its jobs need."""
        rows = files.due(timezone.now())
        if not rows:
            return
        with self._mortally(dies, refuses) as survives:
            self.runner.run(to_its_end(files.bring(rows[which % len(rows)], self.api, self.database)))  # type: ignore[arg-type]
        if not survives:
            self.be_born()

    @contextmanager
    def _mortally(self, dies: Place | None, refuses: str = "") -> Iterator[list[bool]]:
        """Let this worker die at `dies`; what the database refuses ends the step. Empty when it died."""
        self.database.dies, self.database.refuses, self.database.calls = dies, refuses, 0
        survives = [True]
        try:
            yield survives
        except Death:
            survives.clear()
        except (OperationalError, asyncio.CancelledError):
            pass
        finally:
            self.database.dies, self.database.refuses = None, ""

    def sweep(self) -> None:
        now = timezone.now()
        recovery.sweep(self.owner, now=now)
        until = now + conductor.ROW_LEASE
        for job in Job.objects.adopt(self.owner, beside=set(self.held), until=until, now=now):
            self.held[job.pk] = job
        for attempt in lookup.due(now):
            with self._mortally(None):
                drive(lookup.look_up(attempt, self.api, self.database))  # type: ignore[arg-type]

    def renew(self) -> None:
        Job.objects.renew(self.owner, until=timezone.now() + conductor.ROW_LEASE)

    def follow_a_dead(self, dead: str) -> None:
        """What a start does that finds the lease of a process that is gone."""
        now = timezone.now()
        recovery.recover(self.owner, recovery.Predecessor(dead, True, "", None, now), now=now)

    def look_for_work(self) -> None:
        if not self.claimed:
            self.admit()
        if not self.held:
            self.sweep()

    def work(self, which: int, dies: Place | None = None, refuses: str = "") -> None:
        """One step of one of the jobs: bring its pictures, send, look or collect."""
        can = [self.send] if self.claimed else []
        can += [self.look] if self._one_of(0, Job.State.RUNNING) else []
        can += [self.collect] if self._one_of(0, Job.State.SAVING) else []
        can += [self.bring] if files.due(timezone.now()) else []
        if can:
            can[which % len(can)](which, dies, refuses)

    def go_on(self) -> bool:
        """Do the next thing there is to do, with an API that is well. Return whether there was one."""
        self.api.answer, self.api.look, self.api.download_as, self.api.is_slow = "accepted", "completed", "whole", False
        self.api.file = "ready"
        if self._one_of(0, Job.State.SAVING):
            self.collect(0)
        elif self._one_of(0, Job.State.RUNNING):
            self.look(0)
        elif self.on_the_wire:
            self.hear(0)
        elif self.claimed:
            self.send(0)
        elif files.due(timezone.now()):
            self.bring(0)
        else:
            self.sweep()
            self.admit()
            return bool(self.claimed or self.held)
        return True

    def work_off(self) -> None:
        """Do everything there is to do."""
        while self.go_on():
            pass

    def _one_of(self, which: int, state: str) -> Job | None:
        jobs = [job for job in self.held.values() if job.state == state]
        return jobs[which % len(jobs)] if jobs else None


async def to_its_end(step: Step) -> Any:
    """Run a step in the loop, where Django gives it a connection of its own, and close that."""
    try:
        return await step
    finally:
        connections.close_all()


# A step that waits for the network.
UNDER_WAY = object()


def drive(step: Step) -> Any:
    """Run a step to its end and return what it returns, or to where it waits for the network: UNDER_WAY."""
    try:
        # There is no loop here, and no thread is needed: the disk answers at once.
        with patch("asyncio.to_thread", _at_once):
            step.send(None)
    except StopIteration as end:
        return end.value
    return UNDER_WAY


async def _at_once(call: Callable[..., Any], /, *args: Any) -> Any:
    return call(*args)

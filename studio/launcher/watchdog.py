"""Notices a queue that looks alive and runs nothing: a killed idle worker can wedge a django-q2 cluster silently.

The proof of life is a row that only a task can write, so it covers the broker, the pipes and the worker at once.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import DatabaseError, OperationalError, connections, transaction
from django.utils import timezone
from django_q.tasks import async_task

from studio import task_queue
from studio.models import ConductorLease, Heartbeat

log = logging.getLogger(__name__)

ASK_EVERY = 6.0  # seconds
# Without a beat for so long the queue is wedged: a task that lasts beats by itself (Heartbeat.beating, the conductor).
PATIENCE = timedelta(seconds=18)
# Tables that let nobody write for longer than a moment keep the queues silent as well: what they may have on the wire is
# not cut for that. After so long nothing is on the wire any more, and the one who holds the tables may be a queue (seconds).
MOMENT, LONGEST_LOCK = 1.0, 150.0


class Watchdog:
    """Asks each queue for a sign of life and says which gave none."""

    def __init__(self) -> None:
        self.asked = 0.0
        # Per queue, when the oldest question was put that has had no answer yet (monotonic).
        self.unanswered: dict[str, float] = {}
        self.locked_since: float | None = None

    def silent(self, uptimes: dict[str, float]) -> list[str]:
        """Return the queues that have not answered for PATIENCE, from the first question to this process on.

        `uptimes` in seconds. A watchdog that itself stood still has asked nothing meanwhile, and blames nobody for it.
        """
        if time.monotonic() - self.asked < ASK_EVERY:
            return []
        began = self.asked = time.monotonic()
        try:
            # SQLite gives the right to write to one at a time.
            with transaction.atomic():
                can_write = time.monotonic() - began < MOMENT
                found = [name for name, uptime in uptimes.items() if self._is_silent(name, uptime)]
        except DatabaseError as problem:
            log.exception("The database did not answer; the queues are not judged by that")
            return self._spared(began, uptimes if _is_locked(problem) else {})
        finally:
            connections.close_all()
        if not can_write:
            return self._spared(began, {})
        self.locked_since = None
        return found

    def _spared(self, now: float, locked_out: dict[str, float]) -> list[str]:
        """Begin to count anew; return whom to end all the same, since the tables have been locked for too long."""
        self.unanswered.clear()
        if not locked_out:
            self.locked_since = None
        elif self.locked_since is None:
            self.locked_since = now
        elif now - self.locked_since > LONGEST_LOCK:
            self.locked_since = None
            return list(locked_out)
        return []

    def _is_silent(self, name: str, uptime: float) -> bool:
        now = time.monotonic()
        age = Heartbeat.age(name, now=timezone.now())
        since = self.unanswered.get(name)
        answered = since is not None and age is not None and now - age.total_seconds() > since
        if since is None or answered or since < now - uptime:
            since = self.unanswered[name] = now
        self._ask(name)
        return now - since > PATIENCE.total_seconds()

    def _ask(self, name: str) -> None:
        now = timezone.now()
        if name == "io" and ConductorLease.is_live(now=now):
            return  # the conductor beats by itself, and keeps its only worker
        if not task_queue.length(name, now=now):
            async_task("studio.tasks.beat", name, cluster=name)


def _is_locked(problem: DatabaseError) -> bool:
    return isinstance(problem, OperationalError) and "locked" in str(problem)

"""Notices a queue that looks alive and runs nothing: a killed idle worker can wedge a django-q2 cluster silently.

The proof of life is a row that only a task can write, so it covers the broker, the pipes and the worker at once.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import DatabaseError, connections
from django.utils import timezone
from django_q.tasks import async_task

from studio import task_queue
from studio.models import ConductorLease, Heartbeat

log = logging.getLogger(__name__)

ASK_EVERY = 6.0  # seconds
# Without a beat for so long the queue is wedged: a task that lasts beats by itself (Heartbeat.beating, the conductor).
PATIENCE = timedelta(seconds=18)


class Watchdog:
    """Asks each queue for a sign of life and says which gave none."""

    def __init__(self) -> None:
        self.asked = 0.0
        # Per queue, when the oldest question was put that has had no answer yet (monotonic).
        self.unanswered: dict[str, float] = {}

    def silent(self, uptimes: dict[str, float]) -> list[str]:
        """Return the queues that have not answered for PATIENCE, from the first question to this process on.

        `uptimes` in seconds. A watchdog that itself stood still has asked nothing meanwhile, and blames nobody for it.
        """
        if time.monotonic() - self.asked < ASK_EVERY:
            return []
        self.asked = time.monotonic()
        try:
            return [name for name, uptime in uptimes.items() if self._is_silent(name, uptime)]
        except DatabaseError:
            log.exception("The database did not answer; the queues are not judged by that")
            return []
        finally:
            connections.close_all()

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

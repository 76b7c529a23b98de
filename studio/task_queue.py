"""What wakes the queues: the database, or a Redis beside it. The rows of the studio are the truth, a task only a wake-up.

A Redis that is away costs nothing but time: tasks are then left in the database, where every worker looks too, and what
it lost is asked for again (ensure_conductor, request_renditions, tend_archives).
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

if TYPE_CHECKING:
    import redis

log = logging.getLogger(__name__)

CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 3.0
WAIT = 1  # seconds of one look; less than ANSWER_SECONDS
# Tasks that were left in the database are found this soon (seconds).
LOOK_EVERY = 2.0
# After a call that Redis did not answer nobody asks it for so long (seconds).
REST = 5.0
KEY = "studio:queue:{}"

_silent_until = 0.0


class Broker(ORM):  # type: ignore[misc]
    """django-q2's broker on Redis, with the database for when that is away."""

    _look_at = 0.0

    def enqueue(self, task: str) -> None:
        """Wake a worker once the rows that it needs are committed."""
        transaction.on_commit(partial(self._push, task), robust=True)

    def dequeue(self) -> list[tuple[int | None, Any]] | None:
        """Return the next task, or None after a moment."""
        if _rests() or time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            found: list[tuple[int | None, Any]] | None = super().dequeue()
            if found or _rests():
                return found
        popped = _asked(lambda there: there.blpop([KEY.format(self.list_key)], timeout=WAIT))
        return [(None, popped[1])] if popped else None

    def delete(self, task_id: int | None) -> None:
        if task_id is not None:
            super().delete(task_id)

    def queue_size(self) -> int:
        return length(str(self.list_key), now=timezone.now())

    def info(self) -> str:
        return "Redis and the database"

    def _push(self, task: str) -> None:
        if _rests() or not _asked(lambda there: there.rpush(KEY.format(self.list_key), task)):
            super().enqueue(task)


@functools.cache
def client() -> redis.Redis:
    """The connections of this process; a fork gets its own."""
    import redis  # a studio without one does without its modules
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis.from_url(
        settings.QUEUE_URL,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def length(name: str, *, now: datetime) -> int:
    """Return how many tasks of this queue wait for a worker, as far as that can be read."""
    number: int = OrmQ.objects.filter(key=name, lock__lte=now).count()
    if settings.QUEUE_URL and not _rests():
        number += int(_asked(lambda there: there.llen(KEY.format(name))) or 0)
    return number


def state() -> str:
    """Say what wakes the queues: `database`, or whether their Redis is `ok` or `silent`."""
    if not settings.QUEUE_URL:
        return "database"
    return "ok" if not _rests() and _asked(lambda there: there.ping()) else "silent"


def _asked(question: Callable[[redis.Redis], Any]) -> Any:
    """Return what Redis answers; None where it doesn't, and nobody of this process waits for it then for a while."""
    import redis

    global _silent_until
    try:
        return question(client())
    except redis.RedisError as problem:
        if not _rests():
            log.warning("Redis did not answer (%s); the database wakes the queues meanwhile", type(problem).__name__)
        _silent_until = time.monotonic() + REST
        return None


def _rests() -> bool:
    return time.monotonic() < _silent_until

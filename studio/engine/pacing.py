"""When to ask Luma again about a job: seldom while it cannot be ready, often when it should be, seldom when late."""

from __future__ import annotations

import random
from datetime import datetime

from studio.models.job import Job
from studio.models.timing import Usual

BRISK = 1.0  # seconds between looks while the picture is due
FIRST_LOOKS = (1.0, 3.0)  # seconds after acceptance: to learn that it left Luma's line
SLOWEST = 10.0
LATE = 60.0  # past the deadline
NO_HISTORY = 1.5


def next_look(job: Job, usual: Usual | None, now: datetime) -> float:
    """Return the seconds from `now` until the job should be asked about again."""
    if job.accepted_at is None or job.sent_at is None:
        return NO_HISTORY
    if job.is_late(now):
        return _spread(LATE)
    taken = (now - job.sent_at).total_seconds()
    if usual is None:
        return _spread(NO_HISTORY if taken < 90 else SLOWEST / 2)
    if taken < usual.fast:
        soon = [look for look in FIRST_LOOKS if look > taken] if job.making_at is None else []
        return (
            max(0.2, min([usual.fast, *soon]) - taken) if soon or job.making_at else _spread(min(3.0, usual.fast / 3))
        )
    if taken <= usual.high:
        return _spread(BRISK)
    return _spread(min(SLOWEST, BRISK * (1 + (taken - usual.high) / 10)))


def _spread(seconds: float) -> float:
    """A tenth more or less, so that jobs sent together are not asked about together."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311 - not a secret

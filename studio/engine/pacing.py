"""When to ask Luma again about a job: seldom while it cannot be ready, often when it should be, seldom when late.

A picture of 30 to 60 s is asked about some ten times, and seen within two seconds (docs/performance.md).
"""

from __future__ import annotations

import random
from datetime import datetime

from studio.models.job import Job
from studio.models.jobs.timing import Usual

BRISK, CALM = 1.0, 1.7  # seconds between looks while the picture is due, by how wide that time is
LOOKS = 14  # in the time in which nine of ten pictures become ready
# Looks begin before the fast end, by this share of it: one picture in twenty is faster than that.
EARLY = (0.02, 0.05)
# One job in so many is also asked about at half that time: if none were seen to be much faster, the fast end would
# follow a faster Luma too slowly.
SCOUTS = 10
FIRST_LOOKS = (2.0, 5.0)  # seconds after acceptance: to learn that it left Luma's line
SLOWEST = 10.0
EASING = 45.0  # seconds past the slow end after which the pause has doubled
LATE = 60.0  # past the deadline
NO_HISTORY = 1.5
SOONEST = 0.2
GOLDEN = 0.618034  # its multiples fill the unit evenly


def next_look(job: Job, usual: Usual | None, now: datetime) -> float:
    """Return the seconds from `now` until the job should be asked about again."""
    if job.accepted_at is None or job.sent_at is None:
        return NO_HISTORY
    if job.is_late(now):
        return _spread(LATE)
    taken = (now - job.sent_at).total_seconds()
    if usual is None:
        return _spread(NO_HISTORY if taken < 90 else SLOWEST / 2)
    begin = usual.fast * (1 - _own_share(job, *EARLY))
    if taken < begin:
        looks = [begin, usual.fast / 2] if job.pk % SCOUTS == 0 else [begin]
        if not job.making_at:
            looks += FIRST_LOOKS if taken < FIRST_LOOKS[-1] else [taken + _spread(min(3.0, usual.fast / 3))]
        return max(SOONEST, min(look - taken for look in looks if look > taken))
    pause = min(CALM, max(BRISK, (usual.high - usual.fast) / LOOKS))
    return _spread(pause if taken <= usual.high else min(SLOWEST, pause * (1 + (taken - usual.high) / EASING)))


def _own_share(job: Job, low: float, high: float) -> float:
    """Something between the two: the same for a job each time, another for its neighbours."""
    return low + (high - low) * (job.pk * GOLDEN % 1.0)


def _spread(seconds: float) -> float:
    """A little more or less, so that jobs sent together are not asked about together."""
    return seconds * random.uniform(0.95, 1.05)  # noqa: S311 - not a secret

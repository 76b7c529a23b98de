"""What the other requests of an hour say about one whose outcome is unknown: did it hold a place at Luma?

A running generation takes a place of the account (luma-api.md section 8). Luma accepting as many beside it as the
account has says that it held none; Luma refusing another for want of a place while some seemed free says that it did.
Both only while it could have run: what is accepted a minute after a picture would have been made proves nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from studio.models.jobs.attempt import Attempt
from studio.models.jobs.timing import Usual

# Luma counts a job for at most an hour (luma-api.md section 8.1).
LONGEST = timedelta(hours=1)
MOST_READ = 400  # requests before and after


class Evidence(NamedTuple):
    """What was seen: "free", "taken" or "" for nothing that proves either; when, and how many were known to run."""

    says: str
    at: datetime | None
    known: int


def of(lost: Attempt, *, slots: int, usual: Usual | None) -> Evidence:
    """Read the requests around a lost one in one query, and say what they prove. `slots`: places of the account.

    `usual`: how long its kind takes. Before the fastest of them it would have run for sure, and twice the slowest after
    it was sent it would have been made; without a history nothing says how long it would have held its place.
    """
    since = lost.ended_at or lost.sent_at
    surely = lost.sent_at + timedelta(seconds=usual.fast if usual else 0)
    perhaps = lost.sent_at + (min(LONGEST, 2 * timedelta(seconds=usual.high)) if usual else LONGEST)
    rows = list(
        Attempt.objects.filter(sent_at__gt=lost.sent_at - LONGEST, sent_at__lt=since + LONGEST)
        .exclude(pk=lost.pk)
        .order_by("sent_at")
        .values_list("sent_at", "answered_at", "ended_at", "weight", "outcome", "status")[:MOST_READ]
    )
    most = 0
    taken: Evidence | None = None
    for sent_at, answered_at, _, weight, outcome, status in rows:
        if not since < sent_at <= perhaps:
            continue
        running = sum(
            other_weight
            for other_sent, other_answered, other_ended, other_weight, *_ in rows
            if other_answered and other_sent < sent_at and (other_ended is None or other_ended > sent_at)
        )
        if answered_at:
            most = max(most, running + weight)
            if running + weight + lost.weight > slots and answered_at <= surely:
                return Evidence("free", answered_at, running + weight)
        elif outcome == Attempt.Outcome.HELD and status == 429 and running + weight <= slots:
            taken = taken or Evidence("taken", sent_at, running)
    return taken or Evidence("", None, most)

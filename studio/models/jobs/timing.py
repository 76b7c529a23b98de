"""How long pictures usually take, from this studio's own history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection

from studio.models.job import Job
from studio.models.sql.frame import moments
from studio.models.state.api_account import ApiAccount

# The latest pictures of one kind; older ones say little about today's Luma.
SAMPLE, SAMPLE_AGE, FEWEST = 100, timedelta(days=14), 3
REMEMBER = 15  # seconds
MINUTE = 60.0  # seconds


# The same rows as JobQuerySet.occupying, without what is admitted and not yet sent: that still has its place in line; and
# as ApiAccount.left_this_minute counts them. tests/models/jobs/test_timing.py compares them.
ROOM = """
SELECT
  (SELECT COALESCE(SUM(busy.weight), 0) FROM studio_job busy WHERE busy.is_under_way AND (
     busy.state = 'sending' OR (busy.state = 'running' AND busy.sent_at > %(slot_life_ago)s))),
  (SELECT COALESCE(SUM(lost.weight), 0) FROM studio_job lost
     WHERE lost.is_failure AND lost.place_until > %(now)s AND lost.place_until <= %(slot_life)s),
  (SELECT COUNT(*) FROM studio_attempt WHERE sent_at > %(minute_ago)s AND sent_at <= %(soon)s)
"""


@dataclass(frozen=True, slots=True)
class Usual:
    """From when most are made (p50) to when nearly all are (p95), and the fast end (p5), in seconds."""

    fast: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many slots the account has and how many requests a minute, and what is left of both at this moment."""

    slots: int
    free: int
    per_minute: int
    left: int
    # Slots that lost requests may hold; they are among those that are not free.
    lost: int = 0

    @classmethod
    def of(cls, account: ApiAccount, now: datetime) -> Room:
        with connection.cursor() as cursor:
            cursor.execute(ROOM, moments(now))
            busy, lost, sent = cursor.fetchone()
        return cls(
            slots=account.slots,
            free=max(0, account.slots - int(busy + lost)),
            per_minute=account.per_minute,
            left=max(0, account.per_minute - sent),
            lost=int(lost),
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """How long until a waiting job is usually made: from `low` to `high`, in seconds from now."""

    low: float
    high: float


def usual_wait(own: Usual, place: int, room: Room, *, weight: int = 1) -> Wait:
    """Estimate how long the job at this place in line (1 is next) takes until it is made, in seconds.

    `own` is the usual time of its kind and `weight` what one of them takes of the slots and of the requests. The jobs
    before it are taken to be of its kind, so it and they need `place × weight`, of which some may be free now:

        for a slot     (place × weight − free) ÷ slots × usual
        for a request  (place × weight − left) ÷ per_minute × 60
        wait           the longer of the two, never below 0, + usual

    once with the usual p50 and once with its p95.
    """
    needed = place * weight
    for_request = (needed - room.left) / room.per_minute * MINUTE
    low, high = (max(0.0, (needed - room.free) / room.slots * took, for_request) + took for took in (own.low, own.high))
    return Wait(low, high)


def usual(type: str, model: str, *, now: datetime) -> Usual | None:
    """Return the usual time from sending to made for this type and model, or None without a history."""
    key = f"usual:{type}:{model}"
    known: Usual | str | None = cache.get(key)
    if known is None:
        known = _measured(type, model, now) or "none"
        cache.set(key, known, REMEMBER)
    return None if isinstance(known, str) else known


def _measured(type: str, model: str, now: datetime) -> Usual | None:
    rows = (
        Job.objects.filter(made_at__gt=now - SAMPLE_AGE, kind=f"{type}:{model}", state="done")
        .order_by("-made_at")
        .values_list("sent_at", "made_at")[:SAMPLE]
    )
    took = sorted((made - sent).total_seconds() for sent, made in rows if sent and made and made > sent)
    if len(took) < FEWEST:
        return None
    low = max(1.0, _at_share(took, 0.5))
    return Usual(fast=_at_share(took, 0.05), low=low, high=max(low + 1.0, _at_share(took, 0.95)))


def _at_share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]

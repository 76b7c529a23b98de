"""How long pictures usually take, from this studio's own history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from studio.models.job import Job

# The latest pictures of one kind; older ones say little about today's Luma.
SAMPLE, SAMPLE_AGE, FEWEST = 100, timedelta(days=14), 3
REMEMBER = 15  # seconds


@dataclass(frozen=True, slots=True)
class Usual:
    """From when most are made (p50) to when nearly all are (p95), and the fast end (p5), in seconds."""

    fast: float
    low: float
    high: float


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
        Job.objects.filter(made_at__gt=now - SAMPLE_AGE, submission__type=type, submission__model=model, state="done")
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

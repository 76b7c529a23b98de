"""How often each cause came, by the hour and by the day: Review draws the trend without counting jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from studio.models.sql.compiled_query import MOMENT, TEXT, CompiledQuery

HOURS, DAYS = 24, 30
KEPT = timedelta(days=3)  # hours; days stay


class FailureCount(models.Model):
    """The failures of one cause that came in one hour, or in one day of this studio's time zone.

    Counted as they come, in the transaction of the job, behind the revision: what is retried or settled later stays.
    """

    class Span(models.TextChoices):
        HOUR = "hour"
        DAY = "day"

    span = models.CharField(max_length=4, choices=Span.choices)
    # When the hour or the day began.
    at = models.DateTimeField()
    cause = models.CharField(max_length=20)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["span", "at", "cause"], name="one_count_of_a_cause_at_a_time")]

    def __str__(self) -> str:
        return f"{self.number} {self.cause}, {self.span} of {self.at}"

    @classmethod
    def add(cls, cause: str, *, at: datetime | None = None) -> None:
        """Count one failure, inside the transaction in which the job ended."""
        hour, day = _begin(at or timezone.now())
        for span, begin in ((cls.Span.HOUR, hour), (cls.Span.DAY, day)):
            row = cls.objects.filter(span=span, at=begin, cause=cause[:20])
            if not row.update(number=models.F("number") + 1):
                cls.objects.create(span=span, at=begin, cause=cause[:20], number=1)

    @classmethod
    def trends(cls, span: str, *, now: datetime) -> dict[str, list[int]]:
        """Return how many of each cause came in the last 24 hours, or the last 30 days, oldest first."""
        bins = DAYS if span == cls.Span.DAY else HOURS
        since = now - (timedelta(days=bins) if span == cls.Span.DAY else timedelta(hours=bins))
        found: dict[str, list[int]] = {}
        for cause, at, number in _SINCE(span, since):
            place = bins - 1 - age(at, span, now)
            if 0 <= place < bins:
                found.setdefault(cause, [0] * bins)[place] += number
        return found

    @classmethod
    def clear_old(cls, *, now: datetime) -> int:
        """Delete hours that no trend shows any more; return how many rows."""
        return cls.objects.filter(span=cls.Span.HOUR, at__lt=now - KEPT).delete()[0]


_SINCE = CompiledQuery(
    lambda span, since: FailureCount.objects.filter(span=span, at__gt=since).values_list("cause", "at", "number"),
    TEXT,
    MOMENT,
    is_steady=True,
)


def trend_of(times: Iterable[datetime], span: str, *, now: datetime) -> list[int]:
    """Count these times as `FailureCount.trends` does."""
    bins = DAYS if span == FailureCount.Span.DAY else HOURS
    found = [0] * bins
    for at in times:
        place = bins - 1 - age(at, span, now)
        if 0 <= place < bins:
            found[place] += 1
    return found


def age(at: datetime, span: str, now: datetime) -> int:
    """Return how many hours, or days of this studio's time zone, lie between; 0 for this one."""
    if span == FailureCount.Span.DAY:
        return (timezone.localtime(now).date() - timezone.localtime(at).date()).days
    return int((_begin(now)[0] - _begin(at)[0]) / timedelta(hours=1))


def _begin(at: datetime) -> tuple[datetime, datetime]:
    there = timezone.localtime(at)
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour, there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)

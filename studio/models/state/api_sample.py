"""How the API answered: calls, failures and seconds, by minute and by hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from studio.models.clearing import delete_some

KEPT = timedelta(days=30)
CLEARED_AT_ONCE = 10_000  # rows
MINUTE, HOUR = 1, 60


@dataclass(frozen=True, slots=True)
class Tally:
    """The calls of one kind in one minute; times in seconds."""

    kind: str
    at: datetime
    number: int = 0
    errors: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def plus(self, seconds: float, is_failed: bool) -> Tally:
        return replace(
            self,
            number=self.number + 1,
            errors=self.errors + is_failed,
            seconds=self.seconds + seconds,
            slowest=max(self.slowest, seconds),
        )


class ApiSampleQuerySet(models.QuerySet["ApiSample"]):
    def hours(self, since: datetime) -> ApiSampleQuerySet:
        return self.filter(minutes=HOUR, at__gte=since)

    def of_minutes(self, since: datetime) -> ApiSampleQuerySet:
        return self.filter(minutes=MINUTE, at__gte=since)

    def clear_old(self, *, now: datetime) -> None:
        """Delete some of what is older than a month."""
        delete_some(self.filter(minutes__in=[MINUTE, HOUR], at__lt=now - KEPT), most=CLEARED_AT_ONCE)


class ApiSample(models.Model):
    """The calls of one kind in one minute, and once more in one hour, so that a month is drawn from a few hundred rows."""

    class Kind(models.TextChoices):
        CREATE = "create", "Requests"
        POLL = "poll", "Status checks"
        FILES = "files", "Files sent"
        DOWNLOAD = "download", "Downloads"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    minutes = models.PositiveSmallIntegerField(default=MINUTE)
    # When it began.
    at = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)
    # Without an answer, or with a 5xx; a refusal is an answer.
    errors = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    slowest = models.FloatField(default=0.0)

    objects = ApiSampleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["minutes", "at", "kind"], name="one_sample_for_each_time")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} in {self.minutes} min"

    @classmethod
    def add(cls, tallies: Iterable[Tally]) -> None:
        """Write down what was counted, on top of what another conductor counted in the same minute."""
        with transaction.atomic():
            for tally in tallies:
                cls._add(tally, MINUTE, tally.at)
                cls._add(tally, HOUR, tally.at.replace(minute=0))

    @classmethod
    def _add(cls, tally: Tally, minutes: int, at: datetime) -> None:
        row, _ = cls.objects.get_or_create(kind=tally.kind, minutes=minutes, at=at)
        cls.objects.filter(pk=row.pk).update(
            number=F("number") + tally.number,
            errors=F("errors") + tally.errors,
            seconds=F("seconds") + tally.seconds,
            slowest=Greatest(F("slowest"), tally.slowest),
        )

"""What Luma says it made and charged in a day, beside what Studio's own rows say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone

from studio.models.jobs.attempt import Attempt, Charge
from studio.models.people import User

LONGEST_ANSWER = 2_000  # characters


class ProviderUsage(models.Model):
    """The figures of one day (UTC, as Luma counts). Rows are added; the newest of a day with figures counts."""

    class Source(models.TextChoices):
        TYPED = "typed", "From Luma's dashboard"
        API = "api", "From Luma's API"

    day = models.DateField()
    source = models.CharField(max_length=10, choices=Source.choices)
    # Pictures and dollars; None where Luma's answer does not say it in a way that Studio knows.
    pictures = models.PositiveIntegerField(null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    # What Luma's API answered, or why it did not.
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)

    class Meta:
        indexes = [models.Index(fields=["day", "-at", "-id"], name="usage_of_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.pictures}, {self.cost}"

    @classmethod
    def of(cls, day: date) -> ProviderUsage | None:
        """Return the figures that count for a day."""
        rows = cls.objects.filter(day=day, pictures__isnull=False).select_related("person")
        return rows.order_by("-at", "-pk").first()

    @classmethod
    def last_answer(cls, day: date) -> ProviderUsage | None:
        """Return what Luma's API last said of a day."""
        return cls.objects.filter(day=day, source=cls.Source.API).order_by("-at", "-pk").first()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLedger:
    """What Studio knows of the requests sent in a day: numbers of requests, and dollars."""

    charged: int
    cost: Decimal
    maybe: int
    maybe_cost: Decimal
    # Charged without a published price (layers): they are not in `cost`.
    unpriced: int

    @classmethod
    def of(cls, day: date) -> DayLedger:
        """Sum a day of UTC in one query, by an index of charge and time."""
        begin = datetime.combine(day, time.min, tzinfo=UTC)
        rows = Attempt.objects.filter(sent_at__gte=begin, sent_at__lt=begin + timedelta(days=1))
        kinds = [Charge.CHARGED, Charge.MAYBE]
        sums = {
            charge: (count, total or Decimal(0), unpriced)
            for charge, count, total, unpriced in rows.filter(charge__in=kinds)
            .values("charge")
            .annotate(count=Count("pk"), total=Sum("price"), unpriced=Count("pk", filter=Q(price=None)))
            .values_list("charge", "count", "total", "unpriced")
            .order_by()
        }
        nothing = (0, Decimal(0), 0)
        charged, maybe = sums.get("charged", nothing), sums.get("maybe", nothing)
        return cls(
            charged=charged[0], cost=charged[1], maybe=maybe[0], maybe_cost=maybe[1], unpriced=charged[2] + maybe[2]
        )

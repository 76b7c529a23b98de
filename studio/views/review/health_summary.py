"""How the engine is: the six facts at the head of Review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, Sum, Value
from django.utils import timezone

from studio.context_processors import PauseNotice
from studio.models import Attempt, Job, Submission
from studio.models.jobs.timing import Usual, usual
from studio.models.sql.compiled_query import MOMENT, CompiledQuery
from studio.views.state.health import STALE, beats

MINUTE = timedelta(minutes=1)
# What is asked for most, so its time says most.
TYPICAL = (Submission.Type.IMAGE, "uni-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSummary:
    """None means not known yet: no beat, nobody in line, no history."""

    beat: timedelta | None
    is_running: bool
    blocked: PauseNotice | None
    used: int
    slots: int
    in_line: int
    # What those in line cost when they are sent, in dollars; layers have no price.
    in_line_price: Decimal
    oldest: timedelta | None
    usual: Usual | None
    spent: Decimal
    # What lost answers of today may have cost beside it, sent again since or not.
    maybe: Decimal
    # Requests without a price (layers), charged and perhaps charged: they are in neither sum.
    unpriced: int
    unpriced_maybe: int

    @property
    def without(self) -> str:
        """What is in neither sum, in words; "" for nothing."""
        counts = ((self.unpriced, "charged"), (self.unpriced_maybe, "may be charged"))
        return ", ".join(f"{count} {word}" for count, word in counts if count)

    @property
    def beat_told(self) -> timedelta | None:
        """The age of the beat as it is shown: past a minute the seconds do not matter."""
        if self.beat is None or self.beat < MINUTE:
            return self.beat
        return MINUTE * (self.beat // MINUTE)


def _summed(rows: Any, **sums: Any) -> Any:
    """One row with the sums of all, as a query that can be compiled."""
    return rows.order_by().values(every=Value(1)).annotate(total=Sum("price"), **sums)


def _unpriced() -> Count:
    # Not of keys: an index with the charge and the price answers without the rows.
    return Count("charge", filter=Q(price=None))


_LINE: CompiledQuery[Job] = CompiledQuery(
    lambda: _summed(Job.objects.waiting(), oldest=Min("created_at"), count=Count("pk"))
)
_SPENT: CompiledQuery[Job] = CompiledQuery(
    lambda since: _summed(Job.objects.filter(charge=Job.Charge.CHARGED, made_at__gte=since), unpriced=_unpriced()),
    MOMENT,
)
_MAYBE: CompiledQuery[Attempt] = CompiledQuery(
    lambda since: _summed(Attempt.objects.filter(charge=Job.Charge.MAYBE, sent_at__gte=since), unpriced=_unpriced()),
    MOMENT,
)


def take(pauses: list[PauseNotice], *, used: int, slots: int, now: datetime) -> HealthSummary:
    """Read the six facts beside those that the frame of the page knows, in a fixed number of queries."""
    # The part that was silent longest speaks for all.
    beat = max(beats().values(), default=None)
    line = _LINE.first()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    spent, maybe = _SPENT.first(midnight), _MAYBE.first(midnight)
    return HealthSummary(
        beat=beat,
        is_running=beat is not None and beat <= STALE,
        blocked=pauses[0] if pauses else None,
        used=used,
        slots=slots,
        in_line=line["count"],
        in_line_price=line["total"] or Decimal(0),
        oldest=now - line["oldest"] if line["oldest"] else None,
        usual=usual(*TYPICAL, now=now),
        spent=spent["total"] or Decimal(0),
        maybe=maybe["total"] or Decimal(0),
        unpriced=spent["unpriced"],
        unpriced_maybe=maybe["unpriced"],
    )

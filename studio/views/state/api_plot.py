"""How Luma's API answered over a day or a month: bars and a table, from the rows of hours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.utils import timezone

from studio.models import ApiSample

SPANS = {"24h": (24, timedelta(hours=1), "24 hours"), "30d": (30, timedelta(days=1), "30 days")}
# In the units of the drawing: the width, the plot of times, and the plot of failures below it.
LEFT, WIDTH, TOP, HEIGHT, GAP, LOW = 60, 820, 14, 128, 52, 44
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
PERCENTS = (5, 10, 25, 50, 100)


@dataclass(slots=True)
class Sum:
    """The calls of one kind in a span of time."""

    number: int = 0
    errors: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    def add(self, number: int, errors: int, seconds: float, slowest: float) -> None:
        self.number += number
        self.errors += errors
        self.seconds += seconds
        self.slowest = max(self.slowest, slowest)

    @property
    def mean(self) -> float:
        return self.seconds / self.number if self.number else 0.0

    @property
    def percent(self) -> float:
        return 100 * self.errors / self.number if self.number else 0.0

    @property
    def mean_said(self) -> str:
        return said(self.mean) if self.number else "–"

    @property
    def slowest_said(self) -> str:
        return said(self.slowest) if self.number else "–"

    @property
    def percent_said(self) -> str:
        """The share of failures, never 0 % where there was one."""
        if not self.errors:
            return "0 %" if self.number else "–"
        return f"{self.percent:.0f} %" if self.percent >= 1 else "< 1 %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One hour or day: its figures, and where it stands in the drawing."""

    at: datetime
    label: str
    axis: str
    sum: Sum
    x: float
    width: float
    y: float
    height: float
    error_y: float
    error_height: float
    is_now: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What the page draws: bars of the chosen kind, and every kind's sum."""

    span: str
    kind: str
    bars: list[Bar]
    kinds: list[tuple[str, str, Sum]]
    lines: list[tuple[float, str]]
    error_lines: list[tuple[float, str]]

    @property
    def is_empty(self) -> bool:
        return not any(bar.sum.number for bar in self.bars)

    @property
    def total(self) -> Sum:
        return next(total for kind, _, total in self.kinds if kind == self.kind)

    @property
    def spans(self) -> list[tuple[str, str]]:
        return [(name, words) for name, (_, _, words) in SPANS.items()]

    @property
    def span_said(self) -> str:
        return SPANS[self.span][2]

    @classmethod
    def read(cls, span: str, kind: str, *, now: datetime) -> Self:
        """Read the hours of the span; the address may ask for a span and a kind, and what is unknown is the usual."""
        span = span if span in SPANS else "24h"
        kind = kind if kind in ApiSample.Kind else str(ApiSample.Kind.CREATE)
        times = _times(span, now)
        rows = list(
            ApiSample.objects.hours(times[0]).values_list("kind", "at", "number", "errors", "seconds", "slowest")
        )
        sums = [Sum() for _ in times]
        totals = {value: Sum() for value in ApiSample.Kind.values}
        for name, at, number, errors, seconds, slowest in rows:
            if name in totals:
                totals[name].add(number, errors, seconds, slowest)
            if name == kind:
                sums[bisect_right(times, at) - 1].add(number, errors, seconds, slowest)
        top, worst = _step(STEPS, max(one.mean for one in sums)), _step(PERCENTS, max(one.percent for one in sums))
        return cls(
            span=span,
            kind=kind,
            bars=list(_bars(span, times, sums, top, worst)),
            kinds=[(value, label, totals[value]) for value, label in ApiSample.Kind.choices],
            lines=[(round(TOP + HEIGHT * (1 - part), 1), said(top * part)) for part in (0, 0.5, 1)],
            error_lines=[
                (TOP + HEIGHT + GAP + LOW, "0 %"),
                (TOP + HEIGHT + GAP, f"{worst:g} %"),
            ],
        )


def recent(now: datetime) -> tuple[int, int]:
    """Return how many calls there were in the last quarter of an hour, and how many of them failed."""
    rows = ApiSample.objects.of_minutes(now - timedelta(minutes=15)).values_list("number", "errors")
    found = list(rows)
    return sum(number for number, _ in found), sum(errors for _, errors in found)


def said(seconds: float) -> str:
    """Write a time as short as it is clear: 80 ms, 1.4 s, 51 s, 2 min."""
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms" if seconds else "0 s"
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _times(span: str, now: datetime) -> list[datetime]:
    """Return when each bar begins, in the studio's own zone; the last one is now's."""
    count, step, _ = SPANS[span]
    here = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    if span == "24h":
        return [here - step * (count - 1 - place) for place in range(count)]
    days = [here.date() - step * (count - 1 - place) for place in range(count)]
    return [here.replace(year=day.year, month=day.month, day=day.day, hour=0) for day in days]


def _bars(span: str, times: list[datetime], sums: list[Sum], top: float, worst: float) -> Iterable[Bar]:
    step = (WIDTH - LEFT) / len(times)
    every = 4 if span == "24h" else 5
    for place, (at, total) in enumerate(zip(times, sums, strict=True)):
        height = HEIGHT * min(1.0, total.mean / top)
        error_height = LOW * min(1.0, total.percent / worst)
        is_now = place == len(times) - 1
        is_marked = is_now or (place % every == 0 and place < len(times) - 2)
        yield Bar(
            at=at,
            label=f"{at:%H}:00" if span == "24h" else f"{at:%a} {at.day} {at:%b}",
            axis=(f"{at:%H}" if span == "24h" else str(at.day)) if is_marked else "",
            sum=total,
            x=round(LEFT + step * place, 1),
            width=round(step, 1),
            y=round(TOP + HEIGHT - height, 1),
            height=round(height, 1),
            error_y=round(TOP + HEIGHT + GAP + LOW - error_height, 1),
            error_height=round(error_height, 1),
            is_now=is_now,
        )


def _step(steps: Iterable[Any], most: float) -> float:
    """Return the first of the steps that reaches as high, or the last."""
    last = 1.0
    for step in steps:
        last = float(step)
        if step >= most:
            break
    return last

"""Spans of days in an address: `from=2026-09&to=2026-11`, `from=2026-09-03`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

DAY = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?", re.ASCII)
FIRST_YEAR = 1970


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; None is open."""

    first: date | None = None
    last: date | None = None

    @classmethod
    def read(cls, first: str, last: str) -> Span:
        """Read a year, a month or a day each; what is none of them is left open."""
        return cls(_day(first, is_end=False), _day(last, is_end=True))

    @property
    def begin(self) -> datetime | None:
        return _midnight(self.first) if self.first else None

    @property
    def end(self) -> datetime | None:
        """The first moment after it."""
        return _midnight(self.last + timedelta(days=1)) if self.last else None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What the address says, as short as it can be: a whole month as its month."""
        found = []
        if self.first:
            found.append(("from", f"{self.first:%Y-%m}" if self.first.day == 1 else self.first.isoformat()))
        if self.last:
            found.append(("to", f"{self.last:%Y-%m}" if _is_month_end(self.last) else self.last.isoformat()))
        return found

    def __str__(self) -> str:
        """Say it in words: Sep – Nov 2026, 3 – 9 Sep 2026, since 3 Sep 2026."""
        first, last = self.first, self.last
        if first and last:
            if first == last:
                return _words(first, "day")
            in_months = first.day == 1 and _is_month_end(last)
            unit = "month" if in_months else "day"
            if in_months and (first.year, first.month) == (last.year, last.month):
                return _words(last, unit)
            if in_months and first.month == 1 and last.month == 12:
                return f"{first.year}" if first.year == last.year else f"{first.year} – {last.year}"
            if first.year != last.year:
                return f"{_words(first, unit)} – {_words(last, unit)}"
            start = (
                f"{first:%b}" if in_months else f"{first.day} {first:%b}" if first.month != last.month else first.day
            )
            return f"{start} – {_words(last, unit)}"
        if first:
            return f"since {_words(first, 'month' if first.day == 1 else 'day')}"
        return f"until {_words(last, 'month' if _is_month_end(last) else 'day')}" if last else ""


def usual(today: date) -> list[tuple[str, Span]]:
    """The spans that a menu offers, each with its name."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    return [
        ("Today", Span(today, today)),
        ("Last 7 days", Span(today - timedelta(days=6), today)),
        ("This month", Span(month, _month_end(month))),
        ("Last month", Span(before, _month_end(before))),
        ("This year", Span(today.replace(month=1, day=1), today.replace(month=12, day=31))),
    ]


def _day(text: str, *, is_end: bool) -> date | None:
    known = DAY.fullmatch(text.strip())
    if known is None:
        return None
    year, month, day = (int(part) if part else 0 for part in known.groups())
    if year < FIRST_YEAR or year > date.max.year - 1:
        return None
    try:
        found = date(year, month or (12 if is_end else 1), day or 1)
    except ValueError:
        return None
    return found if day or not is_end else _month_end(found)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _is_month_end(day: date) -> bool:
    return day == _month_end(day)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _words(day: date, unit: str) -> str:
    return f"{day:%b} {day.year}" if unit == "month" else f"{day.day} {day:%b} {day.year}"

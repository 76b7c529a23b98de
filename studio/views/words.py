"""How numbers and times are written (design.md section 3): one place for pages, cards and tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

CENT = Decimal("0.01")
PRICE_PER_LAYER = "price per layer"
WEEK = timedelta(days=7)
KB, MB = 1_000, 1_000_000


def price(amount: Decimal | None) -> str:
    """Write dollars with two decimals, half up; None is a price that Luma does not publish."""
    if amount is None:
        return PRICE_PER_LAYER
    return f"${amount.quantize(CENT, ROUND_HALF_UP):,}"


def seconds(value: float | timedelta) -> str:
    """Write a duration: `41 s`, `1 min 34 s`, `1 h 4 min`."""
    whole = int(value.total_seconds() if isinstance(value, timedelta) else value)
    minutes, rest = divmod(max(0, whole), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"


def moment(at: datetime | None, now: datetime | None = None) -> str:
    """Write a time as people say it: `Today 10:18`, `Mon 14:02`, `3 Nov 14:02`, `3 Nov 2025 14:02`."""
    if at is None:
        return ""
    there, here = timezone.localtime(at), timezone.localtime(now or timezone.now())
    if there.date() == here.date():
        return f"Today {there:%H:%M}"
    if timedelta(0) < here.date() - there.date() < WEEK:
        return f"{there:%a %H:%M}"
    year = "" if there.year == here.year else f"{there.year} "
    return f"{there.day} {there:%b} {year}{there:%H:%M}"


def size(count: int) -> str:
    """Write a number of bytes: `340 KB`, `6.1 MB`."""
    if count >= MB:
        return f"{count / MB:.1f} MB"
    return f"{max(1, round(count / KB))} KB"


def place(number: int) -> str:
    """Write a place in line: `next in line`, `3rd in line`."""
    if number == 1:
        return "next in line"
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} in line"


def counted(number: int, word: str) -> str:
    """Write a number of things: `1 reference`, `2 references`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"

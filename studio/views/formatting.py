"""How numbers and times are written: one place for pages, cards and tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from studio.models.account.rights import dollars
from studio.models.jobs.timing import Wait
from studio.text import plurals

PRICE_PER_LAYER = "price per layer"
WEEK = timedelta(days=7)
KB, MB, GB = 1_000, 1_000_000, 1_000_000_000
# An estimate is given in seconds and in minutes up to this many of them; above ten seconds in steps of five.
MOST_OF_A_UNIT = 100
STEPS_FROM, STEP = 10, 5


def price(amount: Decimal | None) -> str:
    """Write dollars with two decimals, half up; None is a price that Luma does not publish."""
    return PRICE_PER_LAYER if amount is None else dollars(amount)


def exact_price(amount: Decimal | None) -> str:
    """Write dollars with all four decimals, so that a sum adds up."""
    return PRICE_PER_LAYER if amount is None else f"${amount:,.4f}"


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


def about(low: float, high: float) -> str:
    """Write an estimate in seconds, no more exact than it is: `4–9 s`, `45–80 s`, `1–2 min`, `50 s – 3 min`, `2 h`."""
    unit, size = ("s", 1) if high < MOST_OF_A_UNIT else ("min", 60) if high < MOST_OF_A_UNIT * 60 else ("h", 3600)
    first, last = _whole(low / size, unit), _whole(high / size, unit)
    if not first:
        return f"{about(low, low)} – {last} {unit}"
    return f"{last} {unit}" if first == last else f"{first}–{last} {unit}"


def _whole(value: float, unit: str) -> int:
    if unit != "s":
        return int(value + 0.5)
    step = STEP if value >= STEPS_FROM else 1
    return max(1, step * int(value / step + 0.5))


def wait(estimate: Wait | None) -> str:
    """Write how long a waiting job usually takes: `usually 1–2 min`; "" without an estimate."""
    return f"usually {about(estimate.low, estimate.high)}" if estimate else ""


def moment(at: datetime | None, now: datetime | None = None) -> str:
    """Write a time as people say it: `Today 10:18`, `Mon 14:02`, `3 Nov 14:02`, `3 Nov 2025 14:02`."""
    if at is None:
        return ""
    zone = timezone.get_default_timezone()
    there, here = at.astimezone(zone), (now or timezone.now()).astimezone(zone)
    if (age := here.date() - there.date()) == timedelta(0):
        return f"Today {there:%H:%M}"
    if timedelta(0) < age < WEEK:
        return f"{there:%a %H:%M}"
    year = "" if there.year == here.year else f"{there.year} "
    return f"{there.day} {there:%b} {year}{there:%H:%M}"


def in_full(at: datetime | None) -> str:
    """Write a time beyond doubt, with its zone: `Tuesday 10 November 2026, 10:18:05 CET (UTC+01:00)`."""
    if at is None:
        return ""
    there = at.astimezone(timezone.get_default_timezone())
    # Each of them costs as much as all at once, and a page of cases has a hundred times.
    offset, name, day, rest = f"{there:%z|%Z|%A|%B %Y, %H:%M:%S}".split("|")
    utc = _utc(there, offset)
    # Some zones have no letters of their own, only the number again.
    zone = utc if name in {"UTC", ""} or name[0] in "+-" else f"{name} ({utc})"
    return f"{day} {there.day} {rest} {zone}"


def hour_with_zone(at: datetime) -> str:
    """Write an hour for who may be anywhere, such as a client: `23:59 UTC+01:00`."""
    there = at.astimezone(timezone.get_default_timezone())
    return f"{there:%H:%M} {_utc(there, f'{there:%z}')}"


def _utc(there: datetime, offset: str) -> str:
    return f"UTC{offset[:3]}:{offset[3:5]}" if there.utcoffset() else "UTC"


def size(count: int) -> str:
    """Write a number of bytes: `340 KB`, `6.1 MB`, `25.3 GB`; nothing is 0 KB."""
    if count >= GB:
        return f"{count / GB:.1f} GB"
    if count >= MB:
        return f"{count / MB:.1f} MB"
    return f"{max(1, round(count / KB)) if count else 0} KB"


def place(number: int) -> str:
    """Write a place in line: `next in line`, `3rd in line`."""
    if number == 1:
        return "next in line"
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} in line"


def thousands(number: int) -> str:
    """Write a number with commas: `6,482`."""
    return f"{number:,}"


counted = plurals.counted

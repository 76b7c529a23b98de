from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from studio.models.jobs.timing import Wait
from studio.views import formatting

NOW = datetime(2026, 11, 12, 15, 30, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.0404", "$0.04"),
        ("0.0450", "$0.05"),
        ("0.1856", "$0.19"),
        ("0.1000", "$0.10"),
        ("41.2", "$41.20"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_a_price_has_two_decimals_half_up(amount: str, written: str) -> None:
    assert formatting.price(Decimal(amount)) == written


def test_an_unpublished_price_is_said_and_not_guessed() -> None:
    assert formatting.price(None) == "price per layer"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0 s"),
        (-2, "0 s"),
        (41.9, "41 s"),
        (60, "1 min"),
        (94, "1 min 34 s"),
        (timedelta(minutes=64), "1 h 4 min"),
        (7200, "2 h"),
    ],
)
def test_a_duration_is_written_as_people_say_it(value: float | timedelta, written: str) -> None:
    assert formatting.seconds(value) == written


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (NOW - timedelta(hours=5, minutes=12), "Today 10:18"),
        (datetime(2026, 11, 9, 14, 2, tzinfo=UTC), "Mon 14:02"),
        (datetime(2026, 11, 3, 14, 2, tzinfo=UTC), "3 Nov 14:02"),
        (datetime(2025, 11, 3, 14, 2, tzinfo=UTC), "3 Nov 2025 14:02"),
        (datetime(2026, 11, 13, 9, 0, tzinfo=UTC), "13 Nov 09:00"),
        (None, ""),
    ],
)
def test_a_time_is_written_as_people_say_it(at: datetime | None, written: str) -> None:
    assert formatting.moment(at, NOW) == written


@pytest.mark.parametrize(("count", "written"), [(10, "1 KB"), (340_400, "340 KB"), (6_100_000, "6.1 MB")])
def test_a_size_is_written_in_round_numbers(count: int, written: str) -> None:
    assert formatting.size(count) == written


@pytest.mark.parametrize(
    ("number", "written"), [(1, "next"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")]
)
def test_a_place_is_written_as_an_ordinal(number: int, written: str) -> None:
    assert formatting.place(number) == f"{written} in line"


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (0.2, 0.4, "1 s"),
        (3.6, 9.4, "4–9 s"),
        (9.8, 14, "10–15 s"),
        (43, 78, "45–80 s"),
        (50, 51, "50 s"),
        (66, 130, "1–2 min"),
        (25, 110, "25 s – 2 min"),
        (110, 140, "2 min"),
        (3500, 4200, "58–70 min"),
        (1000, 6600, "17 min – 2 h"),
        (6600, 11000, "2–3 h"),
    ],
)
def test_an_estimate_is_no_more_exact_than_it_is(low: float, high: float, written: str) -> None:
    assert formatting.about(low, high) == written
    assert formatting.wait(Wait(low, high)) == f"usually {written}"


def test_no_estimate_is_no_words() -> None:
    assert formatting.wait(None) == ""


def test_one_of_a_thing_is_singular() -> None:
    assert [formatting.counted(number, "reference") for number in (1, 2)] == ["1 reference", "2 references"]


@pytest.mark.parametrize(
    ("zone", "words", "hour"),
    [
        ("UTC", "Tuesday 10 November 2026, 10:18:05 UTC", "10:18 UTC"),
        ("Europe/Berlin", "Tuesday 10 November 2026, 11:18:05 CET (UTC+01:00)", "11:18 UTC+01:00"),
        ("America/Sao_Paulo", "Tuesday 10 November 2026, 07:18:05 UTC-03:00", "07:18 UTC-03:00"),
        ("Asia/Kathmandu", "Tuesday 10 November 2026, 16:03:05 UTC+05:45", "16:03 UTC+05:45"),
    ],
)
def test_a_time_in_full_names_its_zone(settings, zone: str, words: str, hour: str) -> None:
    settings.TIME_ZONE = zone
    at = datetime(2026, 11, 10, 10, 18, 5, tzinfo=UTC)
    assert (formatting.in_full(at), formatting.hour_with_zone(at)) == (words, hour)

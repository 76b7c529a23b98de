"""What people type as an amount or a number: no field takes one for another."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio.forms import amounts

MOST = Decimal(999_999)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("10", "10"),
        ("2.50", "2.50"),
        (" $5 ", "5"),
        ("5 $", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0", "0"),
        ("0.0404", "0.0404"),
        ("1,000", "1000"),
        ("999,999.00", "999999"),
        ("1,000.50", "1000.5"),
        # A comma that cannot stand for thousands.
        ("0,05", "0.05"),
        ("12,50", "12.5"),
        ("12,5", "12.5"),
        ("0,0404", "0.0404"),
        ("0,050", "0.05"),
    ],
)
def test_an_amount_is_read_as_it_is_meant(typed: str, read: str) -> None:
    assert amounts.dollars(typed, most=MOST) == Decimal(read)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "$", "-1", "+1", "1e3", "NaN", "sNaN", "Infinity", "1_000", "\u0663", "\uff12", "abc", "0x10", "5 5"),
        *("1.000,50", "1,00,000", "1,0000,0", ",5", "1000000", "1" * 400, "\x00", "5\x00", "0.00001", "0,00001", "$-1"),
    ],
)
def test_what_is_no_amount_or_not_one_alone_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, the caller has the sentence
        amounts.dollars(typed, most=MOST)


@pytest.mark.parametrize(("typed", "read"), [("0", 0), (" 7 ", 7), ("1,204", 1204), ("007", 7)])
def test_a_whole_number_is_read(typed: str, read: int) -> None:
    assert amounts.whole(typed, most=100_000) == read


@pytest.mark.parametrize("typed", ["", "0,05", "1,5", "1.5", "3.0", "-1", "1_000", "٣", "1e3", "100001", "9" * 5000])
def test_what_is_no_whole_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        amounts.whole(typed, most=100_000)


@pytest.mark.parametrize(
    ("amount", "shown"), [(None, ""), ("5", "5.00"), ("0.5000", "0.50"), ("0.0404", "0.0404"), ("1000", "1000.00")]
)
def test_a_field_shows_what_is_kept(amount: str | None, shown: str) -> None:
    assert amounts.plain(None if amount is None else Decimal(amount)) == shown
    assert not shown or amounts.dollars(shown, most=MOST) == Decimal(amount or 0)

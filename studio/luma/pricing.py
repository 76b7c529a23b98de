"""What a request costs, in US dollars, exact (luma-api.md section 14).

Answers carry no cost, so this table is the only source. A new price is a new entry with the day it starts; old
entries stay, because the books of old jobs are explained by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

# Prices are whole multiples of this (dollars).
UNIT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Tariff:
    """In units of 0.0001 dollars: the picture itself, and each input picture (the source counts as one)."""

    base: int
    each_input: int


PRICES: tuple[tuple[date, Mapping[str, Tariff]], ...] = (
    (date(2026, 5, 1), MappingProxyType({"uni-1": Tariff(404, 30), "uni-1-max": Tariff(1000, 30)})),
)
# Inputs that a type can have, fewest and most. Layering is not here: its price for each layer is not published.
PRICED_TYPES = MappingProxyType({"image": (0, 9), "image_edit": (1, 9)})


def price(type: str, model: str, inputs: int) -> Decimal | None:
    """Return today's price in dollars, four places; None when it is not known."""
    return price_on(datetime.now(UTC).date(), type, model, inputs)


def price_on(day: date, type: str, model: str, inputs: int) -> Decimal | None:
    """Return the price of that day in dollars, four places; None when it is not known."""
    fewest, most = PRICED_TYPES.get(type, (0, -1))
    tariff = tariffs_on(day).get(model)
    if tariff is None or not fewest <= inputs <= most:
        return None
    return (tariff.base + tariff.each_input * inputs) * UNIT


def tariffs_on(day: date) -> Mapping[str, Tariff]:
    """Return the tariff of each model on that day; empty before the first published list."""
    lists = [rows for valid_from, rows in PRICES if valid_from <= day]
    return lists[-1] if lists else MappingProxyType({})

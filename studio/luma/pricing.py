"""What a request costs, in US dollars, exact (luma-api.md section 14).

Answers carry no cost, so a table is the only source: the prices that Luma had published when this was released, and
those that `use` adds. A new price is a new row with the day it starts; old rows stay, because the books of old jobs
are explained by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

# Prices are whole multiples of this (dollars).
UNIT = Decimal("0.0001")
# What a price is for: a picture or an edit; each input picture, the source included; each layer.
PICTURE, INPUT, LAYER = "picture", "input", "layer"


class PriceRow(NamedTuple):
    """One price in units of 0.0001 dollars, from a day on; `model` "" means every model."""

    first_day: date
    model: str
    per: str
    units: int


@dataclass(frozen=True, slots=True)
class Tariff:
    """In units of 0.0001 dollars: the picture itself, and each input picture (the source counts as one)."""

    base: int
    each_input: int


PUBLISHED = (
    PriceRow(date(2026, 5, 1), "uni-1", PICTURE, 404),
    PriceRow(date(2026, 5, 1), "uni-1-max", PICTURE, 1000),
    PriceRow(date(2026, 5, 1), "", INPUT, 30),
)
# Inputs that a type can have, fewest and most. Layering is not here: it is paid for by the layer.
PRICED_TYPES = MappingProxyType({"image": (0, 9), "image_edit": (1, 9)})


@dataclass(frozen=True)
class PriceTable:
    """All prices, oldest first; of two that start on one day the later row holds. `version` differs for other rows."""

    rows: Sequence[PriceRow] = PUBLISHED
    version: int = 0
    _days: dict[date, Mapping[str, Tariff]] = field(default_factory=dict, compare=False, repr=False)

    def tariffs_on(self, day: date) -> Mapping[str, Tariff]:
        """Return the tariff of each model on that day; empty before the first price."""
        if day not in self._days:
            found = self._valid_on(day)
            every = found.get(("", INPUT), 0)
            self._days[day] = MappingProxyType(
                {
                    model: Tariff(units, found.get((model, INPUT), every))
                    for (model, per), units in found.items()
                    if per == PICTURE
                }
            )
        return self._days[day]

    def layer_on(self, day: date) -> Decimal | None:
        """Return the price of one layer on that day in dollars; None where it is not known."""
        units = self._valid_on(day).get(("", LAYER))
        return None if units is None else units * UNIT

    def price_on(self, day: date, type: str, model: str, inputs: int) -> Decimal | None:
        """Return the price of that day in dollars, four places; None when it is not known."""
        fewest, most = PRICED_TYPES.get(type, (0, -1))
        tariff = self.tariffs_on(day).get(model)
        if tariff is None or not fewest <= inputs <= most:
            return None
        return (tariff.base + tariff.each_input * inputs) * UNIT

    def _valid_on(self, day: date) -> dict[tuple[str, str], int]:
        begun = sorted((row for row in self.rows if row.first_day <= day), key=lambda row: row.first_day)
        return {(row.model, row.per): row.units for row in begun}


def _published() -> PriceTable:
    return _PUBLISHED


def _utc_today() -> date:
    return datetime.now(UTC).date()


_PUBLISHED = PriceTable()
_table: Callable[[], PriceTable] = _published
_today: Callable[[], date] = _utc_today


def use(table: Callable[[], PriceTable] = _published, *, today: Callable[[], date] = _utc_today) -> None:
    """Ask for the prices there, and what day it is, from now on; without arguments as published, in UTC."""
    global _table, _today
    _table, _today = table, today


def with_published(rows: Iterable[PriceRow], *, version: int) -> PriceTable:
    """Return a table of these rows behind the published ones."""
    return PriceTable((*PUBLISHED, *rows), version)


def table() -> PriceTable:
    return _table()


def day() -> date:
    """The day whose prices hold now."""
    return _today()


def layer_words(each: Decimal | None) -> str:
    """Say what a split costs: `$0.02 per layer`, or without a price `price per layer`."""
    if each is None:
        return "price per layer"
    shown = each.quantize(Decimal("0.01")) if each == each.quantize(Decimal("0.01")) else each.normalize()
    return f"${shown:f} per layer"


def price(type: str, model: str, inputs: int) -> Decimal | None:
    """Return today's price in dollars, four places; None when it is not known."""
    return _table().price_on(_today(), type, model, inputs)


def tariffs() -> Mapping[str, Tariff]:
    """Return today's tariff of each model."""
    return _table().tariffs_on(_today())

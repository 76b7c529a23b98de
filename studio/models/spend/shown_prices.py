"""The prices that a page showed: its paid buttons send them back, and what costs more by now is asked about first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self

from studio.luma import pricing, ratios
from studio.luma.pricing import PriceTable
from studio.models.budget import dollars
from studio.models.not_placed import NotPlaced
from studio.models.requests.request_spec import RequestSpec
from studio.models.spend import price

LAYERS = "layering"
ROSE = "The price has changed: this costs {now} now, not {then}. Nothing was made yet; press again to make it."
LAYER_ROSE = (
    "The price has changed: each layer costs {now} now, not {then}. Nothing was made yet; press again to make it."
)


class PriceChanged(NotPlaced):
    """What is asked for costs more than the page showed."""


class Priced(NamedTuple):
    """What a button asks for, as far as its price is about it."""

    type: str
    model: str
    inputs: int
    times: int = 1

    @classmethod
    def of_spec(cls, spec: RequestSpec) -> Self:
        inputs = len(spec.all_references) + (spec.source is not None)
        return cls(spec.type, spec.model, inputs, spec.count)

    @classmethod
    def of_job(cls, job: Any) -> Self:
        """One more request of a job."""
        return cls.of_kind(job.kind, job.input_count)

    @classmethod
    def of_kind(cls, kind: str, inputs: int, count: int = 1) -> Self:
        type, _, model = kind.partition(":")
        return cls(type, model, inputs, count)


class Cost(NamedTuple):
    """In dollars: what the pictures cost together, and each layer of a split; None where no price is known."""

    pictures: Decimal | None
    layer: Decimal | None


def stamp() -> str:
    """Name the prices and ratios of now, for a form to send back: `2026-11-27.12.3`."""
    return f"{pricing.day().isoformat()}.{pricing.table().version}.{ratios.table().version}"


def is_of_another_day(shown: str) -> bool:
    """Whether a page was drawn on another day than this: prices begin with days. Asks no table."""
    return bool(shown) and not shown.startswith(pricing.day().isoformat())


def check(shown: str, asked: Iterable[Priced]) -> None:
    """Raise PriceChanged where this costs more than under the prices that a form names; less is no question.

    A form that names none, or something that is no stamp, was not shown any.
    """
    if shown == stamp() or (known := _read(shown)) is None:
        return
    every = list(asked)
    then, now = _cost(every, *known), _cost(every, pricing.table(), pricing.day())
    if _rose(then.pictures, now.pictures):
        raise PriceChanged(ROSE.format(now=_told(now.pictures), then=_told(then.pictures)))
    if _rose(then.layer, now.layer):
        raise PriceChanged(LAYER_ROSE.format(now=_told(now.layer), then=_told(then.layer)))


def has_risen(shown: str, one: Priced) -> bool:
    """Whether one of many costs more by now."""
    try:
        check(shown, [one])
    except PriceChanged:
        return True
    return False


def _read(shown: str) -> tuple[PriceTable, date] | None:
    try:
        version = shown[11:30].partition(".")[0]
        return price.table_of(int(version)), date.fromisoformat(shown[:10])
    except ValueError:
        return None


def _cost(asked: list[Priced], table: PriceTable, day: date) -> Cost:
    total: Decimal | None = Decimal(0)
    layer = None
    for one in asked:
        if one.type == LAYERS:
            layer = table.layer_on(day)
            continue
        each = table.price_on(day, one.type, one.model, one.inputs)
        total = None if each is None or total is None else total + each * one.times
    return Cost(total, layer)


def _rose(then: Decimal | None, now: Decimal | None) -> bool:
    return then != now and (then is None or now is None or now > then)


def _told(amount: Decimal | None) -> str:
    return "a price that is not known" if amount is None else dollars(amount)

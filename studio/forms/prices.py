"""The prices that a page showed: where they have changed since, the person hears of it before paying."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from studio.luma import pricing
from studio.models import price
from studio.models.budget import dollars
from studio.models.not_placed import NotPlaced
from studio.models.request_spec import RequestSpec

CHANGED = "The price has changed: this costs {now} now, not {then}. Nothing was made yet; press again to make it."


class PriceChanged(NotPlaced):
    """What is asked for costs something else than the page showed."""


def stamp() -> str:
    """Name the prices of now, for a form to send back: `2026-11-27.12`."""
    return f"{pricing.day().isoformat()}.{pricing.table().version}"


def check(shown: str, specs: Iterable[RequestSpec]) -> None:
    """Raise PriceChanged where these requests cost something else than under the prices that a form names.

    A form that names none, or something that is no stamp, was not shown any.
    """
    if shown == stamp():
        return
    try:
        day, version = date.fromisoformat(shown[:10]), int(shown[11:30])
    except ValueError:
        return
    asked = list(specs)
    then, now = _total(asked, price.table_of(version), day), _total(asked, pricing.table(), pricing.day())
    if then != now:
        raise PriceChanged(CHANGED.format(now=_told(now), then=_told(then)))


def _total(specs: Iterable[RequestSpec], table: pricing.PriceTable, day: date) -> Decimal | None:
    """What all of them cost, in dollars; None where one has no price."""
    total = Decimal(0)
    for spec in specs:
        inputs = len(spec.all_references) + (spec.source is not None)
        each = table.price_on(day, spec.type, spec.model, inputs)
        if each is None:
            return None
        total += each * spec.count
    return total


def _told(amount: Decimal | None) -> str:
    return "a price that is not known" if amount is None else dollars(amount)

"""The prices that a form's page showed: where they have risen since, the person hears of it before paying."""

from __future__ import annotations

from collections.abc import Iterable

from studio.models.requests.request_spec import RequestSpec
from studio.models.spend import shown_prices
from studio.models.spend.shown_prices import PriceChanged, Priced, stamp

__all__ = ["PriceChanged", "check", "stamp"]


def check(shown: str, specs: Iterable[RequestSpec]) -> None:
    """Raise PriceChanged where these requests cost more than under the prices that a form names (models.spend.shown_prices)."""
    shown_prices.check(shown, [Priced.of_spec(spec) for spec in specs])

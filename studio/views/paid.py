"""Buttons that pay: each sends the prices that its page showed, and is asked about first where they have risen since."""

from __future__ import annotations

from django.http import HttpRequest

from studio.models.spend import shown_prices
from studio.models.spend.shown_prices import Priced


def prices_field() -> str:
    """The hidden field of a form that pays."""
    return f'<input type="hidden" name="prices" value="{shown_prices.stamp()}" autocomplete="off">'


def shown(request: HttpRequest) -> str:
    """The prices that the page of this form showed, as it names them; "" where it names none."""
    return request.POST.get("prices", "")[:40]


def check(request: HttpRequest, *asked: Priced) -> None:
    """Raise PriceChanged, with a sentence, where this costs more by now than the page showed."""
    shown_prices.check(shown(request), asked)

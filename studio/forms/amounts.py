"""Amounts and whole numbers as people type them: one reader for every field, so that none takes 0,05 for 5."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

PLACES = 4  # decimals, as many as the columns hold: Luma's prices have them
LONGEST = 20  # characters

# 1,000.50 and 12.5; a comma is a decimal one only where it cannot stand for thousands: 12,50 and 0,0404, but not 1,000.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
_POINT = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_COMMA = re.compile(r"[0-9]+,([0-9]{1,2}|[0-9]{4})|0+,[0-9]+")
_WHOLE = re.compile(r"[0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+")


class TooManyPlaces(ValueError):
    """It has more decimals than are kept: rounding it would save another amount."""


def dollars(typed: str, *, most: Decimal, places: int = PLACES) -> Decimal:
    """Read an amount from 0 to `most`, with or without its dollar sign. Raises ValueError for everything else."""
    text = typed.strip()
    text = (text[1:] if text.startswith("$") else text.removesuffix("$")).strip()
    if len(text) > LONGEST:
        raise ValueError
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif not _POINT.fullmatch(text):
        raise ValueError
    amount = Decimal(text)
    if amount > most:
        raise ValueError
    if amount != amount.quantize(Decimal(10) ** -places):
        raise TooManyPlaces
    return amount.quantize(Decimal(10) ** -PLACES)


def whole(typed: str, *, least: int = 0, most: int) -> int:
    """Read a whole number, with or without commas between thousands. Raises ValueError for everything else."""
    text = typed.strip()
    if len(text) > LONGEST or not _WHOLE.fullmatch(text):
        raise ValueError
    number = int(text.replace(",", ""))
    if not least <= number <= most:
        raise ValueError
    return number


def plain(amount: Decimal | None) -> str:
    """Write an amount as a field has it: its cents, and all places where it is not whole cents; "" for none."""
    if amount is None:
        return ""
    return f"{amount:.2f}" if amount == amount.quantize(Decimal("0.01")) else f"{amount.normalize():f}"


class DollarsField(forms.CharField):
    """A field for an amount; `refusal` is the sentence for what is none, and `too_exact` for too many decimals."""

    def __init__(self, *, most: Decimal, refusal: str, too_exact: str = "", **kwargs: Any) -> None:
        messages = {"required": refusal, "null_characters_not_allowed": refusal}
        super().__init__(error_messages=messages, **kwargs)
        self.most, self.refusal, self.too_exact = most, refusal, too_exact or refusal

    def clean(self, value: Any) -> Any:
        """Return dollars, or None where the field may be empty and is."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return dollars(text, most=self.most)
        except TooManyPlaces:
            raise forms.ValidationError(self.too_exact) from None
        except ValueError:
            raise forms.ValidationError(self.refusal) from None

"""What an admin sends from the Spend page: a new price, and a budget."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models, transaction
from django.utils import timezone

from studio.luma.pricing import PICTURE, UNIT
from studio.models import Price, Spent, TeamBudget, TrailEntry, User
from studio.models.price import SLUG

# Dollars: far above what a team spends, and what the columns hold.
MOST, MOST_EACH = Decimal(999_999), Decimal(999)
FARTHEST = 3650  # days
AMOUNT = "Write an amount in dollars, such as 0.0404."


class PriceForm(forms.Form):
    """Add a price: rows are added, and none is ever changed."""

    model = forms.CharField(required=False, max_length=20, validators=[SLUG])
    per = forms.ChoiceField(
        choices=Price.Per.choices, error_messages={"invalid_choice": "Choose what the price is for."}
    )
    amount = forms.DecimalField(
        min_value=Decimal(0),
        max_value=MOST_EACH,
        decimal_places=4,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_digits", "max_whole_digits"), AMOUNT
        )
        | {"max_decimal_places": "Luma's prices have at most four decimals."},
    )
    first_day = forms.DateField(
        error_messages=dict.fromkeys(("required", "invalid"), "Write the first day, such as 2026-12-01.")
    )

    def clean_first_day(self) -> date:
        day: date = self.cleaned_data["first_day"]
        today = timezone.localdate()
        if day < today:
            raise forms.ValidationError("A price starts today or later: what is made already keeps its price.")
        if (day - today).days > FARTHEST:
            raise forms.ValidationError("Choose a day within ten years.")
        return day

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "model" not in data or "per" not in data:
            return data
        if data["per"] == PICTURE and not data["model"]:
            self.add_error("model", "Say which model this is the price of.")
        if data["per"] == Price.Per.LAYER:
            data["model"] = ""
        return data

    def add(self, by: User) -> Price:
        """Add the row, and say so in the trail. Raises ValueError when the form is not valid."""
        data = self.cleaned_data
        with transaction.atomic():
            price = Price.objects.create(**data, added_by=by)
            text = f"{price}, from {price.first_day:%d %B %Y}."
            TrailEntry.log(
                TrailEntry.Verb.PRICE, by=by, thing=price.model or "All models", address="/spend/", text=text
            )
        return price


def _limit() -> forms.DecimalField:
    words = "Write an amount in dollars, such as 600, or leave it empty for no limit."
    names = ("invalid", "min_value", "max_value", "max_decimal_places", "max_digits", "max_whole_digits")
    return forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_value=MOST,
        decimal_places=2,
        error_messages=dict.fromkeys(names, words),
    )


class BudgetForm(forms.Form):
    """The limits of the team and of everybody, or those of one person; an empty one is no limit of its own."""

    # Nothing but a person's key, or empty for the team.
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        required=False,
        error_messages={"invalid_choice": "This person is not on the team any more."},
    )
    per_day = _limit()
    per_month = _limit()
    each_per_day = _limit()
    each_per_month = _limit()

    def save(self, by: User) -> None:
        """Set the limits, and say so in the trail. Raises ValueError when the form is not valid."""
        data = self.cleaned_data
        person: User | None = data["person"]
        with transaction.atomic():
            before: models.Model = TeamBudget.current()
            if person:
                before, names = person, {"cap_per_day": data["per_day"], "cap_per_month": data["per_month"]}
                User.objects.filter(pk=person.pk).update(**names)
            else:
                names = {name: data[name] for name in ("per_day", "per_month", "each_per_day", "each_per_month")}
                TeamBudget.objects.update_or_create(pk=1, defaults=names)
            text = "; ".join(_changes(before, names))
            if not text:
                return
            # A new limit is nearly reached at another amount.
            Spent.objects.filter(person=person).update(alerted=0)
            thing = person.name if person else "The team"
            TrailEntry.log(TrailEntry.Verb.BUDGET, by=by, thing=thing, address="/spend/", text=text)


WORDS = {
    "cap_per_day": "a day",
    "cap_per_month": "a month",
    "per_day": "the team a day",
    "per_month": "the team a month",
    "each_per_day": "each person a day",
    "each_per_month": "each person a month",
}


def _changes(before: models.Model, after: dict[str, Decimal | None]) -> list[str]:
    told = []
    for name, amount in after.items():
        was = getattr(before, name)
        if was != amount:
            told.append(f"{WORDS[name]}: {_dollars(was)} → {_dollars(amount)}")
    return told


def _dollars(amount: Decimal | None) -> str:
    return "no limit" if amount is None else f"${amount.quantize(UNIT):,.2f}"

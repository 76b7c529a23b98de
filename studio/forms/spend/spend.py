"""What an admin sends from the Spend page: a new price, and a budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.utils import timezone

from studio.forms.amounts import DollarsField, plain
from studio.luma.pricing import PICTURE
from studio.models import Price, Spent, TeamBudget, TrailEntry, User
from studio.models.budget import dollars
from studio.models.revision import Revision
from studio.models.spend.price import SLUG
from studio.text.names import isolated

# Dollars: far above what a team spends, and what the columns hold.
MOST, MOST_EACH = Decimal(999_999), Decimal(999)
FARTHEST = 3650  # days
AMOUNT = "Write an amount in dollars, such as 0.0404."
LIMIT = "Write an amount in dollars, such as 600, or leave it empty for no limit."
FOUR = "Write at most four decimals, such as 0.0404."
LONGEST_MODEL = 20  # characters
SHORTER = f"Write the model in at most {LONGEST_MODEL} characters."
FASTER = (
    "{who} changed this budget a moment ago: the table below has it, and nothing of yours was saved. "
    "Save again to replace it."
)


class FirstDayField(forms.DateField):
    """The day from which on something holds: today or later; `past` is the sentence for a day before."""

    def __init__(self, *, past: str) -> None:
        sentence = "Write the first day, such as 2026-12-01."
        super().__init__(error_messages=dict.fromkeys(("required", "invalid"), sentence))
        self.past = past

    def validate(self, value: Any) -> None:
        super().validate(value)
        days = (value - timezone.localdate()).days
        if days < 0:
            raise forms.ValidationError(self.past)
        if days > FARTHEST:
            raise forms.ValidationError("Choose a day within ten years.")


class PriceForm(forms.Form):
    """Add a price: rows are added, and none is ever changed."""

    model = forms.CharField(
        required=False,
        validators=[SLUG, MaxLengthValidator(LONGEST_MODEL, SHORTER)],
        error_messages={"null_characters_not_allowed": SLUG.message},
    )
    per = forms.ChoiceField(
        choices=Price.Per.choices, error_messages={"invalid_choice": "Choose what the price is for."}
    )
    amount = DollarsField(most=MOST_EACH, refusal=AMOUNT, too_exact="Luma's prices have at most four decimals.")
    first_day = FirstDayField(past="A price starts today or later: what is made already keeps its price.")

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
        """Add the row, and say so in the trail; what holds from that day already is not added twice.

        Raises ValueError when the form is not valid.
        """
        data = self.cleaned_data
        with transaction.atomic():
            Revision.bump()  # one after another, so that a double click finds what the first one added
            what = {name: data[name] for name in ("model", "per", "first_day")}
            same = Price.objects.filter(**what).order_by("-pk").first()
            if same and same.amount == data["amount"]:
                return same
            price = Price.objects.create(**data, added_by=by)
            text = f"{price.get_per_display()}: {price.dollars}, from {price.first_day.day} {price.first_day:%B %Y}."
            TrailEntry.log(
                TrailEntry.Verb.PRICE, by=by, thing=price.model or "All models", address="/spend/", text=text
            )
        return price


def _limit() -> DollarsField:
    return DollarsField(most=MOST, refusal=LIMIT, too_exact=FOUR, required=False)


class BudgetForm(forms.Form):
    """The limits of the team and of everybody, or those of one person; an empty one is no limit of its own."""

    # Nothing but a person's key, or empty for the team.
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        required=False,
        error_messages={"invalid_choice": "This person is not on the team any more."},
    )
    # What the page showed (`seen_of`): another admin may have been faster.
    seen = forms.CharField(required=False, empty_value=None)
    per_day = _limit()
    per_month = _limit()
    each_per_day = _limit()
    each_per_month = _limit()

    def save(self, by: User) -> None:
        """Set the limits, and say so in the trail. Raises ValueError when the form is not valid, and Faster."""
        data = self.cleaned_data
        person: User | None = data["person"]
        with transaction.atomic():
            Revision.bump()  # one after another: what is compared here holds until it is saved
            before: models.Model = User.objects.get(pk=person.pk) if person else TeamBudget.current()
            if data["seen"] is not None and data["seen"] != seen_of(before):
                raise Faster(FASTER.format(who=isolated(_last_to_change(person))))
            if person:
                names = {"cap_per_day": data["per_day"], "cap_per_month": data["per_month"]}
                User.objects.filter(pk=person.pk).update(**names)
            else:
                names = {name: data[name] for name in LIMITS}
                TeamBudget.objects.update_or_create(pk=1, defaults=names)
            text = "; ".join(_changes(before, names))
            if not text:
                return
            # A new limit is nearly reached at another amount.
            Spent.objects.filter(person=person).update(alerted=0)
            thing = person.name if person else TEAM
            TrailEntry.log(TrailEntry.Verb.BUDGET, by=by, thing=thing, address="/spend/", text=text)


class Faster(Exception):
    """Another admin changed the budget since the page was opened; the sentence says who."""


LIMITS = ("per_day", "per_month", "each_per_day", "each_per_month")
TEAM = "The team"


def seen_of(whose: models.Model) -> str:
    """Return the limits of a person or of the team as a form carries them, to notice that another admin was faster."""
    names = ("cap_per_day", "cap_per_month") if isinstance(whose, User) else LIMITS
    return " ".join(plain(getattr(whose, name)) or "-" for name in names)


def _last_to_change(person: User | None) -> str:
    rows = TrailEntry.objects.filter(verb__in=[TrailEntry.Verb.BUDGET, TrailEntry.Verb.ROLE]).newest_first()[:200]
    whose = person.name if person else TEAM
    return next((name for thing, name in rows.values_list("thing", "name") if thing == whose), "Another admin")


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
    return "no limit" if amount is None else dollars(amount)

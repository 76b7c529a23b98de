"""Prices as dated rows, which an admin adds; nothing is ever changed, so that the books of old jobs stay explained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.validators import RegexValidator
from django.db import models

from studio.luma import pricing
from studio.luma.pricing import INPUT, LAYER, PICTURE, PriceRow, PriceTable
from studio.models.added_only import AddedOnlyQuerySet
from studio.models.budget import dollars
from studio.models.dated_row import DatedRow, KnownTable

SLUG = RegexValidator(r"\A[a-z0-9][a-z0-9.\-]*\Z", "Write a model as Luma does: small letters, digits, - and .")


class Price(DatedRow):
    """What a picture of a model, an input picture or a layer costs from a day on."""

    only_added = "Prices are only added."

    class Per(models.TextChoices):
        PICTURE = PICTURE, "Picture or edit"
        INPUT = INPUT, "Each source or reference"
        LAYER = LAYER, "Each layer"

    # "" is every model: that of layers always.
    model = models.CharField(max_length=20, blank=True, validators=[SLUG])
    per = models.CharField(max_length=8, choices=Per.choices)
    # In dollars.
    amount = models.DecimalField(max_digits=8, decimal_places=4)

    objects = AddedOnlyQuerySet["Price"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_price_is_not_negative", condition=models.Q(amount__gte=0)),
            models.CheckConstraint(
                name="a_picture_is_priced_by_its_model", condition=~models.Q(per=PICTURE) | ~models.Q(model="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model or 'All models'}, {self.get_per_display().lower()}: {self.dollars}"

    @property
    def dollars(self) -> str:
        return dollars(self.amount)


# ---- The table that luma.pricing asks for


def _read(newest: int) -> PriceTable:
    rows = Price.objects.filter(pk__lte=newest).order_by("pk").values_list("first_day", "model", "per", "amount")
    return pricing.with_published(
        (PriceRow(day, model, per, int(amount / pricing.UNIT)) for day, model, per, amount in rows), version=newest
    )


_known = KnownTable(newest=Price.newest, read=_read)
Price.known = _known
# Return all prices, and ask for the rows at the next use.
table, look_again, forget = _known.get, _known.look_again, _known.forget


def table_of(version: int) -> PriceTable:
    """Return the prices as they stood at a version: what a page that is still open showed."""
    known = table()
    return known if version == known.version else _read(max(0, min(version, known.version)))


def inputs_price(type: str, model: str, inputs: int) -> int:
    """Return what so many input pictures add to today's price, in ten-thousandths of a dollar."""
    tariff = pricing.tariffs().get(model)
    return inputs * tariff.each_input if tariff and type in pricing.PRICED_TYPES else 0


def layers_price(layers: int, day: date) -> Decimal | None:
    """Return what so many layers cost on that day, in dollars; None where no price is known."""
    each = pricing.table().layer_on(day)
    return None if each is None else each * layers

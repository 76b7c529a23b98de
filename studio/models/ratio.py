"""Aspect ratios as dated rows, which an admin adds; nothing is ever changed: what is withdrawn is another row."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from studio.luma import ratios
from studio.luma.ratios import RatioRow, RatioTable
from studio.models.added_only import AddedOnlyQuerySet
from studio.models.dated_row import DatedRow, KnownTable
from studio.models.spend.price import SLUG

SHAPE = RegexValidator(
    r"\A[1-9][0-9]?:[1-9][0-9]?\Z", "Write a ratio as Luma does: two numbers from 1 to 99, such as 4:3."
)


class Ratio(DatedRow):
    """A ratio that Luma makes from a day on, and of how many pixels; or that it does not make any more."""

    only_added = "Ratios are only added."

    # "" is every model.
    model = models.CharField(max_length=20, blank=True, validators=[SLUG])
    # "" is every style that can have it.
    style = models.CharField(max_length=10, blank=True)
    ratio = models.CharField(max_length=5, validators=[SHAPE])
    # In pixels: what Luma really makes of it.
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    is_offered = models.BooleanField(default=True)

    objects = AddedOnlyQuerySet["Ratio"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_ratio_has_pixels", condition=models.Q(width__gt=0, height__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.ratio}, {self.whose}"

    @property
    def words(self) -> str:
        """Say what it changes: `4:3, 2,368 × 1,792 pixels, for all models, from 1 December 2026`."""
        size = f"{self.width:,} × {self.height:,} pixels" if self.is_offered else "withdrawn"
        return f"{self.ratio}, {size}, for {self.whose}, from {self.first_day.day} {self.first_day:%B %Y}"

    @property
    def whose(self) -> str:
        """Say whose models and styles it is about."""
        return self.model or "all models" if not self.style else f"{self.model or 'all models'} in {self.style}"


# ---- The table that luma.ratios asks for


def _read(newest: int) -> RatioTable:
    rows = Ratio.objects.filter(pk__lte=newest).order_by("pk")
    fields = rows.values_list("first_day", "ratio", "width", "height", "model", "style", "is_offered")
    return ratios.with_published((RatioRow(*one) for one in fields), version=newest)


_known = KnownTable(newest=Ratio.newest, read=_read)
Ratio.known = _known
# Return all ratios, and ask for the rows at the next use.
table, look_again, forget = _known.get, _known.look_again, _known.forget


def added() -> dict[str, tuple[int, int]]:
    """Return the size in pixels of every ratio that was ever added."""
    return {row.slug: (row.width, row.height) for row in table().rows[len(ratios.PUBLISHED) :]}

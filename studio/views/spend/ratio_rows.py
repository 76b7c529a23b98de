"""The ratios on the Spend page: every row with when it holds, and who added it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

from studio.luma import ratios
from studio.luma.ratios import FROM_THE_START, RatioRow
from studio.models import Ratio
from studio.ratios import ratio_class


@dataclass(frozen=True, slots=True)
class RatioLine:
    """A row of the ratios."""

    row: RatioRow
    by: str
    until: date | None
    in_days: int

    @property
    def shape(self) -> str:
        return ratio_class(self.row.width, self.row.height)

    @property
    def whose(self) -> str:
        """Which model and style it is about; "" for all."""
        return ", ".join(filter(None, (self.row.model, self.row.style.capitalize())))

    @property
    def first_day(self) -> date | None:
        """None for what Studio knew from the start."""
        return None if self.row.first_day == FROM_THE_START else self.row.first_day

    @property
    def is_past(self) -> bool:
        return self.until is not None

    @property
    def is_replaced(self) -> bool:
        """Another row of the same first day was added later."""
        return self.until is not None and self.until < self.row.first_day

    @property
    def is_next(self) -> bool:
        return self.in_days > 0 and not self.is_replaced

    @property
    def withdraws(self) -> str:
        """The address of the form that withdraws it; "" for what is not offered."""
        if self.is_past or not self.row.is_offered:
            return ""
        asked = {"withdraw": self.row.slug, "model": self.row.model, "style": self.row.style}
        return f"?{urlencode({name: value for name, value in asked.items() if value})}#ratios"


def context(request: HttpRequest, today: date, forms: dict[str, Any]) -> dict[str, Any]:
    """Return what templates/spend/_ratios.html shows: the rows, and the form that the address asks for."""
    asked = request.GET
    known = {row.slug for row in ratios.table().rows}
    withdrawn = {"ratio": asked.get("withdraw"), "model": asked.get("model", ""), "style": asked.get("style", "")}
    return {
        "ratios": list(ratio_lines(today)),
        "styles": ratios.STYLES,
        "adds_ratio": asked.get("add") == "ratio" or "new_ratio" in forms,
        "withdrawn": withdrawn if withdrawn["ratio"] in known else None,
    }


def ratio_lines(today: date) -> Iterator[RatioLine]:
    """Yield every row: the widest ratio first, of each the newest row first."""
    names = Ratio.objects.order_by("pk").values_list("added_by__name", flat=True)
    table = ratios.table()
    by = [*("Luma's list" for _ in ratios.PUBLISHED), *(name or "" for name in names)]
    rows = sorted(zip(table.rows, by, strict=False), key=lambda pair: pair[0].first_day)
    widest = sorted({row.slug for row in table.rows}, key=lambda slug: _narrowness(slug, rows))
    for slug in widest:
        own = [pair for pair in rows if pair[0].slug == slug]
        for place in reversed(range(len(own))):
            row, name = own[place]
            following = next((later.first_day for later, _ in own[place + 1 :] if _covers(later, row)), None)
            is_past = following is not None and (following <= today or following == row.first_day)
            yield RatioLine(
                row=row,
                by=name,
                until=following - date.resolution if is_past and following else None,
                in_days=max(0, (row.first_day - today).days),
            )


def _covers(later: RatioRow, row: RatioRow) -> bool:
    return later.model in {"", row.model} and later.style in {"", row.style}


def _narrowness(slug: str, rows: list[tuple[RatioRow, str]]) -> float:
    return next(row.height / row.width for row, _ in rows if row.slug == slug)

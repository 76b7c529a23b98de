"""The days of a month as bars of an SVG: every position is a number here, so that the template only places them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil, log10

from studio.views.formatting import price
from studio.views.spend.rows import DaySum

WIDTH, HEIGHT = 820, 294
LEFT, TOP, FOOT = 44, 34, 262
# What LEFT has room for beside the axis on a phone, in characters, and what each more takes.
ROOM, CHARACTER = 3, 15
BAR = 16
# Days whose number stands below the bars.
NAMED = {1, 5, 10, 15, 20, 25, 30}
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: the bar, the whole column that can be pressed, and the words of both."""

    day: date
    label: str
    x: float
    y: float
    height: float
    column: float
    width: float
    is_rest: bool
    is_now: bool
    number: str
    note: str

    @property
    def middle(self) -> float:
        return round(self.x + BAR / 2, 1)

    @property
    def note_y(self) -> float:
        return round(self.y - 8, 1)


class Plot:
    """Bars for these days of a month with so many; `limit` is the day's limit in dollars."""

    def __init__(self, days: Sequence[DaySum], *, month_days: int, today: date, limit: Decimal | None) -> None:
        self.days, self.month_days, self.today, self.limit = days, month_days, today, limit
        self.most = max([day.spent for day in days], default=Decimal(0))
        self.step = _step(max(self.most, limit or Decimal(0)))
        self.top = self.step * max(1, ceil(max(self.most, limit or Decimal(0)) / self.step))

    @property
    def lines(self) -> Iterator[Line]:
        places = 0 if self.step >= 1 else 2
        for number in range(int(self.top / self.step) + 1):
            amount = self.step * number
            yield Line(self._y(amount), f"${amount:,.{places}f}")

    @property
    def view_box(self) -> str:
        """The part of the plane that is shown: long amounts at the axis take room on its left."""
        more = CHARACTER * max(0, max(len(line.label) for line in self.lines) - ROOM)
        return f"{-more} 0 {WIDTH + more} {HEIGHT}"

    @property
    def limit_y(self) -> float | None:
        return None if self.limit is None else self._y(self.limit)

    @property
    def bars(self) -> Iterator[Bar]:
        column = (WIDTH - LEFT) / self.month_days
        for day in self.days:
            start, y, is_now = LEFT + column * (day.day.day - 1), self._y(day.spent), day.day == self.today
            yield Bar(
                day=day.day,
                label=f"{day.day:%a} {day.day.day} {day.day:%B}: {price(day.spent)}",
                x=round(start + (column - BAR) / 2, 1),
                y=y,
                height=round(FOOT - y, 1),
                column=round(start, 1),
                width=round(column, 1),
                is_rest=day.day.weekday() >= SATURDAY,
                is_now=is_now,
                number=str(day.day.day) if is_now or (day.day.day in NAMED and self._is_apart(day.day)) else "",
                note=price(day.spent) if day.parts and (is_now or day.spent == self.most) else "",
            )

    @property
    def ahead(self) -> Iterator[tuple[float, int]]:
        """Numbers of days that are still to come."""
        column = (WIDTH - LEFT) / self.month_days
        for number in range(len(self.days) + 1, self.month_days + 1):
            if number in NAMED and number - len(self.days) > 1:
                yield round(LEFT + column * (number - 0.5), 1), number

    def _is_apart(self, day: date) -> bool:
        """Whether its number does not touch that of today."""
        return not 0 < abs((self.today - day).days) <= 1

    def _y(self, amount: Decimal) -> float:
        return round(FOOT - float(amount / self.top) * (FOOT - TOP), 1)


def _step(most: Decimal) -> Decimal:
    """A round step of 1, 2 or 5 that divides the axis in three or four."""
    if most <= 0:
        return Decimal(1)
    rough = float(most) / 3
    power = Decimal(10) ** int(ceil(log10(rough)) - 1)
    return next(power * one for one in (1, 2, 5, 10) if float(power * one) >= rough * 0.8)

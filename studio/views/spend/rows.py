"""What the pages of spend show: rows, tables, lines and days of money."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from studio.models import User
from studio.models.jobs.count import in_dollars

TABLES = {"person": "Person", "board": "Board", "client": "Client and job number", "model": "Model"}


@dataclass(slots=True)
class Row:
    """One row of a table: whose money it was, in ten-thousandths of a dollar."""

    name: str
    parts: int
    pictures: int
    hint: str = ""
    person: User | None = None
    is_muted: bool = False
    # The others, as one row, leads to all of them.
    is_rest: bool = False
    share: str = ""

    @property
    def spent(self) -> Decimal:
        return in_dollars(self.parts)


@dataclass(frozen=True, slots=True)
class Table:
    """Who or what spent the month's money; `total` is the sum of its own rows."""

    slug: str
    rows: list[Row]
    everything: list[Row] = field(repr=False)

    @property
    def head(self) -> str:
        return TABLES[self.slug]

    @property
    def parts(self) -> int:
        return sum(row.parts for row in self.everything)

    @property
    def total(self) -> Decimal:
        return in_dollars(self.parts)

    @property
    def pictures(self) -> int:
        return sum(row.pictures for row in self.everything)


@dataclass(frozen=True, slots=True)
class Paid:
    """One line of what the money paid for."""

    line: str
    name: str
    hint: str
    spent: Decimal
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class DaySum:
    day: date
    parts: int
    jobs: int

    @property
    def spent(self) -> Decimal:
        return in_dollars(self.parts)

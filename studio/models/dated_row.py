"""Rows that an admin adds with the day they begin; nothing is ever changed, so that what is older stays explained."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.db import models, transaction
from django.utils import timezone

from studio.models.added_only import AddedOnly
from studio.models.people import User
from studio.models.revision import Revision
from studio.models.sql.compiled_query import CompiledQuery

# Every process asks for new rows again after so long (seconds): a row holds everywhere within a second.
FRESH_FOR = 0.8
QUARTER = 15 * 60  # seconds


class Versioned(Protocol):
    """What is made of rows up to a version."""

    @property
    def version(self) -> int: ...


T = TypeVar("T", bound=Versioned)


class KnownTable(Generic[T]):
    """The table that all rows make, in this process; it is read again only when there are more of them.

    `newest` returns their version (DatedRow.newest), `read` the table of the rows up to one.
    """

    def __init__(self, *, newest: Callable[[], int], read: Callable[[int], T]) -> None:
        self._newest = newest
        self._read = read
        self._known: tuple[float, T] | None = None
        # How often it was to look again: a thread that began to read before then keeps what it found to itself.
        self._looks = 0

    def get(self) -> T:
        """Return the table; what it read is believed for FRESH_FOR."""
        looks, known, now = self._looks, self._known, time.monotonic()
        if known and now - known[0] < FRESH_FOR:
            return known[1]
        newest = self._newest()
        table = known[1] if known and known[1].version == newest else self._read(newest)
        if looks == self._looks:
            self._known = (now, table)
        return table

    def look_again(self) -> None:
        """Ask at the next use whether there are more rows."""
        self._looks += 1
        if self._known:
            self._known = (-FRESH_FOR, self._known[1])

    def forget(self) -> None:
        """Read the rows anew at the next use."""
        self._looks += 1
        self._known = None


class DatedRow(AddedOnly):
    # The table that its rows make; a new row is in it at once.
    known: ClassVar[KnownTable[Any]]

    first_day = models.DateField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Add. Raises TypeError for a row that stands already."""
        with transaction.atomic():
            super().save(**kwargs)
            Revision.bump()  # open pages ask for what is new
        self.known.forget()

    @classmethod
    def newest(cls) -> int:
        """Return the version of the rows: the key of the last one, 0 without any."""
        return _newest(cls).first() or 0


@cache
def _newest(kind: type[DatedRow]) -> CompiledQuery[Any]:
    return CompiledQuery(lambda: kind._default_manager.order_by("-pk").values_list("pk", flat=True)[:1])


def today() -> date:
    """Return the day whose rows hold now, where Studio is: a page asks for it a hundred times."""
    # A day begins with a quarter of an hour of UTC, in every zone there is.
    return _day_of(int(timezone.now().timestamp()) // QUARTER)


@lru_cache(maxsize=1)
def _day_of(quarter: int) -> date:
    return timezone.localdate(datetime.fromtimestamp(quarter * QUARTER, UTC))

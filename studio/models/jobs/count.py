"""How many jobs there are of each kind, counted as they change: no page counts the rows of a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Count, F, Q, Sum

from studio.models.people import User
from studio.models.revision import Revision
from studio.text import plurals

# The columns of a job that decide where it is counted.
COUNTED = ("person_id", "state", "cause", "charge", "price", "dismissed_at", "settled_at", "is_private")
# Money is summed in whole ten-thousandths of a dollar: a float would drift with every change.
PARTS = 10_000
KEYS = ("person_id", "group", "on_feed", "settled", "cause", "charge", "is_private")


class Cell(NamedTuple):
    """What the jobs of one count have in common. Cause, charge and settling matter for failed and unknown jobs only."""

    person_id: int
    group: str
    on_feed: bool
    settled: bool
    cause: str
    charge: str
    is_private: bool = False

    @classmethod
    def of(cls, job: Mapping[str, Any]) -> Self:
        group, on_feed = GROUPS[str(job["state"])], job["dismissed_at"] is None
        own = bool(job["is_private"])
        if group == JobCount.Group.FAILED:
            settled = job["settled_at"] is not None
            return cls(job["person_id"], group, on_feed, settled, job["cause"], str(job["charge"]), own)
        return cls(job["person_id"], group, on_feed, False, "", "", own)


class Counted(NamedTuple):
    """How many jobs a list has of one kind, and whether they are the viewer's own."""

    group: str
    on_feed: bool
    cause: str
    is_own: bool
    number: int


CELLS = """
SELECT "group", on_feed, cause, person_id = %s, SUM(number) FROM studio_jobcount {where}
GROUP BY 1, 2, 3, 4
"""


class JobCount(models.Model):
    """The number and the price of the jobs of one cell, kept in the transaction that changes a job.

    Each change is made between Revision.bump() and the commit, where everybody else waits: none is lost, and no two
    wait for each other. Integrity counts the rows and compares.
    """

    class Group(models.TextChoices):
        PROGRESS = "progress"
        FAILED = "failed"
        DONE = "done"
        CANCELLED = "cancelled"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    group = models.CharField(max_length=10, choices=Group.choices)
    on_feed = models.BooleanField()
    settled = models.BooleanField(default=False)
    cause = models.CharField(max_length=20, blank=True)
    charge = models.CharField(max_length=10, blank=True)
    # Of private jobs, which only their owner counts; Review counts them all.
    is_private = models.BooleanField(default=False)
    number = models.BigIntegerField(default=0)
    price = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "group", "on_feed", "settled", "cause", "charge", "is_private"],
                name="one_count_for_each_cell",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.group}"

    @classmethod
    def move(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Take a job out of the cell it was in and put it into the one it is in now."""
        cls._add(Cell.of(before), -1, -in_parts(before["price"]))
        cls._add(Cell.of(after), 1, in_parts(after["price"]))

    @classmethod
    def add_waiting(cls, person: User, count: int, price: Decimal | None, *, is_private: bool) -> None:
        """Count new jobs of one price."""
        waiting = Cell(person.pk, cls.Group.PROGRESS, True, False, "", "", is_private)
        cls._add(waiting, count, count * in_parts(price))

    @classmethod
    def _add(cls, cell: Cell, number: int, price: int) -> None:
        row = cls.objects.filter(**cell._asdict())
        if not row.update(number=F("number") + number, price=F("price") + price):
            cls.objects.create(**cell._asdict(), number=number, price=price)

    @classmethod
    def cells(cls, person: User, *, everybody: bool) -> list[Counted]:
        """Return how many there are of each kind, of one person or of all that this person sees: a few rows, and a
        statement of our own, because every page asks."""
        where, values = "WHERE person_id = %s", [person.pk, person.pk]
        if everybody or person.inherited:
            keys = person.owner_keys
            owned = f"person_id IN ({', '.join(['%s'] * len(keys))})"
            # Of the people whose work is this person's, a list of one's own has what is under way.
            where = (
                f"WHERE NOT is_private OR {owned}"
                if everybody
                else f"""{where} OR ("group" = 'progress' AND {owned})"""
            )
            values = [person.pk, *keys] if everybody else [*values, *keys]
        with connection.cursor() as cursor:
            cursor.execute(CELLS.format(where=where), values)
            rows = cursor.fetchall()
        return [Counted(group, bool(on_feed), cause, bool(is_own), int(n)) for group, on_feed, cause, is_own, n in rows]

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[str]:
        """Yield a sentence for each cell that does not count what is there. Reads every job."""
        stored = {Cell(*row[:-2]): row[-2:] for row in cls.objects.values_list(*KEYS, "number", "price")}
        true = cls._counted()
        for cell in sorted(stored.keys() | true.keys()):
            if stored.get(cell, (0, 0)) != true.get(cell, (0, 0)):
                number, price = true.get(cell, (0, 0))
                there = stored.get(cell, (0, 0))
                yield (
                    f"{plurals.counted(number, 'job')} ({cell.group} {cell.cause}, person {cell.person_id}), counted as {there[0]}"
                    + (f", their price of {price} as {there[1]}." if price != there[1] else ".")
                )

    @classmethod
    def recount(cls) -> None:
        """Count every job anew. Everybody who changes one waits meanwhile."""
        with transaction.atomic():
            Revision.bump()
            cls.objects.all().delete()
            JobCount.objects.bulk_create(
                JobCount(**cell._asdict(), number=number, price=price)
                for cell, (number, price) in cls._counted().items()
            )

    @classmethod
    def _counted(cls) -> dict[Cell, tuple[int, int]]:
        sums: dict[Cell, tuple[int, int]] = {}
        rows = (
            apps.get_model("studio", "Job")
            .objects.values("person_id", "state", "cause", "charge", "price", "is_private")
            .annotate(gone=Q(dismissed_at__isnull=False), done_with=Q(settled_at__isnull=False), found=Count("pk"))
            .order_by()
        )
        for row in rows:
            cell = Cell.of(row | {"dismissed_at": row["gone"] or None, "settled_at": row["done_with"] or None})
            number, price = sums.get(cell, (0, 0))
            sums[cell] = number + row["found"], price + row["found"] * in_parts(row["price"])
        return sums


GROUPS = {
    **dict.fromkeys(("waiting", "sending", "running", "saving"), JobCount.Group.PROGRESS),
    **dict.fromkeys(("failed", "unknown"), JobCount.Group.FAILED),
    "done": JobCount.Group.DONE,
    "cancelled": JobCount.Group.CANCELLED,
}


def is_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a change leaves the job in its cell, at its price."""
    return Cell.of(before) == Cell.of(after) and before["price"] == after["price"]


def in_parts(price: Decimal | None) -> int:
    return int(price * PARTS) if price else 0


def in_dollars(parts: int | None) -> Decimal:
    return Decimal(parts or 0) / PARTS


def total(field: str, **cell: Any) -> Sum:
    """Sum `number` or `price` over the cells that are so."""
    return Sum(field, filter=Q(**cell), default=0)

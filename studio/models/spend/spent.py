"""Sums of the ledger, kept with every row: what a day cost and for what, and what is used of each budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models, transaction
from django.db.models import F, Sum

from studio.models.jobs.count import in_dollars
from studio.models.people import User
from studio.models.revision import Revision


class Line(models.TextChoices):
    """What money was paid for."""

    PICTURES = "pictures", "Pictures"
    EDITS = "edits", "Edits"
    LAYERS = "layers", "Layers"
    FAILED = "failed", "Failed, charged"
    UNKNOWN = "unknown", "Unknown outcomes"


class Change(NamedTuple):
    """What a ledger row changes for a person's and the team's budgets of its day, in ten-thousandths of a dollar."""

    person: int
    day: date
    reserved: int = 0
    spent: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.reserved + self.spent + self.unknown


AMOUNTS = ("reserved", "spent", "unknown")
CELL = ("day", "person_id", "board_key", "client", "job_number", "model", "line")
SUMS = ("parts", "jobs", "inputs", "inputs_parts", "layers")


class SpentDay(models.Model):
    """What one person spent in a day for one board, client and model on one line: a month is some hundred rows.

    What is held for unknown outcomes is a line of its own and in no total.
    """

    day = models.DateField()
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    # The key of the board, 0 without one: a unique constraint takes two NULLs for different.
    board_key = models.PositiveBigIntegerField(default=0)
    client = models.CharField(max_length=80, blank=True)
    job_number = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=20)
    line = models.CharField(max_length=8, choices=Line.choices)
    parts = models.BigIntegerField(default=0)
    jobs = models.BigIntegerField(default=0)
    # Sources and references, and their share of the amount.
    inputs = models.BigIntegerField(default=0)
    inputs_parts = models.BigIntegerField(default=0)
    layers = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            # It is also the index of a month.
            models.UniqueConstraint(
                fields=["day", "person", "board_key", "client", "job_number", "model", "line"],
                name="one_sum_for_each_cell",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.line} {in_dollars(self.parts)}"

    @classmethod
    def add(cls, row: Any) -> None:
        """Add a LedgerRow, in its transaction."""
        cell = {
            "day": row.day,
            "person_id": row.person_id,
            "board_key": row.board_id or 0,
            "client": row.client,
            "job_number": row.job_number,
            "model": row.model,
        }
        if row.spent or row.jobs or row.layers:
            is_failed = row.line == Line.FAILED
            inputs = 0 if is_failed else row.jobs * row.inputs
            cost = 0 if is_failed else row.jobs * row.inputs_price
            cls._add({**cell, "line": row.line}, (row.spent, row.jobs, inputs, cost, row.layers))
        if row.unknown or row.unsure:
            cls._add({**cell, "line": Line.UNKNOWN}, (row.unknown, row.unsure, 0, 0, 0))

    @classmethod
    def _add(cls, cell: dict[str, Any], sums: tuple[int, ...]) -> None:
        added = dict(zip(SUMS, sums, strict=True))
        if not cls.objects.filter(**cell).update(**{name: F(name) + value for name, value in added.items()}):
            cls.objects.create(**cell, **added)

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[str]:
        """Yield a sentence for each cell that is not the sum of its ledger rows. Reads the whole ledger."""
        stored = {row[: len(CELL)]: row[len(CELL) :] for row in cls.objects.values_list(*CELL, *SUMS)}
        true, nothing = cls._summed(), (0,) * len(SUMS)
        for cell in sorted(stored.keys() | true.keys()):
            if stored.get(cell, nothing) != true.get(cell, nothing):
                has, should = stored.get(cell, nothing)[0], true.get(cell, nothing)[0]
                yield f"{cell[0]} ({cell[-1]}, person {cell[1]}) sums to {in_dollars(has)}, its ledger rows to {in_dollars(should)}."

    @classmethod
    def recount(cls) -> None:
        """Sum the ledger anew. Everybody who moves money waits meanwhile."""
        with transaction.atomic():
            Revision.bump()
            cls.objects.all().delete()
            SpentDay.objects.bulk_create(
                (
                    SpentDay(**dict(zip(CELL, cell, strict=True)), **dict(zip(SUMS, sums, strict=True)))
                    for cell, sums in cls._summed().items()
                ),
                batch_size=500,
            )

    @classmethod
    def _summed(cls) -> dict[tuple[Any, ...], tuple[int, ...]]:
        rows = apps.get_model("studio", "LedgerRow").objects.order_by()
        where = ("day", "person_id", "board_id", "client", "job_number", "model")
        found: dict[tuple[Any, ...], tuple[int, ...]] = {}
        made = rows.values_list(*where, "line").annotate(
            Sum("spent"),
            Sum("jobs"),
            all_inputs=Sum(F("jobs") * F("inputs")),
            all_costs=Sum(F("jobs") * F("inputs_price")),
            all_layers=Sum("layers"),
        )
        for *cell, parts, jobs, inputs, cost, layers in made:
            if cell[-1] == Line.FAILED:
                inputs, cost = 0, 0
            _put(found, cell, (parts, jobs, inputs, cost, layers))
        for *cell, parts, jobs in rows.values_list(*where).annotate(Sum("unknown"), Sum("unsure")):
            _put(found, [*cell, Line.UNKNOWN.value], (parts, jobs, 0, 0, 0))
        return found


def _put(found: dict[tuple[Any, ...], tuple[int, ...]], cell: list[Any], sums: tuple[int, ...]) -> None:
    if any(sums):
        day, person, board, *more = cell
        found[day, person, board or 0, *more] = tuple(int(one) for one in sums)


class Spent(models.Model):
    """What is used of a budget: of one person or of the team, in a day (`2026-11-27`) or in a month (`2026-11`).

    Kept in the transaction that moves the money, between Revision.bump() and the commit, so that no two submits pass
    the same last dollar.
    """

    # None is the team.
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=32, primary_key=True)
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    # The highest share of the limit, in per cent, that admins were told of.
    alerted = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key} {in_dollars(self.total)}"

    @property
    def total(self) -> int:
        """What counts against a limit: what is held, too, may be charged."""
        return self.reserved + self.spent + self.unknown

    @property
    def dollars(self) -> Decimal:
        return in_dollars(self.total)

    @staticmethod
    def keys(person: int | None, day: date) -> tuple[str, str]:
        """The key of a day and that of its month."""
        whose = f"{person}:" if person else "team:"
        return f"{whose}{day.isoformat()}", f"{whose}{day:%Y-%m}"

    @classmethod
    def add(cls, change: Change) -> None:
        """Add what a ledger row changes to its day and month, of its person and of the team."""
        added = {name: value for name in AMOUNTS if (value := getattr(change, name))}
        if not added:
            return
        keys = {key: person for person in (change.person, None) for key in cls.keys(person, change.day)}
        rows, moved = cls.objects.filter(pk__in=keys), {name: F(name) + value for name, value in added.items()}
        if rows.update(**moved) == len(keys):
            return
        there = set(rows.values_list("pk", flat=True))
        missing = {key: person for key, person in keys.items() if key not in there}
        Spent.objects.bulk_create(Spent(pk=key, person_id=person, **added) for key, person in missing.items())

    @classmethod
    def of(cls, person: int | None, day: date) -> tuple[Spent, Spent]:
        """What is used of the day and of its month; nothing used where there is no row."""
        keys = cls.keys(person, day)
        found = cls.objects.in_bulk(keys)
        return found.get(keys[0]) or cls(pk=keys[0]), found.get(keys[1]) or cls(pk=keys[1])

    # ---- Checking

    @classmethod
    def wrong(cls) -> Iterator[str]:
        """Yield a sentence for each row that is not the sum of its ledger rows. Reads the whole ledger."""
        stored = {row.pk: (row.reserved, row.spent, row.unknown) for row in cls.objects.all()}
        true = {key: sums for key, (_, sums) in cls._summed().items()}
        for key in sorted(stored.keys() | true.keys()):
            has, should = stored.get(key, (0, 0, 0)), true.get(key, (0, 0, 0))
            if has != should:
                yield f"The budget {key} counts {_told(has)}, its ledger rows {_told(should)}."
            if min(should) < 0:
                yield f"The ledger rows of {key} sum to less than nothing: {_told(should)}."

    @classmethod
    def recount(cls) -> None:
        """Sum the ledger anew; what admins were told of stays."""
        with transaction.atomic():
            Revision.bump()
            alerted = dict(cls.objects.values_list("pk", "alerted"))
            cls.objects.all().delete()
            Spent.objects.bulk_create(
                Spent(
                    pk=key,
                    person_id=person,
                    alerted=alerted.get(key, 0),
                    **dict(zip(AMOUNTS, sums, strict=True)),
                )
                for key, (person, sums) in cls._summed().items()
            )

    @classmethod
    def _summed(cls) -> dict[str, tuple[int | None, tuple[int, int, int]]]:
        rows = apps.get_model("studio", "LedgerRow").objects.order_by()
        found: dict[str, tuple[int | None, tuple[int, int, int]]] = {}
        for key, day, *amounts in rows.values_list("person_id", "day").annotate(*map(Sum, AMOUNTS)):
            for person in (key, None):
                for name in cls.keys(person, day):
                    had = found.get(name, (person, (0, 0, 0)))[1]
                    reserved, spent, unknown = (int(one) + more for one, more in zip(had, amounts, strict=True))
                    found[name] = (person, (reserved, spent, unknown))
        return found


def _told(sums: tuple[int, ...]) -> str:
    return ", ".join(f"{in_dollars(parts)} {name}" for parts, name in zip(sums, AMOUNTS, strict=True))

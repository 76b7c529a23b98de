"""The sums of a month's costs that the Spend page reads, each one statement over the cells of its days."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from django.db.models import Q, Sum, Value

from studio.models.board import Board
from studio.models.jobs.count import JobCount
from studio.models.people import User
from studio.models.spend.spent import Line, SpentDay
from studio.models.sql.compiled_query import KEYS, PERSON, CompiledQuery

DAY = models.DateField()
SUMMED = ("parts", "jobs", "inputs", "inputs_parts", "layers")


def _cells(first: Any, last: Any) -> models.QuerySet[SpentDay]:
    return SpentDay.objects.filter(day__gte=first, day__lte=last).order_by()


# A row for each day and line.
BY_DAY: CompiledQuery[SpentDay] = CompiledQuery(
    lambda first, last: (
        _cells(first, last).values("day", "line").annotate(**{f"all_{name}": Sum(name) for name in SUMMED})
    ),
    DAY,
    DAY,
)
# What the jobs under way hold, of all months, and how many they are.
IN_PROGRESS: CompiledQuery[JobCount] = CompiledQuery(
    lambda: (
        JobCount.objects.filter(group=JobCount.Group.PROGRESS)
        .order_by()
        .values(every=Value(1))
        .annotate(all_price=Sum("price"), all_number=Sum("number"))
    )
)
# The names of those boards that the viewer sees.
BOARD_NAMES: CompiledQuery[Board] = CompiledQuery(
    lambda viewer, keys: Board.objects.visible_to(viewer).filter(pk__in=keys).values_list("pk", "name"), PERSON, KEYS
)

# Those that are not for the whole team, whether they are still there or not, and whose they are.
CLOSED_BOARDS: CompiledQuery[Board] = CompiledQuery(
    lambda: Board.objects.exclude(visibility=Board.Visibility.TEAM).values_list("pk", "person")
)


def hidden_boards(viewer: User) -> set[int]:
    """Return the keys of the boards of which a person may read nothing: neither the name nor the client."""
    closed = {key for key, owner in CLOSED_BOARDS() if not viewer.owns(owner)}
    return closed.difference(key for key, _ in BOARD_NAMES(viewer, list(closed))) if closed else closed


@cache
def paid_by(*names: str) -> CompiledQuery[SpentDay]:
    """Return the query for what was paid between two days, and for how many pictures, grouped by these columns."""

    def rows(first: Any, last: Any) -> Any:
        paid = _cells(first, last).exclude(line=Line.UNKNOWN).values(*names)
        return paid.annotate(all_parts=Sum("parts"), all_pictures=Sum("jobs", filter=~Q(line=Line.FAILED), default=0))

    return CompiledQuery(rows, DAY, DAY)

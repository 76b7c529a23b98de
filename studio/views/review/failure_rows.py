"""The rows of Review as its groups are made of: compiled queries where counts are kept, else what one search finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from studio.models import Job
from studio.models.jobs.queries import JobQuerySet
from studio.models.review.failure_search import MOST_READ, FailureSearch
from studio.models.sql.compiled_query import KEYS, MOMENT, TEXT, CompiledQuery

MOST_CASES = 30  # the newest on one page; each group says how many it has in all
# Made and not saved for so long, it is in Review although nothing has gone wrong with it so far.
SLOW_TO_SAVE = timedelta(minutes=10)


def newest(search: FailureSearch) -> list[Job]:
    """Return the newest cases that fit, as a page shows them."""
    if search.is_narrow or search.codes:
        return list(_newest(search.bounded()[0] if search.is_narrow else search))
    return _newest_of_all(search.show, has_cause=bool(search.cause))(search.cause)


def still_tried(search: FailureSearch, *, now: datetime) -> list[Job]:
    """Return what fits of what is made, is not saved and is still tried: from its first failure, or when it takes long.

    The longest held first: an alarm is never left out for what came after it.
    """
    if search.is_narrow or search.codes:
        return list(_held(replace(search, cause=""), now - SLOW_TO_SAVE))
    return _held_of_all(search.show)(now - SLOW_TO_SAVE)


def rows_of(held: list[Job]) -> list[Job]:
    """Load of what is still tried the rows that a page shows."""
    return _rows("made_at", "pk")([job.pk for job in held[:MOST_CASES]]) if held else []


def asked_again() -> list[Job]:
    """Return what somebody has asked for once more and is under way."""
    keys = _AGAIN()  # mostly there are none, which is told by their keys alone
    return _rows("-asked_at")(keys) if keys else []


_AGAIN: CompiledQuery[Job] = CompiledQuery(
    lambda: Job.objects.asked_again().order_by("-asked_at").values_list("pk", flat=True)[:MOST_CASES]
)


@cache
def _rows(*order: str) -> CompiledQuery[Job]:
    return CompiledQuery(lambda keys: Job.objects.for_review().filter(pk__in=keys).order_by(*order), KEYS)


@cache
def _newest_of_all(show: str, *, has_cause: bool) -> CompiledQuery[Job]:
    return CompiledQuery(lambda cause: _newest(FailureSearch.of_all(show, cause if has_cause else "")), TEXT)


@cache
def _held_of_all(show: str) -> CompiledQuery[Job]:
    return CompiledQuery(lambda before: _held(FailureSearch.of_all(show, ""), before), MOMENT, is_steady=True)


def _newest(search: FailureSearch) -> JobQuerySet[Job]:
    return search.jobs().for_review().order_by("-finished_at", "-pk")[:MOST_CASES]


def _held(search: FailureSearch, before: Any) -> JobQuerySet[Job]:
    return search.held(before).order_by("made_at", "pk").only("pk", "made_at", "price", "person_id")[:MOST_READ]

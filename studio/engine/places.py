"""Whose turn comes when: the place of every waiting job, as far as the turns of `capacity.admit` can be foreseen."""

from __future__ import annotations

from typing import Any

from studio.models import Job
from studio.models.sql.compiled_query import CompiledQuery


def _waiting() -> Any:
    waiting = Job.objects.waiting().order_by("created_at", "pk")
    return waiting.values_list("pk", "person_id", "prioritized", "hold_reason", "person__served_at")


_WAITING: CompiledQuery[Job] = CompiledQuery(_waiting)


def places_in_line() -> dict[int, int]:
    """Return the place of every waiting job by its key, 1 for the next."""
    turns: dict[int, int] = {}
    order = []
    for rank, (pk, person, prioritized, held, served) in enumerate(_WAITING()):
        turns[person] = turns.get(person, 0) + 1
        before_turns = (not prioritized, held != Job.HoldReason.RATE)
        order.append((*before_turns, turns[person], served.timestamp() if served else 0.0, rank, pk))
    return {row[-1]: place for place, row in enumerate(sorted(order), start=1)}

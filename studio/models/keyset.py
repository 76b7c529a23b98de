"""Page through rows that are in the order of a field, and of their keys where that is the same.

Never as an OR: SQLite then walks the index from its start instead of seeking.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


def below(rows: Rows, field: str, value: Any, pk: Any) -> Rows:
    """Those before a place in the rising order: what follows it where the newest come first."""
    return rows.filter(**{f"{field}__lte": value}).exclude(**{field: value, "pk__gte": pk})


def above(rows: Rows, field: str, value: Any, pk: Any) -> Rows:
    """Those behind a place in the rising order: what stands before it where the newest come first."""
    return rows.filter(**{f"{field}__gte": value}).exclude(**{field: value, "pk__lte": pk})

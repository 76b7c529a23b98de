"""Old rows are deleted some at a time: others who write wait for none of it long."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

AT_ONCE = 2_000  # rows


def delete_some(old: QuerySet[Any, Any], *, most: int = AT_ONCE) -> int:
    """Delete the first of these rows; return how many."""
    keys = list(old.values_list("pk", flat=True)[:most])
    old.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)

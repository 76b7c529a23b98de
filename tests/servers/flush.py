"""Empty the tables between two tests by DELETE: a TRUNCATE of a hundred tables takes PostgreSQL half a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations


def _delete(
    operations: DatabaseOperations, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, **_: Any
) -> list[str]:
    if reset_sequences:
        return TRUNCATE(operations, style, tables, reset_sequences=True, allow_cascade=True)
    # Foreign keys are judged at the end of the transaction, so the order does not matter.
    return [f"DELETE FROM {operations.quote_name(table)}" for table in tables]  # noqa: S608


TRUNCATE = DatabaseOperations.sql_flush


def be_quick() -> None:
    DatabaseOperations.sql_flush = _delete  # type: ignore[method-assign,assignment]

"""A query of the ORM whose SQL is made once: for what is asked dozens of times a page, making it costs most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet


class PreparedQuery:
    """Rows that a few values decide, each of which stands in the query as it is given.

    `rows` builds the query; the values here are stand-ins, unlike any other value in it. Where they are found among the
    query's parameters, the true values are put later. Rows come as the database gives them, without converters.
    """

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self.rows = rows
        self.stand_ins = stand_ins
        self.made: dict[str, tuple[str, list[tuple[str, Any]]]] = {}  # by the kind of database

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row for these values, or None."""
        sql, parameters = self.made.get(connection.vendor) or self._make()
        stored = {name: self._as_stored(value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(sql, [stored[name] if name else fixed for name, fixed in parameters])
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found

    def _make(self) -> tuple[str, list[tuple[str, Any]]]:
        sql, parameters = self.rows(**self.stand_ins)[:1].query.sql_with_params()
        names = {self._as_stored(value): name for name, value in self.stand_ins.items()}
        if inlined := [name for value, name in names.items() if str(value) in sql]:
            raise ValueError(f"{', '.join(inlined)} must be a parameter of the query.")
        made = (sql, [(names.get(one, ""), one) for one in parameters])
        self.made[connection.vendor] = made
        return made

    @staticmethod
    def _as_stored(value: Any) -> Any:
        if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
            return value.hex
        return value

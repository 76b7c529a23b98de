"""Statements that PostgreSQL parses and plans once for each connection, for what pages ask every time.

Of a page's dozen statements the server spends more on planning them than on reading their rows. Django sends every
statement as a text with its values written in, which can be prepared by nobody; these go with their values apart. Only
`CompiledQuery`, the numbers around a page (`frame`) and a family (`lineage`) do so, and only where one plan serves
whatever the values are: rows that are looked up by keys, or that are few.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, TypeAlias

from django.db import Error

from studio.database import pooler

Params: TypeAlias = Sequence[Any] | Mapping[str, Any]
# A connection keeps so many, the ones used last: each compiled query, for a few lengths of its lists.
MOST_KEPT = 256
# Where a connection says that nothing can be prepared through it.
REFUSED = "_studio_unprepared"
# No such statement, one of the same name, its columns have changed since: of a pooler that looks like the server itself,
# and of tables that are upgraded meanwhile.
LOST = ("26000", "42P05", "0A000")


def suits_any_values(statement: str) -> bool:
    """Whether one plan is good for all values of a statement.

    The first rows of an order and a range are not: the server has to know whether a board has ten pictures or 50,000,
    and sorted all of those for the first 500 (445 ms instead of 7).
    """
    return not (re.search("[<>]", statement) or (" LIMIT " in statement and " ORDER BY " in statement))


def with_constants(
    connection: Any, statement: str, params: Sequence[Any], is_value: Callable[[Any], bool]
) -> tuple[str, list[Any]]:
    """Return the statement with all parameters written in that are no values of a call, and those that are.

    A plan for any values knows only what is written in: without it the server could use no partial index.
    """
    if connection.vendor != "postgresql":
        return statement, list(params)
    left = iter(params)
    values: list[Any] = []

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        param = next(left)
        if not is_value(param):
            return str(connection.ops.compose_sql("%s", [param])).replace("%", "%%")
        values.append(param)
        return "%s"

    return re.sub("%%|%s", written, statement), values


def rows(connection: Any, statement: str, params: Params) -> Sequence[tuple[Any, ...]]:
    """Run a statement that suits any values and return all its rows."""
    # A log of queries shows each with its values, which only Django's own cursor knows.
    if connection.vendor == "postgresql" and not (connection.queries_logged or _is_refused(connection)):
        try:
            return _rows(_preparing(connection), statement, params)
        except Error as error:
            if getattr(error.__cause__, "sqlstate", "") not in LOST:
                raise
            vars(connection)[REFUSED] = True
            if connection.in_atomic_block:
                raise
    return rows_by_values(connection, statement, params)


def rows_by_values(connection: Any, statement: str, params: Params) -> Sequence[tuple[Any, ...]]:
    """Run a statement, planned for its values, and return all its rows."""
    return _rows(connection.cursor(), statement, params)


def _is_refused(connection: Any) -> bool:
    # As Django's own cursors begin: one that the server has closed since the last request is opened again.
    connection.close_if_health_check_failed()
    return bool(vars(connection).get(REFUSED)) or pooler.lends(connection)


def _rows(cursor: Any, statement: str, params: Params) -> Sequence[tuple[Any, ...]]:
    with cursor:
        cursor.execute(statement, params)
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return found


def _preparing(connection: Any) -> Any:
    opened = connection.connection
    if opened.prepare_threshold is None:  # as Django leaves it
        opened.prepare_threshold, opened.prepared_max = 0, MOST_KEPT
    with connection.wrap_database_errors:
        cursor = _cursor_class()(opened)
    return connection._prepare_cursor(cursor)


@cache
def _cursor_class() -> Any:
    from psycopg import Cursor  # not on a laptop with SQLite

    class Preparing(Cursor[Any]):
        """Prepares what it runs the first time; Django's own cursor writes the values into the statement.

        Its names say what they stand for: under one that another client has prepared, there is nothing else.
        """

        def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
            return super().execute(query, params, prepare=True)

        def _get_prepared(self, pgq: Any, prepare: bool | None = None) -> Any:
            whether, name = super()._get_prepared(pgq, prepare)
            if name.startswith(b"_pg3_"):  # a number, as psycopg names what it is about to prepare
                name = b"studio_" + sha256(repr((pgq.query, pgq.types)).encode()).hexdigest()[:40].encode()
            return whether, name

    return Preparing

"""Queries of the ORM that are built and compiled once and from then on only bound: for pages that ask a dozen of them.

Building a query and writing its SQL takes several times as long as running it over an index (of a picture's page a third
of all its CPU); the statement is the same each time but for its parameters. Django keeps no compiled queries, so this
puts marks where the values go, lets it compile once for each connection, and hands its own compiler the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models.expressions import Value
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from studio.models.people import User
from studio.models.sql import prepared_statements

M = TypeVar("M", bound=models.Model, covariant=True)
# Where a connection keeps what it has compiled: a compiler and its converters belong to one.
KEPT = "_studio_compiled"
# Longer lists of values are not kept: there would be a statement for each length.
MOST_VALUES = 512


@dataclass(frozen=True, slots=True)
class Mark:
    """Stands among the parameters of a statement for a value that comes later."""

    at: int
    field: models.Field[Any, Any]


class Slot(Value):
    """Stands for a value while the query is built."""

    def __init__(self, value: Any, output_field: models.Field[Any, Any]) -> None:
        super().__init__(value, output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [Mark(self.value, self.output_field)]


class Anyone:
    """Stands for the person who asks. Only what is theirs may be asked of them: what else a query did with a person would
    be compiled for all of them."""

    is_active = can_make = True  # whoever may not is told so before anything is asked

    def __init__(self, pk: Slot) -> None:
        self.pk = pk

    def owned(self, path: str = "person") -> models.Q:
        return models.Q((path, self.pk))


# A parameter that is a User, and one that is a list of keys for `__in`.
PERSON, KEYS = "person", "keys"
KEY = models.BigIntegerField()
CODE = models.UUIDField()
TEXT = models.TextField()
MOMENT = models.DateTimeField()
Parameter: TypeAlias = "models.Field[Any, Any] | str"
# A list takes nothing but keys: this and the numbers above it stand for them, and no row has such a key.
STAND_IN = 1 << 62


@dataclass(frozen=True, slots=True)
class _Plan:
    queryset: Any
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    extra: bool  # more columns than are asked for, to order by
    rows: Callable[[Any, str, Sequence[Any]], Sequence[tuple[Any, ...]]]


class CompiledQuery(Generic[M]):
    """`build` returns a query set of whole objects or of values_list; it gets a stand-in for each value, in the order of
    `parameters`, and must do nothing with them but filter. It runs once for each connection: what it reads beside them, a
    time for instance, would be kept for good. `is_steady`: one plan of the database is good for all values, although there
    is a range among them (`prepared_statements.suits_any_values`).
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[M, Any]], *parameters: Parameter, is_steady: bool = False
    ) -> None:
        self._build = build
        self._parameters = parameters
        self._is_steady = is_steady

    def __call__(self, *values: Any) -> list[Any]:
        """Return the rows for these values."""
        flat, lengths = self._flat(values)
        if flat is None:
            return list(self._build(*values))
        plan = self._plan(lengths)
        if plan is None:
            return []
        compiler = copy(plan.compiler)
        found = plan.rows(compiler.connection, plan.sql, _bound(plan, flat))
        if plan.extra:
            found = [row[: compiler.col_count] for row in found]
        compiler.execute_sql = lambda *_, **__: [found]  # type: ignore[assignment,method-assign]
        query = copy(plan.queryset.query)
        query.get_compiler = lambda *_, **__: compiler
        rows = type(plan.queryset)(model=plan.queryset.model, query=query, using=plan.queryset._db)
        for name in ("_iterable_class", "_fields", "_prefetch_related_lookups", "_known_related_objects"):
            setattr(rows, name, getattr(plan.queryset, name))
        return list(rows)

    def first(self, *values: Any) -> Any:
        """Return the first row, or None: the query should ask for one alone."""
        return next(iter(self(*values)), None)

    def count(self, *values: Any) -> int:
        """Return how many rows there are, counted by the database."""
        flat, lengths = self._flat(values)
        if flat is None:
            return self._build(*values).count()
        plan = self._plan(lengths)
        if plan is None:
            return 0
        statement = f"SELECT COUNT(*) FROM ({plan.sql}) AS counted"  # noqa: S608 - Django's
        [(found,)] = plan.rows(plan.compiler.connection, statement, _bound(plan, flat))
        return int(found)

    def _flat(self, values: Sequence[Any]) -> tuple[list[Any] | None, tuple[int, ...]]:
        """Return the values one after the other and how long each list among them is; None where nothing is compiled."""
        flat: list[Any] = []
        lengths: list[int] = []
        for parameter, value in zip(self._parameters, values, strict=True):
            if parameter == PERSON:
                person: User = value
                if not (person.is_active and person.can_make) or person.inherited:
                    return None, ()
                flat.append(person.pk)
            elif parameter == KEYS:
                if not 0 < len(value) <= MOST_VALUES:
                    return None, ()
                # The last one once more and again, up to a power of two: a handful of statements are enough.
                length = 1 << (len(value) - 1).bit_length()
                flat += [*value, *[value[-1]] * (length - len(value))]
                lengths.append(length)
            else:
                flat.append(value)
        return flat, tuple(lengths)

    def _plan(self, lengths: tuple[int, ...]) -> _Plan | None:
        """None for a query that never has rows."""
        connection = connections[DEFAULT_DB_ALIAS]
        kept: dict[Any, _Plan | None] = vars(connection).setdefault(KEPT, {})
        if (self, lengths) not in kept:
            kept[self, lengths] = self._compiled(connection, list(lengths))
        return kept[self, lengths]

    def _compiled(self, connection: Any, lengths: list[int]) -> _Plan | None:
        number = 0
        stand_ins: list[Any] = []
        for parameter in self._parameters:
            if parameter == KEYS:
                length = lengths.pop(0)
                stand_ins.append([STAND_IN + number + at for at in range(length)])
                number += length
                continue
            slot = Slot(number, parameter if isinstance(parameter, models.Field) else KEY)
            stand_ins.append(Anyone(slot) if parameter == PERSON else slot)
            number += 1
        queryset = self._build(*stand_ins)
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        converters = compiler.get_converters([one[0] for one in compiler.select[: compiler.col_count]])
        compiler.get_converters = lambda _: converters
        marked = [_marked(one) for one in params]
        rows = prepared_statements.rows_by_values
        if self._is_steady or not any(map(_is_mark, marked)) or prepared_statements.suits_any_values(sql):
            rows = prepared_statements.rows
            sql, marked = prepared_statements.with_constants(connection, sql, marked, _is_mark)
        return _Plan(queryset, compiler, sql, tuple(marked), extra=bool(compiler.has_extra_select), rows=rows)


class CompiledUpdate:
    """`rows(key)` as a CompiledQuery builds its own, to be set to `values()`: which rows, and expressions over their columns.

    Planned for its values each time, because what it reads of other tables may be a handful of rows or a million.
    """

    def __init__(
        self,
        rows: Callable[[Any], models.QuerySet[Any]],
        values: Callable[[], dict[str, Any]],
        key: models.Field[Any, Any],
    ) -> None:
        self._rows = rows
        self._values = values
        self._key = key

    def __call__(self, key: Any) -> int:
        """Change the rows of this key; return how many there are. Call it inside a transaction."""
        connection = connections[DEFAULT_DB_ALIAS]
        kept = vars(connection).setdefault(KEPT, {})
        if self not in kept:
            kept[self] = self._compiled(connection)
        sql, params = kept[self]
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS), connection.cursor() as cursor:
            cursor.execute(sql, [_value(one, [key], connection) for one in params])
            return int(cursor.rowcount)

    def _compiled(self, connection: Any) -> tuple[str, list[Any]]:
        query: Any = self._rows(Slot(0, self._key)).query.chain(UpdateQuery)
        query.add_update_values(self._values())
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, list(params)


def _marked(param: Any) -> Any:
    return Mark(param - STAND_IN, KEY) if isinstance(param, int) and param >= STAND_IN else param


def _is_mark(param: Any) -> bool:
    return isinstance(param, Mark)


def _bound(plan: _Plan, flat: Sequence[Any]) -> list[Any]:
    return [_value(one, flat, plan.compiler.connection) for one in plan.params]


def _value(param: Any, flat: Sequence[Any], connection: Any) -> Any:
    return param.field.get_db_prep_value(flat[param.at], connection) if isinstance(param, Mark) else param

"""On PostgreSQL, end the transaction of a machine that froze or was cut off: everybody else waits for its locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# As long as the lease of a conductor (ConductorLease): whoever takes over finds the rows free.
LONGEST = "10s"
# While one machine starts, the others wait. None of its steps rests for so long between two statements, unless it froze.
START_LONGEST = "5min"
IN_TRANSACTION, BETWEEN = "idle_in_transaction_session_timeout", "idle_session_timeout"


def limit(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let the database end this connection when it does nothing for so long within a transaction."""
    _set(connection, LONGEST)


def unlimited(connection: BaseDatabaseWrapper) -> None:
    """For the transaction that is open, which reads elsewhere for minutes between two statements."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, '0', true)", [IN_TRANSACTION])


@contextmanager
def limited_as_start(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """For a start on PostgreSQL, whose lock is its connection's: it may rest longer within a transaction than others, but
    not for ever between two.
    """
    connection.ensure_connection()
    _set(connection, START_LONGEST)
    _set(connection, START_LONGEST, BETWEEN)
    try:
        yield
    finally:
        _set(connection, LONGEST)
        with connection.cursor() as cursor:
            cursor.execute(f"RESET {BETWEEN}")


def _set(connection: BaseDatabaseWrapper, longest: str, name: str = IN_TRANSACTION) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, false)", [name, longest])

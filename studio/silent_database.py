"""Tell a database that does not answer, or is locked for too long, from every mistake in a query."""

from __future__ import annotations

from django.db import InterfaceError, InternalError, OperationalError

SQLITE_BUSY = {5, 6, 261, 517, 262}  # BUSY, LOCKED and their kinds (sqlite.org/rescode.html)
# Connection, shutdown, too many connections, a transaction that was ended (idle_transactions):
# postgresql.org/docs/current/errcodes-appendix.html
POSTGRES_SILENT = ("08", "57P", "53300", "25P03")


def is_cause(problem: BaseException | None) -> bool:
    """Whether a database that cannot be reached is at the root of this exception."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        if isinstance(problem, InterfaceError):
            return True
        if isinstance(problem, OperationalError | InternalError) and _is_silent(problem):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def _is_silent(problem: OperationalError | InternalError) -> bool:
    cause = problem.__cause__
    if (number := getattr(cause, "sqlite_errorcode", None)) is not None:
        return number in SQLITE_BUSY
    if cause is None or not type(cause).__module__.startswith("psycopg"):
        return False
    state = getattr(cause, "sqlstate", None)
    # A connection that was never made, or broke, has no state.
    return state is None or state.startswith(POSTGRES_SILENT)

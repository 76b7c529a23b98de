"""Tell a database that does not answer, is locked for too long or takes nothing from every mistake in a query."""

from __future__ import annotations

from django.db import InterfaceError, InternalError, OperationalError

from studio.disk import causes

SQLITE_BUSY = {5, 6, 261, 517, 262}  # BUSY, LOCKED and their kinds (sqlite.org/rescode.html)
# Connection, shutdown, too many connections, a transaction that was ended (idle_transactions):
# postgresql.org/docs/current/errcodes-appendix.html
POSTGRES_SILENT = ("08", "57P", "53300", "25P03")
# A stand-by that does not lead yet, or a service that lets a full database be read only.
POSTGRES_READ_ONLY = "25006"


def is_cause(problem: BaseException | None) -> bool:
    """Whether a database that cannot be reached, or not be written to, is at the root of this exception."""
    return is_read_only(problem) or any(
        isinstance(one, InterfaceError) or (isinstance(one, OperationalError | InternalError) and _is_silent(one))
        for one in causes(problem)
    )


def is_read_only(problem: BaseException | None) -> bool:
    """Whether a database that answers and takes nothing is at the root of this exception."""
    return any(getattr(one, "sqlstate", None) == POSTGRES_READ_ONLY for one in causes(problem))


def _is_silent(problem: OperationalError | InternalError) -> bool:
    cause = problem.__cause__
    if (number := getattr(cause, "sqlite_errorcode", None)) is not None:
        return number in SQLITE_BUSY
    if cause is None or not type(cause).__module__.startswith("psycopg"):
        return False
    state = getattr(cause, "sqlstate", None)
    # A connection that was never made, or broke, has no state.
    return state is None or state.startswith(POSTGRES_SILENT)

"""Connections that a pooler lends for one transaction, such as PgBouncer with `pool_mode = transaction`.

The next transaction may be another process of the server: what a connection has prepared, set or locked is not there, or
is somebody else's. A statement prepared by another client under the same name would return the rows of that one.
"""

from __future__ import annotations

from typing import Any

LENT = "_studio_lent"


def notice(connection: Any, **kwargs: Any) -> None:
    """Note of a new connection whether a pooler stands between.

    PostgreSQL names its process when a connection opens (BackendKeyData), and a pooler names a number of its own, in any
    mode. Its mode it tells nobody.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [process] = cursor.fetchone()
    is_lent = process != connection.connection.info.backend_pid
    setattr(connection, LENT, is_lent)
    if is_lent:  # Django's own name for it: a cursor of the server would be gone with its transaction
        connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = True


def lends(connection: Any) -> bool:
    """Whether the connection is a pooler's."""
    connection.ensure_connection()
    return bool(getattr(connection, LENT, False))

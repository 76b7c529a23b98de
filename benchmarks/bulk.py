"""Fill many rows fast: without the indexes, checks and log that a studio in use needs, which come back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# The large ones that are filled by one statement each.
TABLES = ("submission", "job", "attempt", "ledgerrow", "picture", "rendition", "searchdocument", "star", "boardpicture")


@contextmanager
def unchecked() -> Iterator[None]:
    """Let no row be compared with those that point to it: without an index a deleted row costs a reading of the table."""
    if connection.in_atomic_block:  # as in a test, where neither can change
        yield
        return
    on, off = ("session_replication_role = origin", "session_replication_role = replica")
    if connection.vendor == "sqlite":
        on, off = "foreign_keys = ON", "foreign_keys = OFF"
    word = "PRAGMA" if connection.vendor == "sqlite" else "SET"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {off}")
        yield
        cursor.execute(f"{word} {on}")


@contextmanager
def without_indexes() -> Iterator[None]:
    """Take the indexes off the large tables, and build each once when they are full: sorted, and so much faster.

    The keys keep theirs. On PostgreSQL the tables are not logged: a crash would empty them.
    """
    if connection.in_atomic_block:
        yield
        return
    names = [f"studio_{table}" for table in TABLES]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for setting in ("synchronous_commit = off", "work_mem = '256MB'"):
                cursor.execute(f"SET {setting}")
            _unlogged(cursor)
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND NOT EXISTS"
                " (SELECT 1 FROM pg_constraint WHERE conname = indexname)",
                [names],
            )
        else:
            cursor.execute("PRAGMA synchronous = off")
            cursor.execute("PRAGMA cache_size = -800000")
            marks = ", ".join(["%s"] * len(names))
            cursor.execute(
                f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name IN ({marks})",
                names,
            )
        taken = cursor.fetchall()
        for name, _ in taken:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, statement in taken:
            cursor.execute(statement)


def _unlogged(cursor: object) -> None:
    """Have no table of ours logged: first those that no logged table points to, until none is left."""
    while True:
        cursor.execute(  # type: ignore[attr-defined]
            "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relpersistence = 'p' AND NOT EXISTS"
            " (SELECT 1 FROM pg_constraint AS k JOIN pg_class AS o ON o.oid = k.conrelid WHERE k.contype = 'f'"
            " AND k.confrelid = c.oid AND k.conrelid <> c.oid AND o.relpersistence = 'p')"
        )
        free = [name for (name,) in cursor.fetchall()]  # type: ignore[attr-defined]
        if not free:
            return
        for name in free:
            cursor.execute(f'ALTER TABLE "{name}" SET UNLOGGED')  # type: ignore[attr-defined]

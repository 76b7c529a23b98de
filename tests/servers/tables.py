"""A copy of all tables of a PostgreSQL that is in use, and its return: what a copied file is for SQLite."""

from __future__ import annotations

from django.db import connection

SCHEMA = "put_aside"


def keep() -> None:
    """Copy every table as it is at one moment, and where the counters of keys stand."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for table in _tables():
            cursor.execute(f'CREATE TABLE {SCHEMA}."{table}" AS SELECT * FROM public."{table}"')  # noqa: S608
        cursor.execute(f"CREATE TABLE {SCHEMA}.counters AS SELECT sequencename, last_value FROM pg_sequences")  # noqa: S608
        cursor.execute("COMMIT")


def put_back() -> None:
    """Let every table be as it was then."""
    tables = _tables()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE " + ", ".join(f'public."{table}"' for table in tables))
        for table in tables:
            names = ", ".join(f'"{name}"' for name in _columns(table))
            cursor.execute(
                f'INSERT INTO public."{table}" ({names}) OVERRIDING SYSTEM VALUE'  # noqa: S608 - names of our own tables
                f' SELECT {names} FROM {SCHEMA}."{table}"'
            )
        cursor.execute(  # the name above
            f"SELECT setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)"  # noqa: S608
            f" FROM {SCHEMA}.counters"
        )
        cursor.execute("COMMIT")


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def _columns(table: str) -> list[str]:
    """What can be written: not what the database derives."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]

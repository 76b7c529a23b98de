"""What SQLite needs now and then; PostgreSQL's autovacuum does it by itself."""

from __future__ import annotations

from django.apps import apps
from django.db import connection
from django.db.models import BigIntegerField

# A table is looked at again when it has grown so many times.
GROWTH = 2


def tune() -> None:
    """Let the planner know how the tables are filled, where they have grown since it was told.

    Whole, not by a sample: the numbers that a sample guesses contradict each other, and a page then walks the history.
    Each doubling costs one reading, a table at a time, so nobody who writes waits for long.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit = 0")
        known = _known(cursor)
        # A table whose keys are no running numbers is only read by its key: no plan needs its numbers.
        models = apps.get_app_config("studio").get_models()
        for table in sorted(model._meta.db_table for model in models if type(model._meta.pk) is not BigIntegerField):
            cursor.execute(f'SELECT max(rowid) FROM "{table}"')  # noqa: S608 - a name of our own
            highest = cursor.fetchone()[0] or 0
            if highest >= GROWTH * known.get(table, 0) and highest:
                cursor.execute(f'ANALYZE "{table}"')


def _known(cursor: object) -> dict[str, int]:
    """How many rows of each table the planner knows of."""
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")  # type: ignore[attr-defined]
    if not cursor.fetchone():  # type: ignore[attr-defined]
        return {}
    cursor.execute("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")  # type: ignore[attr-defined]
    return dict(cursor.fetchall())  # type: ignore[attr-defined]

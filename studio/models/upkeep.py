"""What SQLite needs now and then; PostgreSQL's autovacuum does it by itself."""

from __future__ import annotations

from django.db import connection

# Rows of each index that are read for its statistics: a few milliseconds, however large the table.
SAMPLE = 1_000


def tune() -> None:
    """Let the planner know how the tables are filled, where they have changed enough for it to matter."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {SAMPLE}")
        cursor.execute("ANALYZE")

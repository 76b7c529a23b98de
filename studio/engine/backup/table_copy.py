"""Copy the tables as they are at one moment, and say what that copy holds: rows come and go meanwhile."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from studio.database import idle_transactions
from studio.engine.backup import postgres_dump, promised
from studio.models import Picture

COPY = "copy_of_tables"
ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@dataclass(slots=True)
class Copied:
    """What stands in a copy of the tables."""

    pictures: int
    # Every file that a row of the copy names, with its bytes where the row knows them.
    files: Iterable[tuple[str, int | None]]


@contextmanager
def saved(target: Path) -> Iterator[Copied]:
    """Copy all tables to the file `target`. Raises DatabaseError on SQLite, postgres_dump.Failed on PostgreSQL."""
    if connection.vendor == "sqlite":
        # As of one moment, beside whoever writes; and in one file, without a log that belongs to it.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(target)])
        target.chmod(0o600)
        with opened(target, COPY), closing(promised.files(COPY)) as files:
            yield Copied(_pictures(COPY), files)
        return
    with tempfile.TemporaryFile("w+", dir=target.parent) as names:
        # Files may be copied for hours: the moment ends before, or the database could tidy nothing meanwhile.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ONE_MOMENT)
            idle_transactions.unlimited(connection)
            cursor.execute("SELECT pg_export_snapshot()")
            postgres_dump.save(target, snapshot=cursor.fetchone()[0])
            pictures = _pictures("default")
            names.writelines(json.dumps(one) + "\n" for one in promised.files())
        names.seek(0)
        yield Copied(pictures, ((name, size) for name, size in map(json.loads, names)))


def _pictures(using: str) -> int:
    return Picture.objects.using(using).filter(deleted_at__isnull=True).count()


@contextmanager
def opened(file: Path, alias: str) -> Iterator[BaseDatabaseWrapper]:
    """Let the tables in a file of SQLite be read under `alias`."""
    own = {**connections["default"].settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": file}
    own |= {"OPTIONS": {}, "HOST": "", "PORT": "", "USER": "", "PASSWORD": "", "CONN_MAX_AGE": None}
    connections.databases[alias] = own
    try:
        connections[alias].connect()
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]

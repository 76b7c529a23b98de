"""A studio with thousands of pictures, put into its tables in a second: all show the same small file."""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from benchmarks import fill as bench
from tests.servers import own
from tests.stack.running import Running

Execute = Callable[[str], list[Any]]
DIALECT = bench.POSTGRESQL if own.POSTGRES else bench.SQLITE
COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'studio_{}' AND is_generated = 'NEVER'"
    if own.POSTGRES
    else "SELECT name FROM pragma_table_info('studio_{}')"
)
SHAPES = ((2048, 2048), (2464, 1696), (1696, 2464), (2784, 1504), (1504, 2784), (3360, 1248), (2000, 1600))
FILE = "renditions/shared.webp"
RENDITIONS_OF_LAST = """
INSERT INTO studio_rendition (picture_id, size, file, width, height, bytes)
SELECT picture_id + 1, size, file, width, height, bytes FROM studio_rendition
WHERE picture_id = (SELECT max(id) FROM studio_picture) - 1
"""


def fill(studio: Running, count: int) -> None:
    """Put `count` pictures of the first person into a studio that has none, evenly over two years until now."""
    shown = io.BytesIO()
    Image.linear_gradient("L").resize((512, 384)).save(shown, "WEBP")
    if own.S3:
        own.client().put_object(Bucket=own.bucket(studio.data), Key=FILE, Body=shown.getvalue())
    else:
        file = studio.data / "media" / FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(shown.getvalue())
    with _tables(studio) as execute:
        _write(execute, count)


def add(studio: Running, count: int = 1) -> None:
    """Add newer pictures, as if they had just been made."""
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if own.POSTGRES else "")
    with _tables(studio) as execute:
        for _ in range(count):
            for table in ("submission", "job", "picture"):
                _copy(execute, table, at)
            execute(RENDITIONS_OF_LAST)
        _count(execute)


@contextmanager
def _tables(studio: Running) -> Iterator[Execute]:
    """What runs statements on the studio's tables, all of them or none."""
    if own.POSTGRES:
        with own.connect(studio.data) as connection:
            yield lambda query: list(done) if (done := connection.execute(query)).description else []
        return
    connection = sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)
    try:
        with connection:
            yield lambda query: connection.execute(query).fetchall()
    finally:
        connection.close()


def _copy(execute: Execute, table: str, at: str) -> None:
    columns = [row[0] for row in execute(COLUMNS.format(table))]
    new = {
        "id": "id + 1",
        "code": DIALECT["code"],
        "token": DIALECT["code"],
        "request_id": DIALECT["code"],
        "remote_id": "remote_id || 'x'",
        "submission_id": "submission_id + 1",
        "job_id": "job_id + 1",
        "created_at": f"'{at}'",
        "shown_at": f"'{at}'",
        "rev": "rev + 1",
    }
    values = ", ".join(new.get(name, name) for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    statement = "INSERT INTO studio_{0} ({1}) SELECT {2} FROM studio_{0} ORDER BY id DESC LIMIT 1"
    execute(statement.format(table, names, values))


def _write(execute: Execute, count: int) -> None:
    [[person]] = execute("SELECT min(id) FROM studio_user")
    now, span = time.time() - 60, 365 * 2 * 86_400
    values: dict[str, Any] = {
        "first": 1,
        "last": count,
        "total": count,
        "start": now - span,
        "span": span,
        "now": now,
        "person": person,
        "people": 1,
        "failed": 10**8,  # ten times as many still fit an integer of PostgreSQL
        "living": count,
    }
    moment = DIALECT["moment"]
    at = moment.format(seconds=bench.SECONDS)
    parts = {**DIALECT, "home": "i", "at": at, "later": at, "owner": bench.OWNERS[False].format(home="i")}
    for statement in (bench.SUBMISSIONS, bench.JOBS):
        execute(statement.format(**parts) % values)
    placeholder = {"placeholder": f"'{bench.PLACEHOLDER}'"}
    execute(bench.PICTURES.format(**DIALECT) % placeholder)
    execute(bench.RENDITIONS)
    execute(f"UPDATE studio_rendition SET file = '{FILE}'")  # noqa: S608 - the name above
    for number, (width, height) in enumerate(SHAPES):
        which = f"(id * 5 / 3) % {len(SHAPES)} = {number}"
        execute(f"UPDATE studio_picture SET width = {width}, height = {height} WHERE {which}")  # noqa: S608 - numbers
    execute("UPDATE studio_submission SET has_done = TRUE, is_at_rest = TRUE")
    _count(execute)


def _count(execute: Execute) -> None:
    # What the studio makes next has numbers of its own; SQLite looks for them itself.
    for table in ("submission", "job", "picture") if own.POSTGRES else ():
        execute(f"SELECT setval(pg_get_serial_sequence('studio_{table}', 'id'), max(id)) FROM studio_{table}")  # noqa: S608
    for unit, there, here in (("month", "YYYY-MM", "%Y-%m"), ("day", "YYYY-MM-DD", "%Y-%m-%d")):
        when = f"to_char(shown_at AT TIME ZONE 'UTC', '{there}')" if own.POSTGRES else f"strftime('{here}', shown_at)"
        execute(f"DELETE FROM studio_gallery{unit}")  # noqa: S608 - our own words
        execute(
            f"INSERT INTO studio_gallery{unit} ({unit}, number, zone)"  # noqa: S608 - our own words
            f" SELECT {when}, count(*), 'UTC' FROM studio_picture GROUP BY 1"
        )
    execute(
        "INSERT INTO studio_revision (name, number) VALUES ('studio', 1000000)"
        " ON CONFLICT (name) DO UPDATE SET number = studio_revision.number + 1"
    )

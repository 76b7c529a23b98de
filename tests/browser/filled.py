"""A studio with thousands of pictures, put into its tables in a second: all show the same small file."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from benchmarks import fill as bench
from tests.stack.running import Running

SHAPES = ((2048, 2048), (2464, 1696), (1696, 2464), (2784, 1504), (1504, 2784), (3360, 1248), (2000, 1600))
FILE = "renditions/shared.webp"
RENDITIONS_OF_LAST = """
INSERT INTO studio_rendition (picture_id, size, file, width, height, bytes)
SELECT picture_id + 1, size, file, width, height, bytes FROM studio_rendition
WHERE picture_id = (SELECT max(id) FROM studio_picture) - 1
"""


def fill(studio: Running, count: int) -> None:
    """Put `count` pictures of the first person into a studio that has none, evenly over two years until now."""
    file = studio.data / "media" / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").resize((512, 384)).save(file)
    connection = sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)
    try:
        with connection:
            _write(connection, count)
    finally:
        connection.close()


def add(studio: Running, count: int = 1) -> None:
    """Add newer pictures, as if they had just been made."""
    connection = sqlite3.connect(studio.data / "studio.sqlite3", timeout=20)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    try:
        with connection:
            for _ in range(count):
                for table, other in (("submission", ""), ("job", ""), ("picture", ", shown_at = :at")):
                    _copy(connection, table, at, other)
                connection.execute(RENDITIONS_OF_LAST)
            _count(connection)
    finally:
        connection.close()


def _copy(connection: sqlite3.Connection, table: str, at: str, more: str) -> None:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info(studio_{table})")]
    new = {
        "id": "id + 1",
        "code": "lower(hex(randomblob(16)))",
        "token": "lower(hex(randomblob(16)))",
        "request_id": "lower(hex(randomblob(16)))",
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
    connection.execute(statement.format(table, names, values))


def _write(connection: sqlite3.Connection, count: int) -> None:
    [[person]] = connection.execute("SELECT min(id) FROM studio_user")
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
        "failed": 10**9,
        "living": count,
    }
    moment = bench.SQLITE["moment"]
    at = moment.format(seconds=bench.SECONDS)
    parts = {**bench.SQLITE, "home": "i", "at": at, "later": at, "owner": bench.OWNERS[False].format(home="i")}
    for statement in (bench.SUBMISSIONS, bench.JOBS):
        connection.execute(statement.format(**parts) % values)
    placeholder = {"placeholder": f"'{bench.PLACEHOLDER}'"}
    connection.execute(bench.PICTURES.format(**bench.SQLITE) % placeholder)
    connection.execute(bench.RENDITIONS)
    connection.execute("UPDATE studio_rendition SET file = ?", [FILE])
    for number, (width, height) in enumerate(SHAPES):
        sizes = (width, height, len(SHAPES), number)
        connection.execute("UPDATE studio_picture SET width = ?, height = ? WHERE (id * 5 / 3) % ? = ?", sizes)
    connection.execute("UPDATE studio_submission SET has_done = TRUE, is_at_rest = TRUE")
    _count(connection)


def _count(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM studio_gallerymonth")
    connection.execute(
        "INSERT INTO studio_gallerymonth (month, number, zone)"
        " SELECT strftime('%Y-%m', shown_at), count(*), 'UTC' FROM studio_picture GROUP BY 1"
    )
    connection.execute(
        "INSERT INTO studio_revision (name, number) VALUES ('studio', 1000000)"
        " ON CONFLICT (name) DO UPDATE SET number = number + 1"
    )

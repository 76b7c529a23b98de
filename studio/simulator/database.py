"""Store the simulator's state in a SQLite file, so that a restart forgets nothing.

A job's state is not stored: it follows from its times and the clock, so jobs go on while the simulator is down.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.simulator.pricing import charged

# A job is counted against concurrency for at most an hour (luma-api.md section 8.1).
SLOT_SECONDS = 3600
WINDOW_SECONDS = 60

SCHEMA = """
CREATE TABLE IF NOT EXISTS generations (
    id TEXT PRIMARY KEY, client TEXT NOT NULL, request_id TEXT NOT NULL, type TEXT NOT NULL, model TEXT NOT NULL,
    created_at REAL NOT NULL, starts_at REAL NOT NULL, finishes_at REAL NOT NULL, painted_at REAL,
    failure_code TEXT, failure_reason TEXT, weight INTEGER NOT NULL, price INTEGER NOT NULL,
    words TEXT NOT NULL, task TEXT NOT NULL, outputs TEXT NOT NULL
);
-- Covers the sums over the last minute and the last hour, which every POST needs.
CREATE INDEX IF NOT EXISTS generations_by_client ON generations
    (client, created_at, starts_at, finishes_at, painted_at, failure_code, weight);
CREATE TABLE IF NOT EXISTS files (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, client TEXT NOT NULL, created_at REAL NOT NULL,
    mime_type TEXT NOT NULL, purpose TEXT NOT NULL, size_bytes INTEGER NOT NULL, filename TEXT, user_id TEXT,
    expires_at REAL, deleted_at REAL, completed_at REAL, ready_at REAL, verdict TEXT
);
CREATE TABLE IF NOT EXISTS prompts (digest BLOB PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""

# A job with its state as the last column; `generation_state` is defined below.
SELECT = "SELECT *, generation_state(:now, starts_at, finishes_at, painted_at, failure_code) AS state FROM generations"


def insert(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Insert one row; table and column names are our own."""
    marks = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608


def generation_state(
    now: float, starts_at: float, finishes_at: float, painted_at: float | None, failure_code: str | None
) -> str:
    """Return a job's state at a time; it never completes before its picture is painted (luma-api.md section 5)."""
    if now < starts_at:
        return "queued"
    if now < finishes_at:
        return "processing"
    if failure_code is not None:
        return "failed"
    return "processing" if painted_at is None or now < painted_at else "completed"


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One job: `task` is for the painter, `outputs` what it painted, `words` the prompt's keywords; Unix times."""

    id: str
    client: str
    request_id: str
    type: str
    model: str
    created_at: float
    starts_at: float
    finishes_at: float
    weight: int
    price: int
    words: list[str]
    task: dict[str, Any]
    painted_at: float | None = None
    failure_code: str | None = None
    failure_reason: str | None = None
    outputs: list[dict[str, Any]] | None = field(default_factory=list)
    state: str = "queued"


class Database:
    """Keep jobs in a SQLite file; `db` is shared with FilesDb. Used from one thread only."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        # NORMAL survives a killed process; only a power cut could cost the last commits, and this is a stand-in.
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)
        self.db.create_function("generation_state", 5, generation_state, deterministic=True)
        self.db.create_function("charged", 3, charged, deterministic=True)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def secret(self, name: str) -> bytes:
        """Return a random secret that stays the same across restarts."""
        self.db.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, secrets.token_bytes(32)))
        value = self.db.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()["value"]
        return bytes(value)

    def accept(self, generation: Generation) -> None:
        """Insert a new job."""
        row = dict(vars(generation))
        del row["state"]
        for name in ("words", "task", "outputs"):
            row[name] = json.dumps(row[name])
        insert(self.db, "generations", row)

    def count_prompt(self, *parts: str) -> int:
        """Return how often these texts were counted before, and count them once more."""
        digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
        cursor = self.db.execute(
            "INSERT INTO prompts VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count", (digest,)
        )
        return int(cursor.fetchone()["count"]) - 1

    def find(self, client: str, generation_id: str, now: float) -> Generation | None:
        """Return a client's own job in its state at `now`."""
        values = {"id": generation_id, "client": client, "now": now}
        cursor = self.db.execute(SELECT + " WHERE id = :id AND client = :client", values)
        row = cursor.fetchone()
        return _generation(row) if row else None

    def unpainted(self) -> list[Generation]:
        """Return the jobs that still have to be painted after a restart, oldest first."""
        cursor = self.db.execute(
            "SELECT *, 'processing' AS state FROM generations"
            " WHERE painted_at IS NULL AND failure_code IS NULL ORDER BY created_at"
        )
        return [_generation(row) for row in cursor]

    def everything(self, now: float) -> Iterator[Generation]:
        """Yield all jobs of all clients, oldest first."""
        cursor = self.db.execute(SELECT + " ORDER BY created_at, rowid", {"now": now})
        return (_generation(row) for row in cursor)

    def mark_painted(self, generation_id: str, outputs: list[dict[str, Any]], now: float) -> None:
        """Store which pictures were painted."""
        self.db.execute(
            "UPDATE generations SET painted_at = ?, outputs = ? WHERE id = ?",
            (now, json.dumps(outputs), generation_id),
        )

    def mark_failed(self, generation_id: str, code: str, reason: str, now: float) -> None:
        """Store that a job cannot be painted; it ends now unless it was to end before."""
        self.db.execute(
            "UPDATE generations SET failure_code = ?, failure_reason = ?, finishes_at = MIN(finishes_at, ?)"
            " WHERE id = ?",
            (code, reason, now, generation_id),
        )

    def in_flight(self, client: str, now: float) -> int:
        """Return the weight of a client's jobs that hold a slot: not ended, and less than an hour old."""
        row = self.db.execute(
            "SELECT COALESCE(SUM(weight), 0) AS weight FROM generations WHERE client = :client AND created_at > :since"
            " AND generation_state(:now, starts_at, finishes_at, painted_at, failure_code)"
            " IN ('queued', 'processing')",
            {"client": client, "since": now - SLOT_SECONDS, "now": now},
        ).fetchone()
        return int(row["weight"])

    def window(self, client: str, now: float) -> tuple[int, float | None]:
        """Return the weight of a client's jobs of the last minute, and the time of the oldest of them."""
        row = self.db.execute(
            "SELECT COALESCE(SUM(weight), 0) AS weight, MIN(created_at) AS oldest FROM generations"
            " WHERE client = ? AND created_at > ?",
            (client, now - WINDOW_SECONDS),
        ).fetchone()
        return int(row["weight"]), row["oldest"]

    def spent(self, client: str, now: float) -> int:
        """Return what a client has spent or reserved, in ten-thousandths of a dollar, refunds taken off."""
        row = self.db.execute(
            "SELECT COALESCE(SUM(charged("
            " generation_state(:now, starts_at, finishes_at, painted_at, failure_code), failure_code, price"
            ")), 0) AS spent FROM generations WHERE client = :client",
            {"client": client, "now": now},
        ).fetchone()
        return int(row["spent"])

    def forget(self, before: float) -> list[str]:
        """Drop jobs older than a moment and return their ids."""
        cursor = self.db.execute("DELETE FROM generations WHERE created_at < ? RETURNING id", (before,))
        return [row["id"] for row in cursor.fetchall()]


def _generation(row: sqlite3.Row) -> Generation:
    values = dict(row)
    for name in ("words", "task", "outputs"):
        values[name] = json.loads(values[name])
    return Generation(**values)

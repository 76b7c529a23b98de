"""Uploaded files as rows: pending, then ready or failed, and deleted in the end (luma-api.md section 11)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from studio.simulator.database import insert

# An empty verdict accepts a file; any other is the reason of its refusal.
GOOD = ""

# A client's files with their state as the last column; `file_state` is defined below.
MINE = """
WITH mine AS (
    SELECT *, file_state(:now, deleted_at, expires_at, ready_at, verdict) AS state FROM files WHERE client = :client
)
SELECT * FROM mine
"""
PAGE = """
WHERE (:below IS NULL OR seq < :below) AND (:purpose IS NULL OR purpose = :purpose)
AND CASE WHEN :state IS NULL THEN state <> 'deleted' ELSE state = :state END
ORDER BY seq DESC LIMIT :limit
"""


def file_state(
    now: float, deleted_at: float | None, expires_at: float | None, ready_at: float | None, verdict: str | None
) -> str:
    """Return a file's state at a time."""
    if deleted_at is not None or (expires_at is not None and expires_at <= now):
        return "deleted"
    if verdict is None or (ready_at or 0) > now:
        return "pending"
    return "ready" if verdict == GOOD else "failed"


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """One uploaded file; times are Unix seconds."""

    seq: int = 0
    id: str
    client: str
    created_at: float
    mime_type: str
    purpose: str
    size_bytes: int
    filename: str | None
    user_id: str | None
    expires_at: float | None
    deleted_at: float | None = None
    completed_at: float | None = None
    ready_at: float | None = None
    verdict: str | None = None
    state: str = "pending"


class FilesDb:
    """Keep file rows in the simulator's database."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        db.create_function("file_state", 5, file_state, deterministic=True)

    def add(self, file: StoredFile) -> None:
        """Insert a new file."""
        row = {name: value for name, value in vars(file).items() if name not in ("seq", "state")}
        insert(self.db, "files", row)

    def find(self, client: str, file_id: str, now: float) -> StoredFile | None:
        """Return a client's own file in its state at `now`."""
        values = {"id": file_id, "client": client, "now": now}
        row = self.db.execute(MINE + "WHERE id = :id", values).fetchone()
        return StoredFile(**dict(row)) if row else None

    def page(
        self, client: str, now: float, *, below: int | None, limit: int, purpose: str | None, state: str | None
    ) -> list[StoredFile]:
        """Return up to `limit` files, newest first, with `seq` under `below`; deleted ones only when asked for."""
        cursor = self.db.execute(
            MINE + PAGE,
            {"client": client, "now": now, "below": below, "limit": limit, "purpose": purpose, "state": state},
        )
        return [StoredFile(**dict(row)) for row in cursor]

    def complete(self, file_id: str, now: float, ready_at: float) -> None:
        """Store that the bytes have arrived and that ingest has begun."""
        self.db.execute("UPDATE files SET completed_at = ?, ready_at = ? WHERE id = ?", (now, ready_at, file_id))

    def finish(self, file_id: str, verdict: str) -> None:
        """Store the result of the ingest."""
        self.db.execute("UPDATE files SET verdict = ? WHERE id = ?", (verdict, file_id))

    def delete(self, file_id: str, now: float) -> None:
        """Delete softly; the first deletion's time stays."""
        self.db.execute("UPDATE files SET deleted_at = COALESCE(deleted_at, ?) WHERE id = ?", (now, file_id))

    def unfinished(self) -> list[StoredFile]:
        """Return the files whose ingest has to be finished after a restart."""
        cursor = self.db.execute(
            "SELECT *, 'pending' AS state FROM files"
            " WHERE completed_at IS NOT NULL AND verdict IS NULL AND deleted_at IS NULL ORDER BY seq"
        )
        return [StoredFile(**dict(row)) for row in cursor]

    def forget(self, before: float) -> list[str]:
        """Delete files older than a time and return their ids."""
        cursor = self.db.execute("DELETE FROM files WHERE created_at < ? RETURNING id", (before,))
        return [row["id"] for row in cursor.fetchall()]

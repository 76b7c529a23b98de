"""Tell a full disk from every other failure, whether the file system, SQLite or PostgreSQL found out."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}
# SQLITE_FULL, and the errors of writing that a full disk shows as in WAL mode: WRITE, FSYNC, TRUNCATE, SHMSIZE (sqlite.org/rescode.html).
SQLITE_FULL = {13, 778, 1034, 1546, 4874}
POSTGRES_FULL = {"53100"}  # disk_full
# With less than this neither the tables nor a picture can be relied on.
LEAST_FREE = 16 * 1024 * 1024  # bytes
PROBE = 65_536  # bytes


def is_cause(problem: BaseException | None) -> bool:
    """Whether a full disk is at the root of this exception."""
    return any(
        (isinstance(one, OSError) and one.errno in FULL)
        or getattr(one, "sqlite_errorcode", None) in SQLITE_FULL
        or "disk is full" in str(one)
        or getattr(one, "sqlstate", None) in POSTGRES_FULL
        for one in causes(problem)
    )


def causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what it came from, and so on to the root."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or problem.__context__


def is_full(folder: Path) -> bool:
    """Whether nothing can be written below `folder`; tries it with a small file, because quotas count too."""
    try:
        if shutil.disk_usage(folder).free < LEAST_FREE:
            return True
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(os.urandom(PROBE)) != PROBE
    except OSError as problem:
        return is_cause(problem)

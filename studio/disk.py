"""Tell a disk that is full, or takes nothing, from every other failure, whoever found out: the file system, SQLite or
PostgreSQL."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

FULL = {errno.ENOSPC, errno.EDQUOT}
# The system mounted it for reading after a fault, a cable or a server is gone, or it is another user's.
UNUSABLE = {errno.EROFS, errno.EIO, errno.EACCES, errno.ESTALE, errno.ENODEV, errno.ENXIO}
SQLITE_FULL = 13
# SQLITE_READONLY, SQLITE_IOERR and SQLITE_CANTOPEN with all their kinds: the lowest byte (sqlite.org/rescode.html).
SQLITE_UNUSABLE = {8, 10, 14}
# What of these a full disk shows as in WAL mode: WRITE, FSYNC, TRUNCATE, SHMSIZE.
SQLITE_PERHAPS_FULL = {778, 1034, 1546, 4874}
# In the words of PostgreSQL: disk_full, io_error (postgresql.org/docs/current/errcodes-appendix.html).
POSTGRES_FULL, POSTGRES_UNUSABLE = "53100", "58030"
# With less than this neither the tables nor a picture can be relied on.
LEAST_FREE = 16 * 1024 * 1024  # bytes
PROBE = 65_536  # bytes


def is_full(problem: BaseException | None) -> bool:
    """Whether a full disk is at the root of this exception."""
    return any(_is_full(one) for one in causes(problem))


def _is_full(one: BaseException) -> bool:
    code = getattr(one, "sqlite_errorcode", None)
    if code in SQLITE_PERHAPS_FULL:
        return fault(settings.STUDIO_DATA) == "full"
    return (
        (isinstance(one, OSError) and one.errno in FULL)
        or code == SQLITE_FULL
        or "disk is full" in str(one)
        or getattr(one, "sqlstate", None) == POSTGRES_FULL
    )


def is_unusable(problem: BaseException | None) -> bool:
    """Whether a disk that has room, perhaps, and takes or gives nothing is at the root of this exception."""
    return any(_is_unusable(one) for one in causes(problem)) and not is_full(problem)


def _is_unusable(one: BaseException) -> bool:
    return (
        (isinstance(one, OSError) and one.errno in UNUSABLE)
        or getattr(one, "sqlite_errorcode", 0) & 0xFF in SQLITE_UNUSABLE
        or getattr(one, "sqlstate", None) == POSTGRES_UNUSABLE
    )


def causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what it came from, and so on to the root."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or problem.__context__


def fault(folder: Path) -> str:
    """Say what keeps files from being written into `folder`: "full", "unusable" or "" for nothing."""
    problem = refusal(folder)
    if problem is None:
        return ""
    return "full" if problem.errno in FULL else "unusable"


def refusal(folder: Path) -> OSError | None:
    """Return why nothing can be written into `folder`; tries it with a small file, because quotas count too."""
    try:
        if shutil.disk_usage(folder).free < LEAST_FREE:
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            if file.write(os.urandom(PROBE)) != PROBE:
                return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as problem:
        return problem
    return None

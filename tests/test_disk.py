"""A disk that is full, one that takes nothing, and what neither of them is to blame for."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from django.db import OperationalError

from studio import disk


def full_sqlite() -> BaseException:
    """The error of a real SQLite that may not grow, as Django raises it."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA max_page_count=3")
    try:
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    except sqlite3.OperationalError as problem:
        wrapped = OperationalError(str(problem).replace("full", "x"))
        wrapped.__cause__ = problem
        return wrapped
    finally:
        connection.close()
    raise AssertionError("it was not full")


def full_postgres() -> BaseException:
    wrapped = OperationalError("x")
    wrapped.__cause__ = psycopg.errors.DiskFull("x")
    return wrapped


@pytest.mark.parametrize("make", [full_sqlite, full_postgres, lambda: OSError(errno.EDQUOT, "x")])
def test_a_full_disk_is_told_from_what_else_breaks(make: Callable[[], BaseException]) -> None:
    assert disk.is_full(make())


@pytest.mark.parametrize(
    "problem", [OSError(errno.EIO, "x"), OperationalError("database is locked"), psycopg.errors.DeadlockDetected("x")]
)
def test_other_failures_are_no_full_disk(problem: BaseException) -> None:
    assert not disk.is_full(problem)


def caused(cause: Exception, problem: Exception) -> Exception:
    problem.__cause__ = cause
    return problem


def sqlite_error(code: int) -> Exception:
    cause = sqlite3.OperationalError("x")
    cause.sqlite_errorcode = code
    return caused(cause, OperationalError("x"))


UNUSABLE = [
    OSError(errno.EROFS, "Read-only file system"),
    PermissionError(errno.EACCES, "Permission denied"),
    *map(sqlite_error, (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR_READ)),
    # Of a full disk it would be the same.
    sqlite_error(sqlite3.SQLITE_IOERR_WRITE),
    caused(psycopg.errors.IoError("x"), OperationalError("x")),
]


@pytest.mark.parametrize("problem", UNUSABLE)
def test_a_disk_that_takes_nothing_is_told_from_a_full_one_and_from_a_mistake(problem: Exception) -> None:
    assert (disk.is_unusable(problem), disk.is_full(problem)) == (True, False)


def test_what_sqlite_could_not_write_is_a_full_disk_where_it_is_full() -> None:
    problem = sqlite_error(sqlite3.SQLITE_IOERR_WRITE)
    with patch.object(disk, "LEAST_FREE", 10**18):
        assert (disk.is_unusable(problem), disk.is_full(problem)) == (False, True)


def test_a_folder_that_takes_nothing_says_why(tmp_path: Path) -> None:
    assert disk.fault(tmp_path) == ""
    with patch.object(disk.tempfile, "TemporaryFile", side_effect=OSError(errno.EROFS, "Read-only file system")):
        assert (disk.fault(tmp_path), str(disk.refusal(tmp_path))) == ("unusable", "[Errno 30] Read-only file system")

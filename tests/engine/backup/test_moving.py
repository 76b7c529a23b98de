"""What a move does where a disk, a bucket or a database does not do its part."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio.engine.backup import moving
from studio.engine.backup.backup import Refused
from studio.models import User


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    file = tmp_path / "studio.sqlite3"
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE TABLE row (name)")
    return file


def unwritable() -> sqlite3.OperationalError:
    problem = sqlite3.OperationalError("unable to open database file")
    problem.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    return problem


@pytest.fixture
def only_immutable(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite on a disk that cannot be written to: it makes no shared memory, so that it reads what is immutable alone."""
    connect = sqlite3.connect

    def connected(name: Any, **more: Any) -> Any:
        if "mode=ro" in str(name):
            raise unwritable()
        return connect(name, **more)

    monkeypatch.setattr(sqlite3, "connect", connected)


@pytest.mark.usefixtures("only_immutable")
def test_tables_on_a_disk_that_cannot_be_written_to_are_copied(tables: Path, tmp_path: Path) -> None:
    moving._copy_tables(tables, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT name FROM sqlite_master").fetchall() == [("row",)]


@pytest.mark.usefixtures("only_immutable")
def test_tables_whose_log_holds_rows_are_not_read_without_it(tables: Path, tmp_path: Path) -> None:
    Path(f"{tables}-wal").write_bytes(b"rows")
    with pytest.raises(sqlite3.OperationalError):
        moving._copy_tables(tables, tmp_path / "copy")


def test_a_file_that_comes_back_with_other_bytes_is_not_taken_for_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"originals/ab/cd/{hashlib.sha256(b'picture').hexdigest()}.png"
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(b"picture")
    monkeypatch.setattr(moving.storage, "open_file", lambda _: (tmp_path / "other").open("rb"))
    (tmp_path / "other").write_bytes(b"another")
    with pytest.raises(Refused, match="came back with other bytes than were sent"):
        moving._move_file(tmp_path, name)


def test_rows_that_are_fewer_than_were_read_refuse_the_move(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "SOURCE", "default")
    with pytest.raises(Refused, match="studio_user has 1 rows here and 1 there"):
        moving._compare(User, moving.Moved({"studio_user": 2}))

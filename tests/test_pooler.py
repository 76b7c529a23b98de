"""A pooler between Studio and PostgreSQL: the next transaction has another connection of the server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.utils import ConnectionHandler
from environs import Env

from studio.database import pooler
from studio.models.sql import prepared_statements
from tests.postgres_server import assert_passes_there, postgres
from tests.topology import services

__all__ = ["postgres"]

# A start, what is written and counted in transactions, whole pages, and what reads row by row.
TESTS = (
    "tests/test_machines.py::test_starts_at_once_come_one_after_the_other",
    "tests/models/boards/test_board_counts.py",
    "tests/engine/integrity/test_integrity.py",
    "tests/views/gallery/test_gallery.py",
)


@pytest.fixture
def pooled(postgres: str) -> Iterator[str]:
    if not Path(services.POOLER).exists():
        pytest.skip("PgBouncer is not installed, so nothing is tried behind one here")
    with tempfile.TemporaryDirectory(prefix="studio-pooler-") as name:
        Path(name).chmod(0o755)  # for the user that it runs as
        with services.pooler(Path(name) / "pooler", postgres, connections=2) as url:
            yield url


def connect(url: str) -> Any:
    """A connection as Django makes it, of a thread of its own."""
    return ConnectionHandler({"default": Env().dj_db_url("DATABASE_URL", default=url)})["default"]


@pytest.mark.django_db
@pytest.mark.parametrize("is_noticed", [True, False])
def test_nobody_reads_the_rows_of_a_statement_that_somebody_else_prepared(
    pooled: str, is_noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_noticed:  # a pooler that looks like the server
        monkeypatch.setattr(pooler, "lends", lambda connection: False)
    ann, ben = connect(pooled), connect(pooled)

    def ask(of: Any, whose: str) -> Any:
        return prepared_statements.rows(of, f"SELECT 'of {whose}' WHERE %s::int = 1", [1])

    def begin(of: Any) -> None:
        with of.cursor() as cursor:
            cursor.execute("BEGIN")

    def end(of: Any) -> None:
        with of.cursor() as cursor:
            cursor.execute("COMMIT")

    for one in (ann, ben):
        one.ensure_connection()
    # Each prepares on another connection of the server, and then has the other's.
    begin(ann)
    assert ask(ann, "Ann") == [("of Ann",)]
    assert ask(ben, "Ben") == [("of Ben",)]
    end(ann)
    begin(ben)
    assert ask(ann, "Ann") == [("of Ann",)]
    end(ben)
    assert ask(ben, "Ben") == [("of Ben",)]
    for one in (ann, ben):
        one.close()


@pytest.mark.django_db
def test_rows_are_read_whole_behind_a_pooler_and_one_by_one_from_the_server(postgres: str, pooled: str) -> None:
    """A cursor of the server ends with its transaction."""
    for url, is_lent in ((postgres, False), (pooled, True)):
        connection = connect(url)
        assert pooler.lends(connection) is is_lent
        assert connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is is_lent
        connection.close()


def test_pages_and_starts_are_the_same_behind_a_pooler(pooled: str, tmp_path: Path) -> None:
    assert_passes_there(pooled, TESTS, tmp_path)

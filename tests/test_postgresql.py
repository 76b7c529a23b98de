"""What PostgreSQL does in its own way, where it is installed; every other test runs on it too (`python -m tests.servers`)."""

from __future__ import annotations

from pathlib import Path

from tests.postgres_server import assert_passes_there, postgres

__all__ = ["postgres"]

# Search, compiled queries, how large the tables are, what keeps itself in shape, a backup and its way back, and machines that start at once.
TESTS = (
    "tests/views/gallery/test_finder_words.py",
    "tests/models/search/test_search_document.py",
    "tests/models/state/test_upkeep.py",
    "tests/models/search/test_folded.py",
    "tests/models/sql/test_compiled_query.py",
    "tests/views/state/test_state.py::test_what_is_stored_is_measured_by_the_queue",
    "tests/test_backup.py::test_a_file_that_is_gone_is_counted_and_named",
    "tests/engine/backup/test_backup_files.py",
    "tests/engine/backup/test_restore.py",
    "tests/test_machines.py",
    "tests/views/state/test_health.py",
)


def test_searches_backups_and_starts_are_the_same_there(postgres: str, tmp_path: Path) -> None:
    assert_passes_there(postgres, TESTS, tmp_path)

"""A PostgreSQL of the tests' own on loopback, from Debian's packages, which is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.topology.services import Postgres


@pytest.fixture
def postgres() -> Iterator[str]:
    """An empty database in a cluster of this test alone."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("PostgreSQL is not installed, so nothing is tried on one here")
    with tempfile.TemporaryDirectory(prefix="studio-postgres-") as name:
        Path(name).chmod(0o755)  # for the user that PostgreSQL runs as
        server = Postgres(Path(name) / "postgres", is_durable=False)
        server.start()
        try:
            server.make_database()
            yield server.url
        finally:
            server.stop()

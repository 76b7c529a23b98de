"""A PostgreSQL of the tests' own on loopback, from Debian's packages, which is thrown away."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.stack.running import ROOT
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


def assert_passes_there(url: str, tests: Sequence[str], folder: Path) -> None:
    """Run tests of this suite on the PostgreSQL at an address."""
    quiet = ("-q", "--tb=short", "-p", "no:cacheprovider", f"--basetemp={folder / 'tests'}")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "STUDIO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *tests],
        env={**outer, "STUDIO_TEST_POSTGRES": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout

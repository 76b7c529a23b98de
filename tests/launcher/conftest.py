"""A web server for one test, with an application of the tests behind it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.launcher import server
from tests.launcher.served import Served


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(server, "DISK_RESERVE", 0)
    monkeypatch.setattr(server, "TICK", 0.05)
    running = Served(tmp_path)
    yield running
    for sock in running.opened:
        sock.close()
    running.application.may_go.set()
    running.server.stop()
    running.thread.join(10)
    assert not running.thread.is_alive()

"""One studio as three launchers, each with a part of the work: what several machines run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.stack.running import ROOT, Running, eventually
from tests.stack.visitor import Visitor

pytestmark = pytest.mark.stack

ROLES = ("conductor", "queue", "web")


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[dict[str, Running]]:
    with ExitStack() as stack:
        parts = {role: Running(tmp_path / "var", role=role) for role in ROLES}
        for part in parts.values():
            stack.callback(part.kill)
            part.start()
        yield parts


def test_three_parts_make_a_picture_and_a_second_conductor_stands_by(parts: dict[str, Running], tmp_path: Path) -> None:
    web = parts["web"]
    assert parts["queue"].first_link == parts["conductor"].first_link == ""
    with Visitor(web) as ada:
        ada.make("a harbour at dawn")
        made = "SELECT count(*) FROM studio_job WHERE state = 'done'"
        eventually(lambda: web.rows(made)[0][0] == 1, within=40)
        # Its sizes come from the other queue.
        eventually(lambda: web.rows("SELECT count(*) FROM studio_rendition")[0][0] > 1, within=40)
        assert ada.http.get("/readyz").json()["ready"] is True
    assert {row[0] for row in web.rows("SELECT role FROM studio_machine")} == set(ROLES)
    # One folder holds each part once, and everything only alone.
    for arguments in (["--only", "web"], []):
        second = subprocess.run(
            [sys.executable, "manage.py", "studio", *arguments],
            cwd=ROOT,
            env={**os.environ, "STUDIO_DOTENV": "off", "STUDIO_DATA": str(tmp_path / "var"), "STUDIO_PORT": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert "Studio already runs with" in second.stderr
    # Without its queue and its conductor a machine for pages still serves them.
    for role in ("queue", "conductor"):
        process = parts[role].process
        assert process
        process.send_signal(signal.SIGTERM)
        process.wait(40)
    assert web.ask("/readyz")

"""No request reads more because there are more pictures: the steps that SQLite takes are counted, which no clock changes.

A plan may be right and still walk all the rows of one tag, or of one board.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.test_moving import ROOT, environment

SMALL, LARGE = 12_000, 100_000
# A walk through one picture in twenty takes more. What is counted up to a thousand takes half of it.
ALLOWED = 30_000


def steps(size: int, folder: Path) -> dict[str, int]:
    own = environment(folder, DJANGO_SETTINGS_MODULE="", TMPDIR=str(folder))
    command = [sys.executable, "-m", "benchmarks.steps", str(size)]
    done = subprocess.run(command, env=own, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.untraced
def test_no_request_takes_more_steps_of_sqlite_because_there_are_more_pictures(tmp_path: Path) -> None:
    folders = [tmp_path / "small", tmp_path / "large"]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as both:
        small, large = both.map(steps, (SMALL, LARGE), folders)
    assert len(small) > 150
    assert small.keys() == large.keys()
    grown = {name: (small[name], large[name]) for name in large if large[name] > small[name] + ALLOWED}
    assert grown == {}

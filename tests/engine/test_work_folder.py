"""What a process left in the work folder goes, whatever else happens to it meanwhile."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from studio.engine import recovery


def test_what_its_owner_takes_away_at_the_same_moment_stops_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WORK_DIR = tmp_path
    long_ago = time.time() - 2 * recovery.STRAY_AFTER
    for name in ("1", "2", "3"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (long_ago, long_ago))
    (tmp_path / "new").mkdir()
    rmtree = shutil.rmtree

    def taken(folder: Path) -> None:
        rmtree(folder)
        if folder.name == "2":
            raise FileNotFoundError(folder)

    monkeypatch.setattr(recovery.shutil, "rmtree", taken)
    recovery._clear_work_folder()
    assert [one.name for one in tmp_path.iterdir()] == ["new"]

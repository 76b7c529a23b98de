from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("parent", "code"), [("{alive}", 0), ("1", 1), ("None", 0)])
def test_a_process_whose_parent_has_ended_already_exits_at_once(parent: str, code: int) -> None:
    script = f"from studio.parent_death import die_with_parent; die_with_parent({parent.format(alive=os.getpid())})"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == code


def test_a_system_without_prctl_starts_its_processes_all_the_same() -> None:
    script = (
        "import ctypes, types; ctypes.CDLL = lambda _: types.SimpleNamespace(); "
        "from studio.parent_death import die_with_parent; die_with_parent()"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0

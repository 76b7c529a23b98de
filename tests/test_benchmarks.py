"""The benchmarks begin as their docstrings say: without settings, which they make themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import scratch
from studio.models import Job, LedgerRow, User
from tests import people
from tests.test_moving import ROOT, environment


def test_each_is_read_before_django_is_set_up(tmp_path: Path) -> None:
    names = [
        f"benchmarks.{file.stem}" for file in sorted((ROOT / "benchmarks").glob("*.py")) if file.stem != "__main__"
    ]
    code = f"import importlib\nfor name in {names}: importlib.import_module(name)"
    own = environment(tmp_path) | {"DJANGO_SETTINGS_MODULE": ""}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, env=own, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_what_one_measure_has_put_into_the_tables_goes_before_the_next(alice: User) -> None:
    people.make_job(alice, state="done")
    assert LedgerRow.objects.exists()
    scratch.empty()
    assert not Job.objects.exists()

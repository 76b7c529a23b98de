"""The room the tests run in, made before Django reads its settings: nothing of this machine's own studio is touched.

Loaded by `-p tests.environment` in pyproject.toml, because pytest-django reads the settings before any conftest.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="studio-tests-"))
for name in list(os.environ):
    if name.startswith(("LUMA_", "STUDIO_")) and name != "STUDIO_TEST_BROWSER":
        del os.environ[name]
os.environ.update(STUDIO_DATA=str(DATA), STUDIO_DOTENV="off")


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)

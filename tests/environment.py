"""The room the tests run in, made before Django reads its settings: nothing of this machine's own studio is touched.

Loaded by `-p tests.environment` in pyproject.toml, because pytest-django reads the settings before any conftest.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.servers import own

DATA = Path(tempfile.mkdtemp(prefix="studio-tests-"))
for name in list(os.environ):
    if name.startswith(("LUMA_", "STUDIO_")) and not name.startswith("STUDIO_TEST_"):
        del os.environ[name]
os.environ.update(STUDIO_DATA=str(DATA), STUDIO_DOTENV="off")
# Compiled code is kept, whatever the machine says: the tests start thousands of processes, and each would compile anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if own.POSTGRES:
    os.environ["DATABASE_URL"] = own.POSTGRES
if own.S3:
    os.environ.update(own.s3_settings(own.bucket(DATA)) | own.KEYS)


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)

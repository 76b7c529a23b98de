"""A data folder of the benchmarks' own, named before Django reads its settings, for figures that need rows at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from tests.stack.running import OWN

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
DATA = Path(tempfile.gettempdir()) / f"studio-bench-rows-{os.getpid()}"
ENVIRONMENT = {
    "STUDIO_DOTENV": "off",
    "STUDIO_DATA": str(DATA),
    "LUMA_AGENTS_API_KEY": "luma-api-bench",
    "STUDIO_LOG_LEVEL": "WARNING",
    "DJANGO_SETTINGS_MODULE": "studio.settings",
}


@contextmanager
def tables(database: str = "", kept: Path | None = None) -> Iterator[None]:
    """Set up Django in this process over empty tables, of `database` (a URL) if one is named; the folder goes afterwards.

    A folder to be kept is used instead if one is named, with what an earlier run has left there.
    """
    folder = kept or DATA
    folder.mkdir(parents=True, exist_ok=True)
    for variable in [name for name in os.environ if name.startswith(OWN)]:
        del os.environ[variable]
    os.environ.update(ENVIRONMENT, STUDIO_DATA=str(folder), **({"DATABASE_URL": database} if database else {}))
    django.setup()
    from django.db import connections

    from studio.launcher import startup, static_files

    try:
        startup.tables()
        static_files.collect()
        yield
    finally:
        connections.close_all()
        if not kept:
            shutil.rmtree(DATA, ignore_errors=True)


def empty() -> None:
    """Take every job and picture out of the tables, and whoever sat in the conductor's lease."""
    from django.db.models import QuerySet

    from studio.models import ConductorLease, Job, JobCount, LedgerRow, Picture, Rendition, Submission

    # A studio only adds to its ledger.
    QuerySet(LedgerRow)._raw_delete("default")
    for model in (Rendition, Picture, Job, JobCount, Submission, ConductorLease):
        model.objects.all().delete()


@contextmanager
def command(*words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python program over the same folder; it is asked to leave at the end, and made to after a while."""
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def own_cpu(pid: int) -> float:
    """User and system time of this process alone, its children aside, in seconds (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / TICKS


def at(moment: float) -> None:
    """Sleep until this Unix time."""
    time.sleep(max(0.0, moment - time.time()))

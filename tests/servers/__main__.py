"""Run the suites on PostgreSQL and S3: faults, crash matrix, whole stacks, browser journeys, and the tables' own tests.

    python -m tests.servers              all of it, an hour and more   (`make test-servers`)
    python -m tests.servers --part ci    a part of it in minutes: faults, one crash of forty, stacks, some journeys

PostgreSQL is the one at DATABASE_URL, whose role must be allowed to make databases, or a cluster of its own from Debian's
packages, which is thrown away. The S3 server is moto's, on loopback, with buckets of this run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.stack.running import ROOT
from tests.topology.services import KEYS, Files, Postgres

PYTEST = [sys.executable, "-m", "pytest", "-q", "--tb=short"]
# As in `make test`: what waits for real time, failed and is named then, is run once more alone before it counts.
AGAIN = ["-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
BESIDE = ["-n", "2", "--dist", "loadgroup", "-m", "not browser and not stack and not alone"]
# Journeys that write and read what the two servers keep: rows, files, sizes, search, zips, and what is live.
JOURNEYS = (
    "test_journeys.py",
    "test_gallery.py",
    "test_live.py",
    "test_review.py",
    "test_downloads.py",
    "test_drop.py",
)
TABLES = "tables and pages"
Commands = list[tuple[str, list[str]]]


def commands(part: str, folder: Path) -> Commands:
    """Name each part of the run and what starts it."""
    base = (f"--basetemp={folder}/tests", "-o", f"cache_dir={folder}/cache")
    every = "8" if part == "all" else "40"
    browser = ["tests/browser"] if part == "all" else [f"tests/browser/{name}" for name in JOURNEYS]
    found: Commands = [
        ("faults", [*PYTEST, *base, *BESIDE, "tests/faults", "tests/crash"]),
        (f"crash, one of {every}", [sys.executable, "-m", "tests.crash", "--every", every]),
        ("stacks", [*PYTEST, *base, "-m", "stack", "tests/stack"]),
        ("browser", [*PYTEST, *base, "-m", "browser", *browser]),
    ]
    if part == "all":
        rest = ["tests/models", "tests/engine", "tests/views", "tests/forms", "tests/api", "tests/test_backup.py"]
        found.append((TABLES, [*PYTEST, *base, *BESIDE, *rest]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("--part", choices=["all", "ci"], default="all")
    parser.add_argument("--only", default="", help="the beginning of one part's name")
    chosen = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="studio-servers-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        surroundings = {**os.environ, **KEYS, **servers(folder, stack)}
        for title, command in commands(chosen.part, folder):
            if not title.startswith(chosen.only):
                continue
            began = time.monotonic()
            say(f"==== {title}: {' '.join(command[1:])}")
            # Tests of single parts look into files on the disk.
            more = {"STUDIO_TEST_S3": ""} if title == TABLES else {}
            code = subprocess.run(command, cwd=ROOT, env=surroundings | more, check=False).returncode
            if code == 1 and "pytest" in command:
                say(f"==== {title}: what failed, once more")
                code = subprocess.run([*command, *AGAIN], cwd=ROOT, env=surroundings | more, check=False).returncode
            say(f"==== {title}: {'well' if code == 0 else f'FAILED ({code})'}, {time.monotonic() - began:.0f} s")
            if code:
                failed.append(title)
    say("All of it passed on PostgreSQL and S3." if not failed else f"FAILED: {', '.join(failed)}")
    return int(bool(failed))


def servers(folder: Path, stack: ExitStack) -> dict[str, str]:
    """Start what is not there, and return where both are."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        database = Postgres(folder / "postgres", is_durable=False)
        database.start()
        stack.callback(database.stop)
        database.make_database()
        url = database.url
    files = Files()
    stack.callback(files.stop)
    return {"STUDIO_TEST_POSTGRES": url, "STUDIO_TEST_S3": files.url, "DATABASE_URL": ""}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""Run the suites on PostgreSQL and S3: faults, crash matrix, whole stacks, browser journeys, and the tables' own tests.

    python -m tests.servers              all of it, an hour and more   (`make test-servers`)
    python -m tests.servers --part ci    a part of it in minutes: faults, kills at some steps, three stacks, four journeys

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
EVERY = 8  # cells of the crash matrix
BESIDE = ["-n", "2", "--dist", "loadgroup", "-m", "not browser and not stack and not alone"]
# A part for every change: roles, an upgrade and a bad network as whole stacks, and a picture's way through a browser.
STACKS = ("test_roles.py", "test_upgrade.py", "test_network.py")
JOURNEYS = (
    "test_a_prompt_becomes_a_picture_in_place",
    "test_a_dropped_picture_is_edited",
    "test_the_gallery_and_a_picture_of_it",
    "test_everything_survives_kill_9",
)
TABLES = "tables and pages"
Commands = list[tuple[str, list[str]]]


def commands(part: str, folder: Path) -> Commands:
    """Name each part of the run and what starts it."""
    pytest = [*PYTEST, f"--basetemp={folder}/tests", "-o", f"cache_dir={folder}/cache"]
    # Kills at some steps and system calls are among them: tests/crash/test_kills.py.
    faults = ("faults", [*pytest, *BESIDE, "tests/faults", "tests/crash"])
    if part == "ci":
        journeys = [f"tests/browser/test_journeys.py::{name}" for name in JOURNEYS]
        return [
            faults,
            ("stacks", [*pytest, "-m", "stack", *(f"tests/stack/{name}" for name in STACKS)]),
            ("browser", [*pytest, "-m", "browser", *journeys]),
        ]
    rest = ["tests/models", "tests/engine", "tests/views", "tests/forms", "tests/api", "tests/test_backup.py"]
    return [
        faults,
        ("stacks", [*pytest, "-m", "stack", "tests/stack"]),
        ("browser", [*pytest, "-m", "browser", "tests/browser"]),
        (f"crash, one of {EVERY}", [sys.executable, "-m", "tests.crash", "--every", str(EVERY)]),
        (TABLES, [*pytest, *BESIDE, *rest]),
    ]


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

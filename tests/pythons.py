"""Run the unit tests on each other Python from 3.11 to 3.14 that this machine has: `python -m tests.pythons`.

The one of the studio's own environment runs every test in `make test`.
Each one gets a virtual environment of its own beside the studio's, made once from the locked requirements. One that
cannot be set up (no network, no package for it yet) is left out, and that is said; a test that fails fails the check.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ((3, 11), (3, 12), (3, 13), (3, 14))
LOCK = ROOT / "requirements-dev.txt"
# What judges text, addresses, settings and names: where Pythons differ. No server, browser or queue, seconds in all.
UNITS = (
    *("tests/luma/test_address.py", "tests/luma/test_keys.py", "tests/luma/test_parse.py"),
    *("tests/test_client_address.py", "tests/test_configuration.py", "tests/test_ratios.py"),
    *(
        "tests/test_logs.py",
        "tests/test_architecture.py",
        "tests/views/test_formatting.py",
        "tests/forms/test_rules.py",
    ),
)
ASK = "import sys; print(*sys.version_info[:2]); print(sys.implementation.name, sys.executable)"
SETUP_TIME, TEST_TIME = 300, 600  # seconds


def places() -> Iterator[Path]:
    """Where Pythons are kept: the search path, pyenv's and uv's folders, and the usual ones."""
    home = Path.home()
    yield from (Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part)
    yield from (Path("/usr/local/bin"), Path("/usr/bin"), Path("/opt/homebrew/bin"))
    for pattern in (".pyenv/versions/*/bin", ".local/share/uv/python/*/bin"):
        yield from sorted(home.glob(pattern))


def found(folders: Iterable[Path]) -> dict[tuple[int, int], str]:
    """Return the first Python of each version that runs; what only looks like one, such as a shim, is left out."""
    pythons: dict[tuple[int, int], str] = {sys.version_info[:2]: sys.executable}
    for folder in folders:
        for version in VERSIONS:
            program = folder / f"python{version[0]}.{version[1]}"
            if version in pythons or not program.is_file():
                continue
            try:
                answer = subprocess.run(
                    [program, "-I", "-c", ASK], capture_output=True, text=True, timeout=20, check=True
                ).stdout.splitlines()
            except (OSError, subprocess.SubprocessError):
                continue
            if answer[:1] == [f"{version[0]} {version[1]}"] and answer[1].startswith("cpython "):
                pythons[version] = str(program)
    return dict(sorted((version, python) for version, python in pythons.items() if version in VERSIONS))


def environment(version: tuple[int, int], python: str) -> str | None:
    """Return the Python of a virtual environment with the locked requirements, or None when it cannot be made."""
    if python == sys.executable:
        return python
    folder = ROOT / ".venv" / "pythons" / f"{version[0]}.{version[1]}"
    inside, stamp = folder / "bin" / "python", folder / ".locked"
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == lock:
        return str(inside)
    uv = str(Path(sys.executable).with_name("uv"))
    steps = (
        [uv, "venv", "--quiet", "--clear", "--python", python, str(folder)],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(inside), str(LOCK)],
    )
    try:
        for step in steps:
            subprocess.run(step, cwd=ROOT, capture_output=True, text=True, timeout=SETUP_TIME, check=True)
    except (OSError, subprocess.SubprocessError) as problem:
        said = (getattr(problem, "stderr", None) or str(problem)).strip().splitlines()
        sys.stdout.write(f"Python {version[0]}.{version[1]}: left out, it could not be set up ({said[0]})\n")
        shutil.rmtree(folder, ignore_errors=True)
        return None
    stamp.write_text(lock)
    return str(inside)


def main() -> int:
    """Test each Python; return how many of them failed."""
    failed = 0
    for version, python in found(places()).items():
        if version == sys.version_info[:2] or not (inside := environment(version, python)):
            continue
        command = [inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *UNITS]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TEST_TIME, check=False)
        last = (done.stdout.strip().splitlines() or [""])[-1]
        sys.stdout.write(f"Python {version[0]}.{version[1]}: {last}\n")
        if done.returncode:
            failed += 1
            sys.stdout.write(f"{done.stdout}\n{done.stderr}\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())

"""kill -9 at a system call: strace counts them from outside, so the code under test needs no hooks."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crash.environment import Fork

PROGRAM = shutil.which("strace")
# What reaches the network, the disk or another process. Reads are not here: they change nothing outside.
CALLS = (
    *("socket", "connect", "sendto", "sendmsg", "recvfrom", "recvmsg", "shutdown", "close"),
    *("openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate"),
    *("rename", "unlink", "mkdir", "rmdir", "chmod"),
    *("clone3", "clone", "vfork", "pipe2"),
)
_LINE = re.compile(r"^(\d+) +(\w+)\(")


@contextmanager
def attached(fork: Fork, *options: str) -> Iterator[None]:
    """Watch a held fork with these options of strace and let it go; leave when it has ended."""
    assert PROGRAM, "strace is not installed"
    await_(lambda: fork.state == "T")
    # Programs that it starts are let go: they have their own limits, and their death is not ours.
    watcher = subprocess.Popen(
        [PROGRAM, "-f", "-b", "execve", "-qqq", "-e", "signal=none", *options, "-p", str(fork.pid)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_(lambda: fork.tracer or watcher.poll() is not None)
        assert watcher.poll() is None, "strace may not attach here"
        fork.go()
        yield
        watcher.wait(30)
    finally:
        if watcher.poll() is None:
            watcher.kill()
            watcher.wait()


def killing(call: str, nth: int) -> list[str]:
    """Options to kill the process when one of its threads makes this call for the nth time."""
    return ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}", "-o", "/dev/null"]


def failing(call: str, nth: int, error: str) -> list[str]:
    """Options to let this call fail once, the nth time that a thread makes it."""
    return ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={nth}", "-o", "/dev/null"]


def writing_down(file: Path) -> list[str]:
    """Options to write down every call with the names of the files."""
    return ["-e", f"trace={','.join(CALLS)}", "-y", "-s", "64", "-o", str(file)]


def census(file: Path) -> dict[str, int]:
    """Return how often each call was made, by the thread that made it most often."""
    counted: Counter[tuple[str, str]] = Counter()
    for line in file.read_text(errors="replace").splitlines():
        if found := _LINE.match(line):
            counted[found[2], found[1]] += 1
    most: dict[str, int] = {}
    for (call, _), times in counted.items():
        most[call] = max(most.get(call, 0), times)
    return most


def files(file: Path, below: Path) -> set[tuple[str, Path]]:
    """Return which call touched which file below a folder: the counts of one thread hide those of another."""
    found = set()
    for line in file.read_text(errors="replace").splitlines():
        if call := _LINE.match(line):
            found |= {(call[2], Path(path)) for path in re.findall(rf'[<"]({re.escape(str(below))}/[^">]+)[">]', line)}
    return found


def await_(happens: object, within: float = 10.0) -> None:
    until = time.monotonic() + within
    while not happens():  # type: ignore[operator]
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.002)

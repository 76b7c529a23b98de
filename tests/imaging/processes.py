"""Watch and kill other processes."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path


def children() -> set[int]:
    """The processes that this one has started and whose end it has not collected."""
    me = str(os.getpid())
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid for pid in pids if _stat(pid)[1:2] == [me]}


def open_files_limit(pid: int) -> int:
    try:
        return resource.prlimit(pid, resource.RLIMIT_NOFILE)[0]
    except ProcessLookupError:
        return -1


def is_alive(pid: int) -> bool:
    return _stat(pid)[:1] not in ([], ["Z"])


def kill_new_child(before: set[int], number: int, leftover: Path) -> None:
    """Wait for a child that is not among these; leave half a picture in its name and kill it."""
    while not (new := children() - before):
        time.sleep(0.01)
    leftover.write_bytes(b"half a picture")
    for child in new:
        os.kill(child, number)


def _stat(pid: int) -> list[str]:
    """The fields of proc(5) stat from the third on (state, parent, ...); none when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []

"""What /proc says about other processes."""

from __future__ import annotations

import os
from pathlib import Path


def children() -> set[int]:
    """The processes that this one has started and whose end it has not collected."""
    me = str(os.getpid())
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {pid for pid in pids if _stat(pid)[1:2] == [me]}


def niceness(pid: int) -> int:
    return int((_stat(pid) or ["0"] * 17)[16])


def is_alive(pid: int) -> bool:
    return _stat(pid)[:1] not in ([], ["Z"])


def _stat(pid: int) -> list[str]:
    """The fields of proc(5) stat from the third on (state, parent, ...); none when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []

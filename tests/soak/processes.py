"""The processes of a running studio, seen from outside: who is whose child, and what each of them does."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.stack.running import Running


def parents() -> dict[int, int]:
    """Return the parent of every living process of this machine (proc(5))."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError):
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    found[int(folder.name)] = int(parent)
    return found


def children(pid: int, of: dict[int, int]) -> list[int]:
    return sorted(child for child, parent in of.items() if parent == pid)


def descendants(pid: int, of: dict[int, int]) -> list[int]:
    """Every process below `pid`, nearest first."""
    found, level = [], [pid]
    while level:
        level = [child for one in level for child in children(one, of)]
        found += level
    return found


def parts(studio: Running) -> list[int]:
    """Everything that may die: all but the launcher itself, whose death ends everything."""
    assert studio.process
    return descendants(studio.process.pid, parents())


def conductor(studio: Running) -> int:
    """Return the pid in the lease, or 0."""
    rows = studio.rows("select pid from studio_conductorlease where holder != ''")
    return int(rows[0][0]) if rows else 0


def queues(studio: Running) -> list[int]:
    """Return the root process of each queue: the children of the launcher that have a guard with three below it."""
    assert studio.process
    of = parents()
    roots = []
    for root in children(studio.process.pid, of):
        guards = children(root, of)
        if len(guards) == 1 and len(children(guards[0], of)) >= 3:
            roots.append(root)
    return roots


def workers(root: int) -> list[int]:
    """Return what a queue's guard has started, in order of age: worker, monitor, pusher, as far as none has died."""
    of = parents()
    return [pid for guard in children(root, of) for pid in children(guard, of)]


def send(pid: int, number: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def wake_all(studio: Running) -> None:
    for pid in parts(studio):
        send(pid, signal.SIGCONT)

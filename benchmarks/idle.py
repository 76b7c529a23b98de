"""What the whole stack uses while nobody does anything."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.figures import Figure
from tests.stack.running import Running

SETTLE, WATCH = 25.0, 40.0  # seconds
TICKS = os.sysconf("SC_CLK_TCK")


def measure(studio: Running) -> list[Figure]:
    """Let the conductor leave, then watch."""
    time.sleep(SETTLE)
    before = cpu_seconds(studio)
    time.sleep(WATCH)
    used = cpu_seconds(studio) - before
    processes = studio.pids()
    return [
        Figure("idle CPU of one core", 100 * used / WATCH, "%", 2.0),
        Figure("memory (PSS), idle", sum(map(pss, processes)) / 2**20, "MB", 350.0, note=f"{len(processes)} processes"),
    ]


def cpu_seconds(studio: Running) -> float:
    return sum(map(_cpu, studio.pids()))


def _cpu(pid: int) -> float:
    """User and system time of a process and its collected children, in seconds (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def pss(pid: int) -> float:
    """Proportional set size in bytes: shared pages count by their share."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

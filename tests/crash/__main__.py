"""The whole matrix: every named step and every system call, with every network fault. Prints the table of deaths.

python -m tests.crash                        all of it
python -m tests.crash --every 20             one of twenty
python -m tests.crash --fault "429 first"    beside one of the network faults
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    # The cast of the tests needs settings; the deaths happen in a room of their own.
    os.environ |= {"STUDIO_DATA": tempfile.mkdtemp(prefix="studio-crash-"), "STUDIO_DOTENV": "off"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    import django

    django.setup()

from tests.crash import strace
from tests.crash.cases import FAULTS, Verdict, at_call, at_path, at_point, count_calls
from tests.crash.environment import Room
from tests.crash.points import POINTS

# Without a network fault every system call is a point; with one, every third: the way is the same for the most part.
STRIDE = {"none": 1}
OTHER_STRIDE = 3
PROGRESS = 20  # cells
# Faults of the disk: the call fails once and the process lives on.
ERRORS = {
    "pwrite64": ("ENOSPC", "EIO"),
    "fdatasync": ("EIO",),
    "fsync": ("EIO",),
    "write": ("ENOSPC",),
    "rename": ("ENOSPC",),
    "openat": ("EIO",),
    "mkdir": ("ENOSPC",),
}


def cells(room: Room, faults: list[str], every: int) -> Iterator[tuple[str, Verdict]]:
    """Go through the matrix; yield each verdict with the row of the table that it belongs to."""
    for fault in faults:
        for point in list(POINTS.values())[::every]:
            yield "named steps", at_point(room, point, fault)
        if not strace.PROGRAM:
            continue
        calls = count_calls(room, fault, room.data / "calls")
        for call, path in sorted(strace.files(room.data / "calls", room.data / "media"))[::every]:
            yield "files of storage", at_path(room, call, path, fault)
        for call, times in sorted(calls.items()):
            for nth in range(1, times + 1, every * STRIDE.get(fault, OTHER_STRIDE)):
                yield call, at_call(room, call, nth, fault)
            for error in ERRORS.get(call, ()) if fault == "none" else ():
                for nth in range(1, times + 1, every * OTHER_STRIDE):
                    yield f"{call} fails", at_call(room, call, nth, fault, error=error)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try one of so many cells")
    parser.add_argument("--fault", choices=list(FAULTS), action="append", help="only beside this one; may be repeated")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="stop after so long, and say what came until then"
    )
    chosen = parser.parse_args()
    if not strace.PROGRAM:
        say("strace is not installed (apt-get install strace): only the named steps are tried.")
    began = time.monotonic()
    rows: dict[str, list[Verdict]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="studio-crash-") as folder, Room(Path(folder) / "room") as room:
        for row, verdict in cells(room, chosen.fault or list(FAULTS), chosen.every):
            rows[row].append(verdict)
            if (done := sum(map(len, rows.values()))) % PROGRESS == 0:
                say(f"{done} cells in {time.monotonic() - began:.0f} s, now at {row} × {verdict.fault}")
            if verdict.is_lost or verdict.is_double:
                say(f"WRONG {row}: {verdict}")
            if time.monotonic() - began > chosen.minutes * 60:
                say(f"Stopped for time at {row} × {verdict.fault}; what follows was not tried.")
                break
    every_verdict = [verdict for verdicts in rows.values() for verdict in verdicts]
    print_table(rows)
    print_unknown(rows["named steps"])
    say(f"{len(every_verdict)} cells in {time.monotonic() - began:.0f} s")
    return int(any(verdict.is_lost or verdict.is_double for verdict in every_verdict))


def print_unknown(verdicts: list[Verdict]) -> None:
    """Where a death leaves an unknown outcome although the network was well, by the numbers of the design."""
    ends: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.state == "unknown" and verdict.fault == "none" and verdict.died:
            ends[POINTS[verdict.point].numbers].append(verdict.point)
    for numbers, names in sorted(ends.items()):
        say(f"Unknown at crash point {'/'.join(map(str, numbers))}: {', '.join(names)}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def print_table(rows: dict[str, list[Verdict]]) -> None:
    say("| Point | Cells | Died there | Lost | Paid twice | Unknown |")
    say("|---|---|---|---|---|---|")
    total = [verdict for verdicts in rows.values() for verdict in verdicts]
    for name, verdicts in [*sorted(rows.items()), ("**all**", total)]:
        counts = (
            len(verdicts),
            sum(verdict.died for verdict in verdicts),
            sum(verdict.is_lost for verdict in verdicts),
            sum(verdict.is_double for verdict in verdicts),
            sum(verdict.state == "unknown" for verdict in verdicts),
        )
        say(f"| {name} | " + " | ".join(map(str, counts)) + " |")


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: the figures that a person feels, measured on a studio of its own beside nothing else.

Prints one line a figure with its target; exits with 1 when a target is missed. Loopback only; it stops by itself.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import first_load, idle, journey, start
from benchmarks.figures import Figure, show
from tests.stack.running import Running


def main() -> int:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
        studio = Running(Path(folder) / "var")
        try:
            figures += start.measure(studio)
            figures += idle.measure(studio)
            figures += journey.measure(studio)
            figures += first_load.measure(studio)
        finally:
            studio.kill()
    show(figures)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

"""`make bench`: the figures that a person feels, measured on a studio of its own beside nothing else.

Prints one line a figure with its target; exits with 1 when a target is missed. Loopback only; it stops by itself.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import first_load, flight, idle, journey, pictures, pulse, scratch, sdk, silence, start, strokes, turns
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
            figures += strokes.measure(studio)
        finally:
            studio.kill()
    figures += silence.measure()
    figures += pictures.measure()
    figures += _engine()
    show(figures)
    return 0 if all(figure.is_met for figure in figures) else 1


def _engine() -> list[Figure]:
    """The engine and the pulse alone, over rows put straight into tables of their own."""
    with scratch.tables():
        flights = flight.measure()
        ours = next(figure.value for figure in flights if figure.name == flight.THOUSAND)
        return [*flights, *turns.measure(), *pulse.measure(), *sdk.measure(ours)]


if __name__ == "__main__":
    sys.exit(main())

"""From the command to the first page: with nothing there, and with everything there."""

from __future__ import annotations

from benchmarks.figures import Figure
from tests.stack.running import Running


def measure(studio: Running) -> list[Figure]:
    """Start cold, stop, start warm; the studio is left running."""
    cold = studio.start()
    stop = studio.stop()
    warm = studio.start()
    return [
        Figure("cold start", cold, "s", note="new data folder: tables, static files"),
        Figure("stop", stop, "s"),
        Figure("warm start", warm, "s", 5.0),
    ]

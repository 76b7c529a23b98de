"""Run a simulator by hand: `python -m studio.simulator --port 8100 --state-dir DIR`."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

from studio.simulator import KEYWORDS, Options, run
from studio.simulator.options import DEFAULT_TIME_SCALE


def _from(low: int, high: int, kind: Callable[[str], float] = int) -> Callable[[str], float]:
    """Return a reader of a number between two others; what is not a number at all is between none."""

    def read(text: str) -> float:
        value = kind(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {low} to {high}")
        return value

    return read


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve until told to stop."""
    words = "\n".join(f"  [{word}] {meaning}" for word, meaning in KEYWORDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m studio.simulator",
        description="A stand-in for Luma's image API. Any key that begins with luma-api- is welcome.",
        epilog=f"Words in a prompt that make it misbehave, [word once] only the first time:\n{words}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_from(0, 65535), default=8100)
    parser.add_argument("--state-dir", type=Path, required=True, help="where jobs and pictures are kept")
    parser.add_argument(
        "--time-scale", type=_from(0, 100, float), default=DEFAULT_TIME_SCALE, help="1 is the real pace"
    )
    parser.add_argument("--rpm", type=_from(1, 1_000_000), default=30)
    parser.add_argument("--concurrent", type=_from(1, 100_000), default=10)
    parser.add_argument("--limit-mode", choices=("jobs", "weights"), default="weights")
    parser.add_argument("--balance", type=_from(0, 1_000_000_000, float), help="dollars of each client; else endless")
    parser.add_argument("--allow-loopback-urls", action="store_true")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run(Options(**vars(parser.parse_args(arguments))))


if __name__ == "__main__":
    main()

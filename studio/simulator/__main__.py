"""Run a simulator by hand: `python -m studio.simulator --port 8100 --state-dir DIR`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from studio.simulator import KEYWORDS, Options, run
from studio.simulator.options import DEFAULT_TIME_SCALE


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
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--state-dir", type=Path, required=True, help="where jobs and pictures are kept")
    parser.add_argument("--time-scale", type=float, default=DEFAULT_TIME_SCALE, help="1 is as slow as the real service")
    parser.add_argument("--rpm", type=int, default=30)
    parser.add_argument("--concurrent", type=int, default=10)
    parser.add_argument("--limit-mode", choices=("jobs", "weights"), default="weights")
    parser.add_argument("--balance", type=float, help="US dollars for each client; endless if absent")
    parser.add_argument("--allow-loopback-urls", action="store_true")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run(Options(**vars(parser.parse_args(arguments))))


if __name__ == "__main__":
    main()

from __future__ import annotations

import sys

MOST_LINES = 20  # of one kind of complaint


def say(what: str, *told: str) -> None:
    """Print a figure and what there is to say of it, at once."""
    first, *more = told or ("",)
    for name, line in ((what, first), *(("", line) for line in more[:MOST_LINES])):
        sys.stdout.write(f"{name:28} {line}\n")
    sys.stdout.flush()

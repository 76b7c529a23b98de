"""Wait until something has ended, without holding the threads that answer everybody's pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from studio.api.door import Refused

# Of the threads of each web process (launcher/server.py has six).
PLACES = 2
PAUSE = 0.4  # seconds between two looks
LONGEST = 25  # seconds of one long poll
TAKEN = "Too many calls wait for something already. Ask without waiting, or try again in some seconds."

_places = threading.BoundedSemaphore(PLACES)


def take_place() -> None:
    """Take one of the places; give it back with `leave_place`. Raises Refused (503) where none is free."""
    if not _places.acquire(blocking=False):
        raise Refused(503, "no-place", TAKEN, headers={"Retry-After": "3"})


def leave_place() -> None:
    _places.release()


def until(is_done: Callable[[], bool], seconds: float) -> bool:
    """Return whether it came true in so many seconds. Raises Refused (503) when too many wait already."""
    if is_done():
        return True
    if seconds <= 0:
        return False
    take_place()
    try:
        return watch(is_done, seconds)
    finally:
        leave_place()


def watch(is_done: Callable[[], bool], seconds: float) -> bool:
    """The same for who has a place."""
    end = time.monotonic() + seconds
    while not is_done():
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(PAUSE, left))
    return True

"""How many uploads are judged at once, on this machine and in one process."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

# A decode takes a core and up to 600 MB, one of 108 megapixels 1.4 GB: more at once would only make all of them late.
AT_ONCE = max(2, min(4, os.cpu_count() or 1))
# Threads of one process that decode or wait for a place; the others go on answering pages.
THREADS = 3
LONGEST_WAIT = 8.0  # seconds in line before the browser is asked to come back
LOOK_EVERY = 0.05

_threads = threading.BoundedSemaphore(THREADS)


class Busy(Exception):
    """All places are taken. Nothing is wrong with the file: it should come again in a moment."""


@contextmanager
def place() -> Iterator[None]:
    """Hold one of the machine's places for decoding. Raises Busy at once, or after LONGEST_WAIT in line."""
    if not _threads.acquire(blocking=False):
        raise Busy
    try:
        handle = _take()
        try:
            yield
        finally:
            os.close(handle)  # the lock goes with it, as it does when the process is killed
    finally:
        _threads.release()


def _take() -> int:
    folder: Path = settings.STUDIO_DATA / "decoding"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    until = time.monotonic() + LONGEST_WAIT
    while True:
        for number in range(AT_ONCE):
            handle = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return handle
            os.close(handle)
        if time.monotonic() > until:
            raise Busy
        time.sleep(LOOK_EVERY)

"""Let many downloads share a few places, so that those that hang or never end hold up none that is sound.

A download that waits for its bytes costs a connection and no more, so nearly all may have begun. Only those whose bytes
come share the line and the disk: a few at a time, each for a short turn.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

# Connections and files that one lane may have open.
MOST_BEGUN = 100
# How long a download goes on before others that wait have their turn (seconds): twenty that never end keep one with six
# places waiting for some three seconds.
TURN = 1.0
# Who leaves waits for what comes, and not for a download that has brought nothing for so long (seconds).
SILENT = 10.0


class Lane:
    """Downloads of one kind: MOST_BEGUN at once, of which `places` receive bytes and `places` are decoded and stored."""

    def __init__(self, places: int) -> None:
        self.begun = asyncio.Semaphore(MOST_BEGUN)
        self.decoding = asyncio.Semaphore(places)
        self._receiving = asyncio.Semaphore(places)
        self._open: set[_Turn] = set()

    @contextmanager
    def turns(self) -> Iterator[Callable[[], Awaitable[None]]]:
        """Give the turns of one download: await the function for the next one. It is over when it has lasted TURN."""
        turn = _Turn(self._receiving)
        self._open.add(turn)
        try:
            yield turn.take
        finally:
            self._open.discard(turn)
            turn.end()

    def cut_silent(self) -> None:
        """Cancel the downloads that have brought nothing for SILENT: they are tried again, for free."""
        at = asyncio.get_running_loop().time()
        for turn in self._open:
            if turn.task and at - turn.moved_at > SILENT:
                turn.task.cancel()


class _Turn:
    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self.task = asyncio.current_task()
        self.moved_at = asyncio.get_running_loop().time()
        # Set while a place is held.
        self._timer: asyncio.TimerHandle | None = None

    async def take(self) -> None:
        """Wait for a place, unless it is held; they are given in the order of asking."""
        loop = asyncio.get_running_loop()
        if self._timer is None:
            # What waits here is not silent.
            self.moved_at = math.inf
            await self._places.acquire()
            self._timer = loop.call_later(TURN, self.end)
        self.moved_at = loop.time()

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._places.release()

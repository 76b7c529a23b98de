"""When each job is due for its next step, on the clock of this process."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterator
from contextlib import suppress

STRIDE = 0.02  # seconds: steps that are due this close together start together


class DueQueue:
    """A queue of job keys by the time they are due."""

    def __init__(self) -> None:
        self._line: list[tuple[float, int]] = []
        self._sooner = asyncio.Event()

    def note(self, pk: int, seconds: float) -> None:
        """Make this job due in so many seconds."""
        heapq.heappush(self._line, (time.monotonic() + seconds, pk))
        if self._line[0][1] == pk:
            self.wake()  # it is the next one now

    def due(self, at: float) -> Iterator[int]:
        """Strike out and yield every job that is due by then."""
        while self._line and self._line[0][0] <= at:
            yield heapq.heappop(self._line)[1]

    def wake(self) -> None:
        """End the rest."""
        self._sooner.set()

    async def rest(self, most: float) -> None:
        """Wait until the next job is due, and no longer than `most` seconds."""
        due = self._line[0][0] - time.monotonic() if self._line else most
        await within(max(STRIDE, min(most, due)), self._sooner)


async def within(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, but no longer; then be ready for the next."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()

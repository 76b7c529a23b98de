"""A simulator in a thread beside the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from studio.simulator import Options, serve


@contextmanager
def in_thread(options: Options) -> Iterator[str]:
    """Serve in a thread with its own loop and yield the API's address; leaving stops it."""
    events: SimpleQueue[str | BaseException] = SimpleQueue()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live() -> None:
        async with serve(options) as address:
            events.put(address)
            await stop.wait()

    def body() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(live())
        except OSError as error:
            events.put(error)

    thread = threading.Thread(target=body, name="simulator", daemon=True)
    thread.start()
    first = events.get()
    if isinstance(first, BaseException):
        thread.join()
        raise first
    try:
        yield first
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()

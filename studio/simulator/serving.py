"""Running a simulator: inside a loop, as a whole process, or in a thread beside other code."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from queue import SimpleQueue

from aiohttp import web

from studio.simulator.app import build
from studio.simulator.options import Options

logger = logging.getLogger(__name__)

# Answers under way get this long when the simulator stops; a restart forgets no job.
SHUTDOWN_SECONDS = 2.0


@asynccontextmanager
async def serve(options: Options) -> AsyncIterator[str]:
    """Serve inside the running loop and yield the API's address, `http://host:port/v1`; port 0 picks a free one."""
    runner = web.AppRunner(build(options), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port, reuse_address=True).start()
        port = runner.addresses[0][1]
        yield f"http://{options.host}:{port}/v1"
    finally:
        await runner.cleanup()


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; raise OSError when the port is taken."""

    async def serve_until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with serve(options) as address:
            logger.info("simulating Luma at %s (not the real service; its pictures are placeholders)", address)
            await stop.wait()

    asyncio.run(serve_until_told())


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

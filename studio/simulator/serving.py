"""Running a simulator: inside a loop or as a whole process."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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

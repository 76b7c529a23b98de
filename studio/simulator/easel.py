"""The server's side of painting: one process at most, started when there is work and let go after a minute without."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, cast

logger = logging.getLogger(__name__)

# After this long without an order the process ends and gives its memory back.
IDLE_SECONDS = 60.0
# A picture takes a few seconds even on a slow machine; whatever takes this long is broken.
PATIENCE_SECONDS = 180.0
# The process ends with its input unless it is at work; nobody waits for a picture that nobody wants.
GRACE_SECONDS = 1.0
ANSWER_BYTES = 1024 * 1024

BROKEN = {"failure_code": "generation_failed", "failure_reason": "Generation failed"}
Answered = Callable[[dict[str, Any]], None]


class Easel:
    """Give orders to the painter's process, one after the other, and pass each answer on."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._farewell: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def order(self, order: dict[str, Any], answered: Answered) -> None:
        """Queue an order; `answered` is called with the process's answer, or with a failure if it broke."""
        task = asyncio.create_task(self._carry_out(order, answered))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is queued and end the process; a restart orders again what has no answer."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._idle:
            self._idle.cancel()
        if self._farewell:
            await self._farewell
        await self._end()

    async def _carry_out(self, order: dict[str, Any], answered: Answered) -> None:
        async with self._turn:
            if self._idle:
                self._idle.cancel()
            answer = await self._ask(order)
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._let_go)
        answered(answer)

    async def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        process = await self._running()
        stdin, stdout = cast("asyncio.StreamWriter", process.stdin), cast("asyncio.StreamReader", process.stdout)
        try:
            stdin.write(json.dumps(order).encode() + b"\n")
            line = await asyncio.wait_for(stdout.readline(), PATIENCE_SECONDS)
        except TimeoutError:
            line = b""
        if not line:
            logger.error("the painter broke on order %s", order["salt"])
            await self._end()
            return BROKEN
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "studio.simulator.brush",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=ANSWER_BYTES,
                # The process finds this package, and the painter, wherever this one found them.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
                # Ctrl-C is for the server, which then closes the process's input.
                start_new_session=True,
            )
        return self._process

    def _let_go(self) -> None:
        self._farewell = asyncio.create_task(self._end())

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        cast("asyncio.StreamWriter", process.stdin).close()
        try:
            await asyncio.wait_for(process.communicate(), GRACE_SECONDS)
        except TimeoutError:
            process.kill()
            await process.communicate()

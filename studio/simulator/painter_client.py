"""Send tasks to the painter process; start it when there is work and stop it after an idle minute."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, cast

logger = logging.getLogger(__name__)

# After this long without a task the process ends and gives its memory back.
IDLE_SECONDS = 60.0
# A picture takes a second or two even on a slow machine; whatever takes this long is broken.
TIMEOUT_SECONDS = 180.0
# The process ends when its input closes, unless it is at work; then it is killed after this long.
GRACE_SECONDS = 1.0
ANSWER_BYTES = 1024 * 1024

BROKEN = {"failure_code": "generation_failed", "failure_reason": "Generation failed"}
Callback = Callable[[dict[str, Any]], None]


class PainterClient:
    """Run tasks in the painter process, one at a time, and call back with each answer."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, task: dict[str, Any], callback: Callback) -> None:
        """Queue a task; `callback` gets the answer of the process, or a failure if the process broke."""
        running = asyncio.create_task(self._run(task, callback))
        self._tasks.add(running)
        running.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is queued and end the process; after a restart unanswered tasks are submitted again."""
        for running in list(self._tasks):
            running.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._idle_timer:
            self._idle_timer.cancel()
        if self._ending:
            await self._ending
        await self._end()

    async def _run(self, task: dict[str, Any], callback: Callback) -> None:
        async with self._lock:
            if self._idle_timer:
                self._idle_timer.cancel()
            answer = await self._ask(task)
            self._idle_timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._stop_idle)
        callback(answer)

    async def _ask(self, task: dict[str, Any]) -> dict[str, Any]:
        process = await self._started()
        stdin, stdout = cast("asyncio.StreamWriter", process.stdin), cast("asyncio.StreamReader", process.stdout)
        try:
            stdin.write(json.dumps(task).encode() + b"\n")
            line = await asyncio.wait_for(stdout.readline(), TIMEOUT_SECONDS)
        except TimeoutError:
            line = b""
        if not line:
            logger.error("the painter process failed on task %s", task["id"])
            await self._end()
            return BROKEN
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "studio.simulator.painter",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=ANSWER_BYTES,
                # The process finds this package, and the module with the pictures, wherever this one found them.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
                # Ctrl-C is for the server, which then closes the process's input.
                start_new_session=True,
            )
        return self._process

    def _stop_idle(self) -> None:
        self._ending = asyncio.create_task(self._end())

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

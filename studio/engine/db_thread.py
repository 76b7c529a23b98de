"""The conductor's one way to the database: a single thread, so that an event loop never waits and writes queue up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

# How long, and how often, what must be written down is tried while the database does not answer (seconds): less than the
# lease of a job that is being sent.
INSIST, RETRY_STEP = 120.0, 1.0

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """`await database(function, …)` runs the function in the database thread and returns what it returns."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        work = asyncio.get_running_loop().run_in_executor(self._thread, partial(_fresh, function, *args, **kwargs))
        # A write that was begun is not given up half-way because its caller was.
        return await asyncio.shield(work)

    async def insist(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Like a call, and again while the database does not answer. Raises its error after INSIST seconds."""
        until = time.monotonic() + INSIST
        while True:
            try:
                return await self(function, *args, **kwargs)
            except DatabaseError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(RETRY_STEP)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()


def _fresh(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    close_old_connections()
    return function(*args, **kwargs)

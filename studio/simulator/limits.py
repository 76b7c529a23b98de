"""The limits on `POST /v1/generations`, and the ceiling on all calls (luma-api.md section 8).

Only accepted jobs are counted: the window is read from the database, so it survives a restart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from studio.simulator.database import WINDOW_SECONDS, Database
from studio.simulator.errors import ApiError
from studio.simulator.options import Options

# A slot may come free sooner; the service always answers a minute.
CONCURRENCY_RETRY_AFTER = 60


class Limiter:
    """Admit requests of a client, or refuse them with the right kind of 429."""

    def __init__(self, options: Options, database: Database) -> None:
        self.options = options
        self.database = database
        # Requests whose inputs are still being fetched take capacity before they have a row.
        self._held: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._minute = 0

    @contextmanager
    def hold(self, client: str, weight: int) -> Iterator[None]:
        """Reserve a slot while a request is prepared; raise ApiError 429 when either limit is reached."""
        now = self.options.clock()
        used, oldest = self.database.window(client, now)
        if used + self._held[client] + weight > self.options.rpm:
            raise self.too_many(math.ceil((now if oldest is None else oldest) + WINDOW_SECONDS - now))
        if self.database.in_flight(client, now) + self._held[client] + weight > self.options.concurrent:
            raise self.too_busy(weight)
        self._held[client] += weight
        try:
            yield
        finally:
            self._held[client] -= weight

    def headers(self, client: str) -> dict[str, str]:
        """Return the headers of a 201; call it after the job is stored."""
        now = self.options.clock()
        used, _ = self.database.window(client, now)
        return self._headers(max(0, self.options.rpm - used), now + WINDOW_SECONDS)

    def too_many(self, wait: int) -> ApiError:
        """Return the 429 of the sliding window; `wait` is in seconds."""
        wait = max(1, wait)
        headers = {"Retry-After": str(wait), **self._headers(0, self.options.clock() + wait)}
        return ApiError(429, "Rate limit exceeded", headers)

    def too_busy(self, weight: int) -> ApiError:
        """Return the 429 of concurrency, in the words of the mode: as documented, or as measured in the field."""
        detail = (
            f"Concurrent generation capacity reached (limit={self.options.concurrent} weight units;"
            f" this request needs {weight}). Wait for existing jobs to complete."
        )
        if self.options.limit_mode == "jobs":
            detail = "Too many concurrent jobs"
        return ApiError(429, detail, {"Retry-After": str(CONCURRENCY_RETRY_AFTER)})

    def count_call(self, client: str) -> None:
        """Count any call against the ceiling, when there is one; raise ApiError 429."""
        if self.options.calls_per_minute is None:
            return
        now = self.options.clock()
        if self._minute != int(now // 60):
            self._minute = int(now // 60)
            self._calls.clear()
        self._calls[client] += 1
        if self._calls[client] > self.options.calls_per_minute:
            wait = max(1, math.ceil((self._minute + 1) * 60 - now))
            raise ApiError(429, "Too many requests", {"Retry-After": str(wait)})

    def _headers(self, remaining: int, reset: float) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.options.rpm),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(int(reset)),
        }

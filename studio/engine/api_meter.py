"""Counts the calls of the API in memory, a minute at a time; the conductor writes the minutes down."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from studio.models.state.api_sample import Tally


class ApiMeter:
    """Heard by `Luma.observe` in the conductor's event loop."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, datetime], Tally] = {}

    def note(self, kind: str, seconds: float, is_failed: bool) -> None:
        minute = timezone.now().replace(second=0, microsecond=0)
        tally = self._tallies.get((kind, minute)) or Tally(kind, minute)
        self._tallies[kind, minute] = tally.plus(seconds, is_failed)

    def take(self, before: datetime | None = None) -> list[Tally]:
        """Hand over the minutes that ended before this moment, or all; each is handed over once."""
        minute = before.replace(second=0, microsecond=0) if before else None
        over = [key for key in self._tallies if minute is None or key[1] < minute]
        return [self._tallies.pop(key) for key in over]

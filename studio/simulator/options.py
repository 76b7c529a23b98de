"""What a simulator can be told when it starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Real jobs take 60 to 135 seconds (luma-api.md section 13); at this scale a first try shows a picture in about ten.
DEFAULT_TIME_SCALE = 0.15


@dataclass(frozen=True, kw_only=True)
class Options:
    """Describe one simulator: where it listens, what it remembers, how strict and how slow it is.

    `state_dir` holds the database and all pictures. `time_scale` multiplies real latencies. `limit_mode` is "weights" or
    "jobs". `balance` is in US dollars for each client, None for endless. `keys` maps valid API keys to client names; when
    empty every `luma-api-` key is its own client. `pictures` is the dotted path of a module with `paint`, `edit` and
    `layers`. `clock` gives Unix seconds. `more_ratios` returns the ratios that it makes beside those of `validate`, with
    their sizes in pixels; it may wait.
    """

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 8100
    base_url: str | None = None
    time_scale: float = DEFAULT_TIME_SCALE
    rpm: int = 30
    concurrent: int = 10
    limit_mode: str = "weights"
    calls_per_minute: int | None = None
    link_seconds: int = 3600
    balance: float | None = None
    pictures: str = "studio.simulator.pictures"
    allow_loopback_urls: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    more_ratios: Callable[[], Mapping[str, tuple[int, int]]] = dict

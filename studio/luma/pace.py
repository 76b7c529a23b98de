"""How much a picture may bring on its way here, how fast, and whose turn it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

# A 2K PNG has about 10 MB (4.2 megapixels, luma-api.md section 10.1); eight times that leaves room (bytes).
MAX_PICTURE_BYTES = 80 * 2**20
# Within this a picture of 10 MB comes even over 2 Mbit/s (seconds).
DOWNLOAD_WALL = 60.0
# With `stall`, so many bytes must come within each such time: a line that is shared by six still brings more.
PACE = 64 * 2**10
# Awaited before each PACE bytes but the first: others may have their turn meanwhile.
Turn = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """Wait for no turn."""

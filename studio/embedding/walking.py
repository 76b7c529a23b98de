"""What the walks over a file's structure share."""

from __future__ import annotations

from typing import IO

# From, to (in the file as it came), and the bytes that stand there instead; in order.
Change = tuple[int, int, bytes]

# More parts than any encoder writes: a 200 MB PNG in chunks of 8 kB has 25,000.
MOST_PARTS = 50_000


# A place that no file reaches, and that not every file system knows how to seek.
_FARTHEST = 1 << 40


class Unfit(Exception):
    """The file is damaged, cut off, or not of its format: it is handed out as it is."""


def exactly(stream: IO[bytes], at: int, length: int) -> bytes:
    if at >= _FARTHEST:
        raise Unfit("cut off")
    stream.seek(at)
    data = stream.read(length)
    if len(data) != length:
        raise Unfit("cut off")
    return data

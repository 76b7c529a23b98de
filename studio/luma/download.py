"""Bring a finished picture home: bounded in bytes and time, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import IO

from studio.luma.errors import BadDownload, Empty, LinkExpired, TooBig, Truncated
from studio.luma.pace import PACE, Turn, at_once
from studio.luma.packed import Unpacked
from studio.luma.transports import Delivery, StorageTransport
from studio.luma.types import Downloaded

# No length of a file needs more; Python refuses to read thousands of digits.
_MAX_DIGITS = 18
# Words that say nothing about the bytes; S3 repeats "aws-chunked", which uploaders leave behind.
_PLAIN = frozenset({"", "identity", "none", "binary", "utf-8", "aws-chunked"})
_UNPACKED = frozenset({"gzip", "x-gzip", "deflate"})
_PART = re.compile(r"\s*bytes\s*[ =:]\s*0-([0-9]{1,18})\s*/\s*(\*|[0-9]{1,18})\s*", re.IGNORECASE)
# Nothing of a picture comes with these.
_WITHOUT = frozenset({204, 205})
# 304 is none: it sends nobody anywhere.
_ELSEWHERE = frozenset({300, 301, 302, 303, 305, 307, 308})


class Redirected(BadDownload):
    """The link leads to another one; a signed link of Luma's never does, and Studio follows none."""


class Packed(BadDownload):
    """The reply is compressed, although plain bytes were asked for, in a way that is not unpacked here, or damaged."""


class TooSlow(BadDownload):
    """Not finished within the wall."""


async def fetch(
    lane: StorageTransport,
    url: str,
    to: Path,
    *,
    max_bytes: int,
    wall: float,
    stall: float | None = None,
    turn: Turn = at_once,
) -> Downloaded:
    """Stream a signed link into a file and flush it to the disk; the file is removed on every failure.

    It may take `wall` seconds, and is given up before when `stall` seconds bring less than PACE bytes. The time it
    waits for a turn does not count.
    Raises a DownloadFailed of the right kind. An OSError of our own disk passes through: it is not Luma's fault.
    """
    try:
        with to.open("wb") as file:
            downloaded = await _receive(lane, url, file, max_bytes=max_bytes, wall=wall, stall=stall, turn=turn)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        to.unlink(missing_ok=True)
        raise
    return downloaded


async def _receive(
    lane: StorageTransport,
    url: str,
    file: IO[bytes],
    *,
    max_bytes: int,
    wall: float,
    stall: float | None,
    turn: Turn,
) -> Downloaded:
    digest = hashlib.sha256()
    size, paced = 0, 0
    clock = asyncio.get_running_loop().time
    end = clock() + wall
    patience = wall if stall is None else min(wall, stall)
    try:
        async with asyncio.timeout(patience) as limit, lane.open("GET", url, headers={}) as delivery:
            _judge(delivery, max_bytes)
            async with aclosing(_plain(delivery)) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooBig(status=delivery.status)
                    if size - paced >= PACE:
                        paced = size
                        limit.reschedule(None)
                        asked = clock()
                        await turn()
                        end += clock() - asked
                        limit.reschedule(min(end, clock() + patience))
                    digest.update(chunk)
                    file.write(chunk)
    except TimeoutError:
        if not limit.expired():
            # A network disk gave up, not the storage.
            raise
        is_over = clock() >= end
        raise TooSlow(
            detail=f"Not finished within {wall:g} seconds."
            if is_over
            else f"It stopped coming for {patience:g} seconds."
        ) from None
    if size == 0:
        raise Empty(status=delivery.status, detail="The picture is empty.")
    return Downloaded(size, digest.hexdigest())


def _judge(delivery: Delivery, max_bytes: int) -> None:
    status, headers = delivery.status, delivery.headers
    if status in {403, 404}:
        raise LinkExpired(status=status)
    if status in _ELSEWHERE:
        raise Redirected(status=status, detail="The storage sent Studio elsewhere.")
    # Whatever else says that it went well: the bytes tell whether it is a picture.
    if not 200 <= status < 300 or status in _WITHOUT or (status == 206 and not _is_whole(headers)):
        raise BadDownload(status=status, detail="The storage did not send the picture.")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _MAX_DIGITS or int(announced) > max_bytes):
        raise TooBig(status=status)


def _is_whole(headers: Mapping[str, str]) -> bool:
    """Whether a part is all of it, or does not say that it is less."""
    part = _PART.fullmatch(headers.get("content-range", ""))
    if part is None:
        return "content-range" not in headers and not headers.get("content-type", "").startswith("multipart/")
    return part[2] == "*" or int(part[1]) + 1 == int(part[2])


async def _plain(delivery: Delivery) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes, unpacked where somebody on the way packed it. Raises Packed or Truncated."""
    words = {word.strip().lower() for word in delivery.headers.get("content-encoding", "").split(",")} - _PLAIN
    if words - _UNPACKED:
        raise Packed(status=delivery.status, detail=f"The storage sent a packed picture ({', '.join(sorted(words))}).")
    unpacked = Unpacked(delivery.headers)
    async with aclosing(delivery.chunks()) as chunks:
        async for chunk in chunks:
            for piece in unpacked.feed(chunk):
                yield piece
    for piece in unpacked.end():
        yield piece
    if unpacked.is_damaged:
        raise Packed(status=delivery.status, detail="The storage sent a damaged packed picture.")
    if not unpacked.is_all:
        raise Truncated(status=delivery.status, detail="The packed picture ends early.")

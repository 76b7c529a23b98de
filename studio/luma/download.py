"""Bring a finished picture home: bounded in bytes and time, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import IO

from studio.luma.errors import BadDownload, Empty, LinkExpired, TooBig, Truncated
from studio.luma.pace import PACE, Turn, at_once
from studio.luma.transports import Delivery, StorageTransport
from studio.luma.types import Downloaded

# No length of a file needs more; Python refuses to read thousands of digits.
_MAX_DIGITS = 18
# Words that say nothing about the bytes; S3 repeats "aws-chunked", which uploaders leave behind.
_PLAIN = frozenset({"", "identity", "none", "binary", "utf-8", "aws-chunked"})
_UNPACKED = frozenset({"gzip", "x-gzip", "deflate"})
# Finds the start of a gzip or zlib stream by itself; so much at a time is unpacked, so that no bomb fills the memory.
_WINDOW, _UNPACKED_AT_ONCE = zlib.MAX_WBITS | 32, 64 * 2**10
_PART = re.compile(r"bytes 0-([0-9]{1,18})/([0-9]{1,18})")
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
    part = _PART.fullmatch(headers.get("content-range", "")) if status == 206 else None
    # 203: what a proxy says of bytes that it has seen. 206: all of it is no part.
    if status not in {200, 203} and not (part and int(part[1]) + 1 == int(part[2])):
        raise BadDownload(status=status, detail="The storage did not send the picture.")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _MAX_DIGITS or int(announced) > max_bytes):
        raise TooBig(status=status)


async def _plain(delivery: Delivery) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes, unpacked where somebody on the way packed it. Raises Packed or Truncated."""
    words = {word.strip().lower() for word in delivery.headers.get("content-encoding", "").split(",")} - _PLAIN
    if len(words) > 1 or words - _UNPACKED:
        raise Packed(status=delivery.status, detail=f"The storage sent a packed picture ({', '.join(sorted(words))}).")
    unpacking = zlib.decompressobj(_WINDOW)
    async with aclosing(delivery.chunks()) as chunks:
        async for chunk in chunks:
            if not words:
                yield chunk
            while words and chunk:
                try:
                    piece = unpacking.decompress(chunk, _UNPACKED_AT_ONCE)
                except zlib.error:
                    raise Packed(status=delivery.status, detail="The storage sent a damaged packed picture.") from None
                yield piece
                chunk = unpacking.unconsumed_tail
                if unpacking.eof and (chunk := unpacking.unused_data):
                    unpacking = zlib.decompressobj(_WINDOW)  # several streams, one after the other, are one file
    if words and not unpacking.eof:
        raise Truncated(status=delivery.status, detail="The packed picture ends early.")

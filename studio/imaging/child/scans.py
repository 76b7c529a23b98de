"""Walk the passes of a JPEG without decoding it."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A marker that ends compressed data: not a stuffed FF 00, not a restart (D0 to D7), not a fill byte.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

_START_OF_IMAGE = 0xD8
_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_TEMPORARY = 0x01
# The headers of a picture: all of C0 to CF but the tables C4, C8 and CC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def count_scans(data: bytes, most: int) -> int:
    """Count the scans up to the end of the first image, giving up above `most`.

    Markers are walked as the decoder walks them. A plain search for FF DA would also count the film that phones append
    to a photo, where the two bytes stand once in 65,536.
    """
    scans = 0
    for code, _ in _segments(data):
        scans += code == _START_OF_SCAN
        if scans > most:
            break
    return scans


def has_end(data: bytes) -> bool:
    """Whether the first image says where it ends."""
    return any(code == _END_OF_IMAGE for code, _ in _segments(data))


def has_every_detail(data: bytes) -> bool:
    """Whether the scans bring every detail of every component.

    A progressive JPEG that was cut between two scans decodes without a complaint, and blurred.
    """
    missing: dict[int, set[int]] = {}
    for code, body in _segments(data):
        if code in _FRAMES and len(body) > 6:
            missing = {component: set(range(64)) for component in body[6 : 6 + 3 * body[5] : 3]}
        elif code == _START_OF_SCAN and len(body) == 4 + 2 * body[0]:
            first, last, steps = body[1 + 2 * body[0] :][:3]
            # The low half says how many bits of each value are still to come.
            for component in body[1 : 1 + 2 * body[0] : 2] if not steps & 0x0F else b"":
                missing.get(component, set()).difference_update(range(first, last + 1))
    return bool(missing) and not any(missing.values())


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the markers up to the end of the first image, each with its parameters."""
    at = 0
    while marker := _MARKER.search(data, at):
        code = data[marker.end() - 1]
        at = marker.end()
        if code in (_START_OF_IMAGE, _TEMPORARY):
            continue
        if code == _END_OF_IMAGE:
            yield code, b""
            return
        length = int.from_bytes(data[at : at + 2], "big")
        yield code, data[at + 2 : at + length].ljust(1, b"\0")
        at += length

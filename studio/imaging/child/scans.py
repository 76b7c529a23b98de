"""Count the passes of a JPEG without decoding it."""

from __future__ import annotations

import re

# A marker that ends compressed data: not a stuffed FF 00, not a restart (D0 to D7), not a fill byte.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

_START_OF_IMAGE = 0xD8
_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_TEMPORARY = 0x01


def count_scans(data: bytes, most: int) -> int:
    """Count the scans up to the end of the first image, giving up above `most`.

    Markers are walked as the decoder walks them. A plain search for FF DA would also count the film that phones append
    to a photo, where the two bytes stand once in 65,536.
    """
    scans = 0
    at = 0
    while scans <= most and (marker := _MARKER.search(data, at)):
        code = data[marker.end() - 1]
        at = marker.end()
        if code == _END_OF_IMAGE:
            break
        if code in (_START_OF_IMAGE, _TEMPORARY):
            continue
        scans += code == _START_OF_SCAN
        at += int.from_bytes(data[at : at + 2], "big")
    return scans

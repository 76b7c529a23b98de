"""Read from EXIF how a picture is to be turned, as Chromium and Firefox read it."""

from __future__ import annotations

import struct

UPRIGHT = 1
_TAG, _SHORT = 0x112, 3
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


def of_exif(data: bytes) -> int:
    """Return 1 to 8: the first entry of the first directory that is one SHORT in this range; else upright."""
    tags = data.removeprefix(b"Exif\0\0")
    order = _ORDERS.get(tags[:4])
    if order is None:
        return UPRIGHT
    try:
        (at,) = struct.unpack_from(f"{order}I", tags, 4)
        (entries,) = struct.unpack_from(f"{order}H", tags, at)
        for number in range(entries):
            tag, kind, count, value, _ = struct.unpack_from(f"{order}HHIHH", tags, at + 2 + 12 * number)
            if (tag, kind, count) == (_TAG, _SHORT, 1) and value in range(1, 9):
                return int(value)
    except struct.error:  # it is cut short
        pass
    return UPRIGHT

"""What TIFF files say: a packet and content credentials as tags of the first page (TIFF 6.0; BigTIFF; C2PA, A.3).

They are only read: an upload of this kind is kept in another one.
"""

from __future__ import annotations

import struct
from typing import IO

from studio.embedding import notes
from studio.embedding.notes import Said
from studio.embedding.walking import Unfit, exactly

_XMP_TAG, _CREDENTIALS_TAG = 700, 0xCD41
# Bytes, letters and what has no name; a packet in units of other lengths is nobody's.
_BYTES = frozenset({1, 2, 6, 7})
# For each head, how numbers are written: where a page is, how many entries it has, and an entry's count and value.
_WAYS = {
    b"II*\0": ("<", "I", "H", "I4s"),
    b"MM\0*": (">", "I", "H", "I4s"),
    b"II+\0": ("<", "Q", "Q", "Q8s"),
    b"MM\0+": (">", "Q", "Q", "Q8s"),
}
# More than any writer's; each takes at most 20 bytes.
_MOST_ENTRIES = 65_535


def is_it(head: bytes) -> bool:
    return head[:4] in _WAYS


def said(stream: IO[bytes], size: int) -> Said:
    order, place, number, entry_end = _WAYS[exactly(stream, 0, 4)]
    at = _number(stream, 4 if place == "I" else 8, order + place)
    entries = _number(stream, at, order + number)
    if entries > _MOST_ENTRIES:
        raise Unfit("too many entries")
    entry = struct.Struct(f"{order}HH{entry_end}")
    page = exactly(stream, at + struct.calcsize(order + number), entries * entry.size)
    found = {tag: (length, where) for tag, kind, length, where in entry.iter_unpack(page) if kind in _BYTES}
    packet, manifests = (
        _value(stream, *found[tag], order + place, most) if tag in found else b""
        for tag, most in ((_XMP_TAG, notes.LONGEST_PACKET), (_CREDENTIALS_TAG, notes.LONGEST_MANIFESTS))
    )
    return notes.said(packet, manifests)


def _number(stream: IO[bytes], at: int, kind: str) -> int:
    [number] = struct.unpack(kind, exactly(stream, at, struct.calcsize(kind)))
    return int(number)


def _value(stream: IO[bytes], length: int, where: bytes, place: str, most: int) -> bytes:
    """Read at most so many bytes; few of them stand in the entry itself."""
    if length <= len(where):
        return where[:length]
    return exactly(stream, struct.unpack(place, where)[0], min(length, most))

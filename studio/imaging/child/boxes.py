"""Find what the decoders of AVIF and HEIC keep to themselves: colour numbers (nclx) and turns (ISO/IEC 23008-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

# A file has a handful; more come from nobody's encoder.
_MOST_BOXES = 4096


def nclx(data: bytes) -> tuple[int, int] | None:
    """Return primaries and transfer by their numbers in H.273; None when the main picture names none."""
    try:
        return _nclx(data)
    except (struct.error, IndexError, KeyError):
        return None


def peak(data: bytes) -> float:
    """Return the brightest light of the main picture in nits; 0 when it names none."""
    named = 0.0
    try:
        for kind, body in _main_properties(data):
            if kind == b"clli":
                return float(struct.unpack(">H", body[:2])[0])
            if kind == b"mdcv":
                named = struct.unpack(">I", body[16:20])[0] / 10_000
    except (struct.error, IndexError, KeyError):
        return 0.0
    return named


def is_turned(data: bytes) -> bool:
    """Whether the main picture is stored turned or mirrored."""
    try:
        return any((kind == b"irot" and body[:1] != b"\0") or kind == b"imir" for kind, body in _main_properties(data))
    except (struct.error, IndexError, KeyError):
        return False


def _nclx(data: bytes) -> tuple[int, int] | None:
    for kind, body in _main_properties(data):
        if kind == b"colr" and body[:4] == b"nclx":
            primaries, transfer = struct.unpack(">HH", body[4:8])
            return primaries, transfer
    return None


def _main_properties(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    meta = _one(data, b"meta")[4:]
    main = _main_item(_one(meta, b"pitm"))
    properties = _one(meta, b"iprp")
    listed = list(_boxes(_one(properties, b"ipco")))
    for number in _properties_of(main, properties):
        if 0 < number <= len(listed):
            yield listed[number - 1]


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        end = at + size if size else len(data)
        if end < at + head:
            return
        yield kind, data[at + head : end]
        at = end


def _one(data: bytes, kind: bytes) -> bytes:
    for found, body in _boxes(data):
        if found == kind:
            return body
    raise KeyError(kind)


def _main_item(pitm: bytes) -> int:
    return int.from_bytes(pitm[4:6] if pitm[0] == 0 else pitm[4:8])


def _properties_of(item: int, properties: bytes) -> Iterator[int]:
    """Yield the numbers, from 1, of the properties that belong to the item."""
    for kind, body in _boxes(properties):
        if kind != b"ipma":
            continue
        version, wide = body[0], body[3] & 1
        (count,) = struct.unpack(">I", body[4:8])
        at, name = 8, 2 if version < 1 else 4
        for _ in range(min(count, _MOST_BOXES)):
            found, links = int.from_bytes(body[at : at + name]), body[at + name]
            at += name + 1
            for _ in range(links):
                size = 2 if wide else 1
                if found == item:
                    yield int.from_bytes(body[at : at + size]) & (0x7FFF if wide else 0x7F)
                at += size

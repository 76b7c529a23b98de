"""What HEIC and AVIF files say: packets among the items of `meta`, and boxes `uuid` beside it (ISO/IEC 14496-12, 8.11).

They are only read: an upload of these kinds is kept in another one.
"""

from __future__ import annotations

import io
import struct
import uuid
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from studio.embedding import notes
from studio.embedding.notes import Said
from studio.embedding.walking import MOST_PARTS, Unfit, exactly

# Where a packet or content credentials lie in a box of their own (XMP specification, part 3, 1.2.7; C2PA, A.5).
_XMP_BOX = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes
_CREDENTIALS_BOX = uuid.UUID("d8fec3d6-1b0e-483c-9297-5828877ec481").bytes
_XMP_TYPE = b"application/rdf+xml"
# A list of 65,535 items takes 1.5 MB; a large picture has some hundred, one for each part of it.
_LONGEST_LIST = 2 << 20
# One of the picture, and of others in the file: depth, a brighter version, a burst.
_MOST_PACKETS = 16
_MOST_EXTENTS = 1_000


class _Box(NamedTuple):
    kind: bytes
    # Of what is in it.
    start: int
    end: int


class _Place(NamedTuple):
    """Where an item lies: in the file or in the box `idat`, in pieces of a start and a length."""

    is_in_idat: bool
    extents: list[tuple[int, int]]


def is_it(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def said(stream: IO[bytes], size: int) -> Said:
    packets: list[bytes] = []
    manifests = b""
    # What is found before damage counts: decoders take no notice of what follows the picture.
    with suppress(Unfit):
        for box in _boxes(stream, 0, size):
            if box.kind == b"meta":
                packets += _packets(stream, box)
            elif box.kind == b"uuid" and box.end - box.start > 16:
                kind, at = exactly(stream, box.start, 16), box.start + 16
                if kind == _XMP_BOX and box.end - at <= notes.LONGEST_PACKET:
                    packets.append(exactly(stream, at, box.end - at))
                elif kind == _CREDENTIALS_BOX:
                    manifests += exactly(stream, at, min(box.end - at, notes.LONGEST_MANIFESTS - len(manifests)))
    return notes.said(b"".join(packets[:_MOST_PACKETS]), manifests)


def _boxes(stream: IO[bytes], at: int, end: int) -> Iterator[_Box]:
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            return
        length, kind = struct.unpack(">I4s", exactly(stream, at, 8))
        start = at + 8
        if length == 1:
            length, start = int.from_bytes(exactly(stream, start, 8)), at + 16
        after = at + length if length else end
        if not start <= after <= end:
            raise Unfit("a box that is longer than what holds it, or than nothing")
        yield _Box(kind, start, after)
        at = after


def _packets(stream: IO[bytes], meta: _Box) -> Iterator[bytes]:
    inside = {box.kind: box for box in _boxes(stream, meta.start + 4, meta.end)}
    encodings = _xmp_items(_list(stream, inside.get(b"iinf")))
    places = _places(_list(stream, inside.get(b"iloc")), encodings) if encodings else {}
    for item, place in places.items():
        base = inside[b"idat"].start if place.is_in_idat and b"idat" in inside else 0
        with suppress(Unfit, zlib.error):
            data = b"".join(exactly(stream, base + at, length) for at, length in place.extents)
            is_packed = encodings[item] == b"deflate"
            yield zlib.decompressobj().decompress(data, notes.LONGEST_PACKET) if is_packed else data


def _list(stream: IO[bytes], box: _Box | None) -> bytes:
    if box is None or box.end - box.start > _LONGEST_LIST:
        raise Unfit("no list of items, or an endless one")
    return exactly(stream, box.start, box.end - box.start)


def _xmp_items(iinf: bytes) -> dict[int, bytes]:
    """Return the numbers of the items that are packets, with how each is packed."""
    found: dict[int, bytes] = {}
    lists = io.BytesIO(iinf)
    for box in _boxes(lists, 6 if iinf[:1] == b"\0" else 8, len(iinf)):
        body = iinf[box.start : box.end]
        if box.kind != b"infe" or _XMP_TYPE not in body or len(found) == _MOST_PACKETS:
            continue
        wide = 4 if body[0] == 3 else 2
        # The old kind of entry has no four letters for its type.
        _name, kind, encoding, *_ = [*body[4 + wide + (6 if body[0] >= 2 else 2) :].split(b"\0"), b"", b""]
        if kind == _XMP_TYPE:
            found[int.from_bytes(body[4 : 4 + wide])] = encoding
    return found


def _places(iloc: bytes, wanted: dict[int, bytes]) -> dict[int, _Place]:
    """Read where the wanted items lie; one in too many pieces, too long or of another file is left out."""
    found: dict[int, _Place] = {}
    read = io.BytesIO(iloc)

    def number(length: int) -> int:
        data = read.read(length)
        if len(data) != length:
            raise Unfit("cut off")
        return int.from_bytes(data)

    version, _flags, sizes = number(1), number(3), number(2)
    offset, length, base, index = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    for _ in range(min(number(wide), MOST_PARTS)):
        item = number(wide)
        is_in_idat = bool(version and number(2) & 15 == 1)
        is_elsewhere, start, count = number(2), number(base), number(2)
        if item not in wanted or is_elsewhere or count > _MOST_EXTENTS:
            read.seek(count * (index + offset + length), 1)
            continue
        extents = []
        for _ in range(count):
            number(index)
            extents.append((start + number(offset), number(length)))
        if sum(one for _, one in extents) <= notes.LONGEST_PACKET:
            found[item] = _Place(is_in_idat, extents)
    return found

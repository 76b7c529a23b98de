"""Notes in WebP files: chunks `EXIF` and `XMP ` behind the picture, announced by `VP8X` (RFC 9649, section 2.7)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from studio.embedding import notes
from studio.embedding.notes import Note, Said
from studio.embedding.walking import MOST_PARTS, Change, Unfit, exactly

_XMP_FLAG, _EXIF_FLAG, _ALPHA_FLAG = 0x04, 0x08, 0x10


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + 8 + self.length + self.length % 2


def is_it(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def changes(stream: IO[bytes], size: int, note: Note) -> list[Change]:
    chunks = _chunks(stream, size)
    if any(one.kind == b"C2PA" for one in chunks):
        return []
    found = _named(chunks, b"XMP ")
    known = _body(stream, found) if found and found.length <= notes.LONGEST_PACKET else None
    text = notes.extended(known, note) if known else notes.packet(note)
    made: list[Change] = []
    end, flags = chunks[-1].end, _XMP_FLAG
    if note.parameters and not _named(chunks, b"EXIF"):
        exif = notes.exif(note.parameters)
        place = found.start if found else end
        made.append((place, place, _chunk(b"EXIF", exif)))
        flags |= _EXIF_FLAG
    if found is None:
        made.append((end, end, _chunk(b"XMP ", text)))
    elif text != known:
        made.append((found.start, found.end, _chunk(b"XMP ", text)))
    if not made:
        return []
    return _framed(stream, chunks, made, flags)


def has_credentials(stream: IO[bytes], size: int) -> bool:
    return any(one.kind == b"C2PA" for one in _chunks(stream, size))


def said(stream: IO[bytes], size: int) -> Said:
    chunks = _chunks(stream, size)
    found, sealed = _named(chunks, b"XMP "), _named(chunks, b"C2PA")
    known = _body(stream, found) if found and found.length <= notes.LONGEST_PACKET else b""
    most = notes.LONGEST_MANIFESTS
    manifests = exactly(stream, sealed.start + 8, min(sealed.length, most)) if sealed else b""
    return notes.said(known, manifests)


def removals(stream: IO[bytes], size: int) -> Iterator[list[Change]]:
    """Whether the header was there before is not to be seen, so both ways are tried."""
    chunks = _chunks(stream, size)
    found, head = _named(chunks, b"XMP "), chunks[0]
    known = _body(stream, found) if found and found.length <= notes.LONGEST_PACKET else None
    if found is None or not known or head.kind != b"VP8X":
        return
    before = notes.without(known)
    if before == known:
        return
    made: list[Change] = [(found.start, found.end, b"" if before is None else _chunk(b"XMP ", before))]
    cleared = _XMP_FLAG if before is None else 0
    exif = _named(chunks, b"EXIF")
    if exif and _body(stream, exif).startswith(notes.OWN_EXIF):
        made.append((exif.start, exif.end, b""))
        cleared |= _EXIF_FLAG
    made.sort(key=lambda change: change[:2])
    flags = _body(stream, head)[0]
    at = head.start + 8
    yield _sized(chunks, [(at, at + 1, bytes([flags & ~cleared])), *made])
    if len(chunks) - len(made) == 2:
        yield _sized(chunks, [(head.start, head.end, b""), *made])


def _framed(stream: IO[bytes], chunks: list[_Chunk], made: list[Change], flags: int) -> list[Change]:
    """Announce the chunks: a flag in the header, or a header for a file that had none."""
    head = chunks[0]
    if head.kind == b"VP8X":
        old = _body(stream, head)[0]
        at = head.start + 8
        changed = [(at, at + 1, bytes([old | flags]))] if old | flags != old else []
        return _sized(chunks, [*changed, *made])
    width, height, has_alpha = _measured(stream, head)
    flags |= _ALPHA_FLAG if has_alpha else 0
    body = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _sized(chunks, [(head.start, head.start, _chunk(b"VP8X", body)), *made])


def _sized(chunks: list[_Chunk], made: list[Change]) -> list[Change]:
    size = chunks[-1].end - 8 + sum(len(data) - (end - start) for start, end, data in made)
    return [(4, 8, struct.pack("<I", size)), *made]


def _chunks(stream: IO[bytes], size: int) -> list[_Chunk]:
    """Walk over all chunks; each must lie whole in the file."""
    head = exactly(stream, 0, 12)
    if not is_it(head):
        raise Unfit("no WebP")
    end = 8 + struct.unpack("<I", head[4:8])[0]
    found: list[_Chunk] = []
    at = 12
    while at < end and len(found) < MOST_PARTS:
        kind, length = struct.unpack("<4sI", exactly(stream, at, 8))
        found.append(_Chunk(kind, at, length))
        at = found[-1].end
    if not found or at != end or end > size or found[0].kind not in {b"VP8X", b"VP8 ", b"VP8L"}:
        raise Unfit("cut off or out of order")
    if found[0].kind == b"VP8X" and found[0].length < 10:
        raise Unfit("its header is cut off")
    return found


def _measured(stream: IO[bytes], image: _Chunk) -> tuple[int, int, bool]:
    """Read the size and whether there is alpha from the picture's own header (RFC 6386, 9.1; RFC 9649, 3.4)."""
    if image.kind == b"VP8 ":
        data = exactly(stream, image.start + 8, 10)
        if data[3:6] != b"\x9d\x01\x2a":
            raise Unfit("no key frame")
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF, False
    data = exactly(stream, image.start + 8, 5)
    if data[0] != 0x2F:
        raise Unfit("no lossless picture")
    bits = int.from_bytes(data[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)


def _named(chunks: list[_Chunk], kind: bytes) -> _Chunk | None:
    return next((one for one in chunks if one.kind == kind), None)


def _body(stream: IO[bytes], chunk: _Chunk) -> bytes:
    return exactly(stream, chunk.start + 8, chunk.length)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(body)) + body + b"\0" * (len(body) % 2)

"""Notes in PNG files: XMP as `iTXt` (W3C PNG, section 11.3.3), settings as the text `parameters` beside it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from studio.embedding import notes
from studio.embedding.notes import Note, Said
from studio.embedding.walking import MOST_PARTS, Change, Unfit, exactly

HEAD = b"\x89PNG\r\n\x1a\n"
_XMP = b"XML:com.adobe.xmp\0"
_PARAMETERS = b"parameters\0"
_PLAIN = b"\0\0\0\0"  # not packed; no language, no translated keyword


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + 12 + self.length


def is_it(head: bytes) -> bool:
    return head.startswith(HEAD)


def changes(stream: IO[bytes], size: int, note: Note) -> list[Change]:
    chunks = _chunks(stream, size)
    if any(chunk.kind == b"caBX" for chunk in chunks):
        return []
    first = chunks[0].end
    found = next(_texts(stream, chunks, _XMP), None)
    known = found and _packet(stream, found)
    text = notes.extended(known, note) if known else notes.packet(note)
    made: list[Change] = []
    if found is None:
        made.append((first, first, _chunk(_XMP + _PLAIN + text)))
    elif text != known:
        made.append((found.start, found.end, _chunk(_XMP + _PLAIN + text)))
    if note.parameters and next(_texts(stream, chunks, _PARAMETERS), None) is None:
        made.append((first, first, _chunk(_PARAMETERS + _PLAIN + note.parameters.encode("utf-8", "ignore"))))
    return sorted(made, key=lambda change: change[:2])


def has_credentials(stream: IO[bytes], size: int) -> bool:
    return any(chunk.kind == b"caBX" for chunk in _chunks(stream, size))


def said(stream: IO[bytes], size: int) -> Said:
    chunks = _chunks(stream, size)
    found = next(_texts(stream, chunks, _XMP), None)
    sealed = next((one for one in chunks if one.kind == b"caBX"), None)
    manifests = exactly(stream, sealed.start + 8, min(sealed.length, notes.LONGEST_MANIFESTS)) if sealed else b""
    return notes.said((found and _packet(stream, found)) or b"", manifests)


def removals(stream: IO[bytes], size: int) -> Iterator[list[Change]]:
    chunks = _chunks(stream, size)
    found = next(_texts(stream, chunks, _XMP), None)
    known = found and _packet(stream, found)
    if not found or not known:
        return
    before = notes.without(known)
    if before == known:
        return
    made = [(found.start, found.end, b"" if before is None else _chunk(_XMP + _PLAIN + before))]
    # Ours stands among the first, which no other program's has to.
    made += [(one.start, one.end, b"") for one in _texts(stream, chunks[:3], _PARAMETERS)]
    yield sorted(made, key=lambda change: change[:2])


def _chunks(stream: IO[bytes], size: int) -> list[_Chunk]:
    """Walk over all chunks; each must lie whole in the file, the first be the header and the last the end."""
    if exactly(stream, 0, 8) != HEAD:
        raise Unfit("no PNG")
    found: list[_Chunk] = []
    at = len(HEAD)
    while len(found) < MOST_PARTS:
        length, kind = struct.unpack(">I4s", exactly(stream, at, 8))
        found.append(_Chunk(kind, at, length))
        at = found[-1].end
        if at > size or (len(found) == 1) != (kind == b"IHDR") or (kind == b"IHDR" and length != 13):
            raise Unfit("cut off or out of order")
        if kind == b"IEND":
            return found
    raise Unfit("too many chunks")


def _texts(stream: IO[bytes], chunks: list[_Chunk], key: bytes) -> Iterator[_Chunk]:
    for chunk in chunks:
        if chunk.kind == b"iTXt" and chunk.length > len(key) and exactly(stream, chunk.start + 8, len(key)) == key:
            yield chunk


def _packet(stream: IO[bytes], chunk: _Chunk) -> bytes | None:
    """Return the packet of a text; None for one that is damaged, too large, or cannot be unpacked."""
    if chunk.length > notes.LONGEST_PACKET:
        return None
    whole = exactly(stream, chunk.start + 4, chunk.length + 8)
    if zlib.crc32(whole[:-4]) != int.from_bytes(whole[-4:]):
        return None
    body = whole[4 + len(_XMP) : -4]
    parts = body[2:].split(b"\0", 2)
    if len(parts) < 3:
        return None
    if body[:1] == b"\0":
        return parts[2]
    try:
        return zlib.decompressobj().decompress(parts[2], notes.LONGEST_PACKET)
    except zlib.error:
        return None


def _chunk(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))

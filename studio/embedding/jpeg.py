"""Notes in JPEG files: XMP and EXIF as APP1 segments (XMP specification, part 3, section 1.1.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from studio.embedding import notes
from studio.embedding.notes import Note, Said
from studio.embedding.walking import MOST_PARTS, Change, Unfit, exactly

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF = b"Exif\0\0"
_APP0, _APP1, _APP11, _SOS, _EOI = 0xE0, 0xE1, 0xEB, 0xDA, 0xD9
_LONGEST = 65_533  # bytes of a segment after its length
_BOX_HEAD = 16  # bytes before what a part of a box holds: "JP", which box and part it is, and the box's length and kind
# The end of the picture lies in these last bytes, whatever a camera appends.
_TAIL = 65_536


class _Segment(NamedTuple):
    marker: int
    start: int
    length: int  # with the two bytes that hold it
    head: bytes

    @property
    def end(self) -> int:
        return self.start + 2 + self.length


def is_it(head: bytes) -> bool:
    return head.startswith(b"\xff\xd8\xff")


def changes(stream: IO[bytes], size: int, note: Note) -> list[Change]:
    segments = _segments(stream, size)
    if _sealed(segments):
        return []
    found = _first(segments, _XMP)
    known = found and _packet(stream, found)
    text = notes.extended(known, note, wrapped=True) if known else notes.packet(note, wrapped=True)
    if len(_XMP) + len(text) > _LONGEST:
        # A packet that fills its segment gives way: the mark is what the law asks for.
        text = notes.packet(note._replace(settings="", prompt=""), wrapped=True)
    has_exif = _first(segments, _EXIF) is not None
    place = _place(segments)
    exif = _EXIF + notes.exif(note.parameters) if note.parameters and not has_exif else b""
    if len(exif) > _LONGEST:
        exif = b""
    made: list[Change] = [(2, 2, _app1(exif))] if exif else []
    if found is None:
        made.append((place, place, _app1(_XMP + text)))
    elif text != known:
        made.append((found.start, found.end, _app1(_XMP + text)))
    return sorted(made, key=lambda change: change[:2])


def has_credentials(stream: IO[bytes], size: int) -> bool:
    return _sealed(_segments(stream, size))


def said(stream: IO[bytes], size: int) -> Said:
    segments = _segments(stream, size)
    found = _first(segments, _XMP)
    return notes.said(_packet(stream, found) if found else b"", _manifests(stream, segments))


def removals(stream: IO[bytes], size: int) -> Iterator[list[Change]]:
    segments = _segments(stream, size)
    found = _first(segments, _XMP)
    known = found and _packet(stream, found)
    if not found or not known:
        return
    before = notes.without(known)
    if before == known:
        return
    made: list[Change] = [(found.start, found.end, b"" if before is None else _app1(_XMP + before))]
    exif = _first(segments, _EXIF)
    if exif and exactly(stream, exif.start + 4 + len(_EXIF), len(notes.OWN_EXIF)) == notes.OWN_EXIF:
        made.append((exif.start, exif.end, b""))
    yield sorted(made, key=lambda change: change[:2])


def _segments(stream: IO[bytes], size: int) -> list[_Segment]:
    """Walk over the segments before the picture; each must lie whole in the file, which must have an end."""
    if exactly(stream, 0, 2) != b"\xff\xd8":
        raise Unfit("no JPEG")
    found: list[_Segment] = []
    at = 2
    while len(found) < MOST_PARTS:
        # Fill bytes may stand before any marker (ITU-T T.81, B.1.1.2).
        while exactly(stream, at, 2) == b"\xff\xff":
            at += 1
        lead, marker, length = struct.unpack(">BBH", exactly(stream, at, 4))
        if lead != 0xFF or length < 2 or marker in {0x00, 0xFF, _EOI} or at + 2 + length > size:
            raise Unfit("cut off or out of order")
        if marker == _SOS:
            tail = max(at, size - _TAIL)
            if b"\xff\xd9" not in exactly(stream, tail, size - tail):
                raise Unfit("cut off")
            return found
        head = exactly(stream, at + 4, min(length - 2, len(_XMP)))
        found.append(_Segment(marker, at, length, head))
        at = found[-1].end
    raise Unfit("too many segments")


def _sealed(segments: list[_Segment]) -> bool:
    return any(one.marker == _APP11 and one.head.startswith(b"JP") and b"jumb" in one.head for one in segments)


def _manifests(stream: IO[bytes], segments: list[_Segment]) -> bytes:
    """Put together what lies in several segments, each of which repeats the head of the box (ISO/IEC 19566-5, annex D)."""
    parts = [one for one in segments if one.marker == _APP11 and one.head.startswith(b"JP")]
    parts = parts[: notes.LONGEST_MANIFESTS // _LONGEST]
    return b"".join(exactly(stream, one.start + 4, one.length - 2)[_BOX_HEAD:] for one in parts)


def _first(segments: list[_Segment], head: bytes) -> _Segment | None:
    return next((one for one in segments if one.marker == _APP1 and one.head.startswith(head)), None)


def _place(segments: list[_Segment]) -> int:
    """After what has to come first: JFIF's segment, and EXIF."""
    at = 2
    for one in segments:
        if one.marker != _APP0 and not (one.marker == _APP1 and one.head.startswith(_EXIF)):
            break
        at = one.end
    return at


def _packet(stream: IO[bytes], segment: _Segment) -> bytes:
    return exactly(stream, segment.start + 4 + len(_XMP), segment.length - 2 - len(_XMP))


def _app1(body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body

"""Notes in GIF files: XMP as an application extension (XMP specification, part 3, section 1.1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from studio.embedding import notes
from studio.embedding.notes import Note, Said
from studio.embedding.walking import Change, Unfit, exactly

_NAME = b"!\xff\x0bXMP DataXMP"
_CREDENTIALS = b"!\xff\x0bC2PA_GIF"
# Leads a reader that takes the packet for blocks to its end, wherever it comes in.
_TRAILER = b"\1" + bytes(range(255, -1, -1)) + b"\0"
# Extensions about the whole file stand before the first picture.
_HEAD = 262_144


def is_it(head: bytes) -> bool:
    return head[:6] in {b"GIF87a", b"GIF89a"}


def changes(stream: IO[bytes], size: int, note: Note) -> list[Change]:
    at, head = _opened(stream, size)
    if _CREDENTIALS in head:
        return []
    found = _found(head)
    if found is None:
        # The older version has no extensions.
        return [(4, 5, b"9"), (at, at, _extension(notes.packet(note, wrapped=True)))]
    start, end, known = found
    text = notes.extended(known, note, wrapped=True)
    return [] if text == known else [(start, end, _extension(text))]


def has_credentials(stream: IO[bytes], size: int) -> bool:
    return _CREDENTIALS in _opened(stream, size)[1]


def said(stream: IO[bytes], size: int) -> Said:
    _, head = _opened(stream, size)
    found = _found(head)
    return notes.said(found[2] if found else b"", _credentials(head))


def removals(stream: IO[bytes], size: int) -> Iterator[list[Change]]:
    found = _found(_opened(stream, size)[1])
    before = notes.without(found[2]) if found else b""
    if found and before != found[2]:
        start, end, _ = found
        removal = (start, end, b"" if before is None else _extension(before))
        yield [removal]
        yield [(4, 5, b"7"), removal]


def _opened(stream: IO[bytes], size: int) -> tuple[int, bytes]:
    """Return where the first block stands, and the file's first bytes."""
    head = exactly(stream, 0, min(size, _HEAD))
    if not is_it(head) or len(head) < 14 or exactly(stream, size - 1, 1) not in {b";", b"\0"}:
        raise Unfit("no GIF, or cut off")
    at = 13 + (3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0)
    if at >= len(head):
        raise Unfit("cut off")
    return at, head


def _found(head: bytes) -> tuple[int, int, bytes] | None:
    start = head.find(_NAME)
    end = head.find(_TRAILER, start) if start >= 0 else -1
    return (start, end + len(_TRAILER), head[start + len(_NAME) : end]) if end > 0 else None


def _credentials(head: bytes) -> bytes:
    """Join what lies in blocks of a length and so many bytes, as far as they are in the head (C2PA, A.6)."""
    at = head.find(_CREDENTIALS)
    if at < 0:
        return b""
    at += len(_CREDENTIALS) + 3  # its version
    blocks = []
    while at < len(head) and head[at]:
        blocks.append(head[at + 1 : at + 1 + head[at]])
        at += 1 + head[at]
    return b"".join(blocks)


def _extension(text: bytes) -> bytes:
    return _NAME + text + _TRAILER

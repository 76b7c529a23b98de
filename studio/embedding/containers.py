"""Lay notes between the chunks of PNG, JPEG, WebP and GIF files, find them again, and take them out; read others."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, NamedTuple, Protocol, TypeVar

from studio.embedding import gif, isobmff, jpeg, png, tiff, webp
from studio.embedding.notes import Note, Said
from studio.embedding.splice import Part, Piece, Spliced
from studio.embedding.walking import Change, Unfit


class _Readable(Protocol):
    """What each module about a format does; `size` is the file's."""

    def is_it(self, head: bytes) -> bool: ...
    def said(self, stream: IO[bytes], size: int) -> Said: ...


class _Kind(_Readable, Protocol):
    """What those do beside it that lay notes in."""

    def changes(self, stream: IO[bytes], size: int, note: Note) -> list[Change]: ...
    def has_credentials(self, stream: IO[bytes], size: int) -> bool: ...
    def removals(self, stream: IO[bytes], size: int) -> Iterator[list[Change]]: ...


_Any = TypeVar("_Any", bound=_Readable)
_KINDS: dict[str, _Kind] = {"png": png, "jpeg": jpeg, "webp": webp, "gif": gif}
# HEIC, AVIF and TIFF.
_READ_ALONE: tuple[_Readable, ...] = (isobmff, tiff)
_BLOCK = 1 << 20


class Embedded(NamedTuple):
    """The pieces of a file with its note; `is_untouched` when it is the file as it came."""

    pieces: Sequence[Piece]
    is_untouched: bool


def embed(stream: IO[bytes], name: str, format: str, note: Note) -> Embedded:
    """Return the pieces of the file `name`, which `stream` is, with a note in it.

    A file with content credentials of its maker (C2PA) stays as it came: a byte more would break their seal, and they
    say more than the note does. Raises `Unfit` for a file that is damaged or of another format.
    """
    size = stream.seek(0, 2)
    whole = Embedded([Part(name, 0, size)], is_untouched=True)
    if not any(note):
        return whole
    changes = _of(format).changes(stream, size, note)
    if not changes:
        return whole
    pieces: list[Piece] = []
    at = 0
    # Each change: from, to (in the file as it came), and what stands there instead.
    for start, end, data in changes:
        pieces += [Part(name, at, start - at), data]
        at = end
    return Embedded([*pieces, Part(name, at, size - at)], is_untouched=False)


def laid_into(data: bytes, format: str, note: Note) -> bytes:
    """Return a small file with a note in it; as it is where `embed` would leave it or raise."""
    try:
        made = embed(io.BytesIO(data), "", format, note)
    except Unfit:
        return data
    return Spliced(made.pieces, lambda _: io.BytesIO(data)).read()


def takes_notes(format: str) -> bool:
    """Whether notes can be laid into files of a format."""
    return format in _KINDS


def has_credentials(stream: IO[bytes], format: str) -> bool:
    """Whether the file holds content credentials (C2PA) of its maker; a damaged file holds none."""
    try:
        return _of(format).has_credentials(stream, stream.seek(0, 2))
    except Unfit:
        return False


def read(stream: IO[bytes]) -> Said:
    """Return what a file of any kind says of itself; an empty answer for a damaged one."""
    try:
        kind = _sniffed(stream, (*_KINDS.values(), *_READ_ALONE))
        return kind.said(stream, stream.seek(0, 2)) if kind else Said()
    except Unfit:
        return Said()


def original_digests(stream: IO[bytes]) -> Iterator[str]:
    """Yield the SHA-256 of what the file may have been before a note was laid into it here; nothing for another file."""
    try:
        kind = _sniffed(stream, _KINDS.values())
        candidates = list(kind.removals(stream, stream.seek(0, 2))) if kind else []
    except Unfit:
        return
    for changes in candidates:
        digest, at = hashlib.sha256(), 0
        for start, end, data in changes:
            _feed(digest.update, stream, at, start)
            digest.update(data)
            at = end
        _feed(digest.update, stream, at, stream.seek(0, 2))
        yield digest.hexdigest()


def _of(format: str) -> _Kind:
    if format not in _KINDS:
        raise Unfit(f"no notes can be laid into {format}")
    return _KINDS[format]


def _sniffed(stream: IO[bytes], kinds: Iterable[_Any]) -> _Any | None:
    stream.seek(0)
    head = stream.read(16)
    return next((kind for kind in kinds if kind.is_it(head)), None)


def _feed(update: Callable[[bytes], object], stream: IO[bytes], start: int, end: int) -> None:
    stream.seek(start)
    while start < end and (block := stream.read(min(_BLOCK, end - start))):
        update(block)
        start += len(block)

"""A file that is read from pieces of others and from bytes, without being written anywhere."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import IO, NamedTuple


class Part(NamedTuple):
    """Bytes of a named file."""

    file: str
    start: int
    length: int


Piece = bytes | Part


def length_of(piece: Piece) -> int:
    return piece.length if isinstance(piece, Part) else len(piece)


class Spliced(io.RawIOBase):
    """Read pieces one after the other. It can seek, so that a server knows its length and reads any part of it.

    One file is open at a time. Raises OSError where a file is missing or has become shorter.
    """

    def __init__(
        self, pieces: Sequence[Piece], opened: Callable[[str], IO[bytes]], held: tuple[str, IO[bytes]] | None = None
    ) -> None:
        """`held`: a file that is open already, which is closed with this one even if nothing is read."""
        super().__init__()
        self._pieces = [piece for piece in pieces if length_of(piece)]
        self._starts = [0, *accumulate(map(length_of, self._pieces))]
        self._opened = opened
        self._file = held
        self._at = 0

    @property
    def size(self) -> int:
        return self._starts[-1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        wanted = max(0, self.size - self._at if size is None or size < 0 else min(size, self.size - self._at))
        found = []
        while wanted:
            piece = self._bytes(wanted)
            found.append(piece)
            self._at += len(piece)
            wanted -= len(piece)
        return b"".join(found)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if self._file is not None:
            self._file[1].close()
            self._file = None
        super().close()

    def _bytes(self, wanted: int) -> bytes:
        number = bisect_right(self._starts, self._at) - 1
        piece, within = self._pieces[number], self._at - self._starts[number]
        if not isinstance(piece, Part):
            return piece[within : within + wanted]
        file = self._source(piece.file)
        file.seek(piece.start + within)
        data = file.read(min(wanted, piece.length - within))
        if not data:
            raise OSError(f"{piece.file} ends before byte {piece.start + piece.length}")
        return data

    def _source(self, name: str) -> IO[bytes]:
        if self._file is None or self._file[0] != name:
            if self._file is not None:
                self._file[1].close()
                self._file = None
            self._file = (name, self._opened(name))
        return self._file[1]

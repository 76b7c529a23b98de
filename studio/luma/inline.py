"""Take pictures out of a JSON answer while it comes: their letters never stand in memory together.

Luma gives links (luma-api.md section 10.3). Where a picture itself comes instead, as a data: link or in base64, its bytes
go to a file at once, and a short link that only this module knows remains in its place.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import re
from pathlib import Path
from typing import IO

from studio.luma.errors import BadDownload, Empty, TooBig, Truncated
from studio.luma.outputs import INLINE
from studio.luma.pace import MAX_PICTURE_BYTES
from studio.luma.types import Downloaded

# All that may come within one answer: ten layers of a usual size and more (bytes).
MOST_IN_ALL = 4 * MAX_PICTURE_BYTES
# How a string begins that is a picture: as a data: link, or as the base64 of a PNG, a JPEG, a WebP or a GIF.
_BEGIN = re.compile(rb'(?<!\\)"(?:\s{0,9}(?i:data:[^",]{0,100};base64,)|(?=iVBORw0KGg|\\?/9j\\?/|UklGR|R0lGOD))')
# A beginning that is cut between two chunks is never longer than this.
_LONGEST_BEGIN = 160
# How JSON, or a link, may write a letter of base64; the second is one that is cut.
_ESCAPED = re.compile(rb"\\(?:[nrt]|/|u00(?:2[bf]|3d|0[ad]))|%(?:2[bf]|3d)|\s", re.IGNORECASE)
_CUT = re.compile(rb"(?:\\(?:u[0-9a-f]{0,3})?|%[0-9a-f]?)\Z", re.IGNORECASE)
_LETTERS = {b"2b": b"+", b"2f": b"/", b"3d": b"="}
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOR_LINKS = bytes.maketrans(b"-_", b"+/")


class Inline:
    """The pictures within one answer: `feed` its bytes and read what it returns instead.

    Without a `folder` they are only passed over: then the answer is read for what else it says.
    """

    def __init__(self, folder: Path | None = None, *, max_bytes: int = MAX_PICTURE_BYTES) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._held = b""
        self._open: _Picture | None = None
        self._pictures: list[_Picture] = []
        self.bytes = 0

    @property
    def has_begun(self) -> bool:
        return bool(self._pictures)

    def feed(self, chunk: bytes, *, is_last: bool = False) -> bytes:
        """Return what is left of the answer so far without its pictures."""
        self._held += chunk
        left = bytearray()
        while self._held:
            if self._open:
                if not self._fill(self._open):
                    break
                left += f'"{INLINE}{len(self._pictures) - 1}"'.encode()
            elif begin := _BEGIN.search(self._held):
                left += self._held[: begin.start()]
                self._held = self._held[begin.end() :]
                self._open = _Picture(self._path(len(self._pictures)), self._max_bytes)
                self._pictures.append(self._open)
            else:
                kept = -1 if is_last else self._held.rfind(b'"', max(0, len(self._held) - _LONGEST_BEGIN))
                # With what is before it, which may say that it ends nothing.
                cut = len(self._held) if kept < 0 else max(0, kept - 1)
                left += self._held[:cut]
                self._held = self._held[cut:]
                break
        return bytes(left)

    def _fill(self, picture: _Picture) -> bool:
        """Give a picture what has come of it; whether that is all."""
        end = self._held.find(b'"')
        cut = _CUT.search(self._held[-6:]) if end < 0 else None
        stop = end if end >= 0 else len(self._held) - (len(cut[0]) if cut else 0)
        self.bytes += stop
        picture.take(self._held[:stop])
        self._held = self._held[stop + 1 :] if end >= 0 else self._held[stop:]
        if end >= 0:
            picture.end()
            self._open = None
        return end >= 0

    def _path(self, number: int) -> Path | None:
        return self._folder / f"inline-{number}" if self._folder else None

    def close(self) -> None:
        """Flush what was written to the disk, as far as it came."""
        for picture in self._pictures:
            picture.close()

    def taken(self, link: str, to: Path) -> Downloaded:
        """Put the picture that a link of ours stands for where it is wanted.

        Raises a DownloadFailed where it is no whole picture, and the OSError of our own disk.
        """
        number = link.removeprefix(INLINE)
        if not number.isdecimal() or int(number[:4]) >= len(self._pictures):
            raise BadDownload(detail="The answer does not hold this picture.")
        return self._pictures[int(number[:4])].moved(to)


class _Picture:
    def __init__(self, path: Path | None, max_bytes: int) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._size = 0
        self._carried = b""
        self._is_padded = self._is_damaged = self._has_ended = False
        self._problem: OSError | None = None

    def take(self, text: bytes) -> None:
        """Decode some letters and write them down, unless it is damaged or too large already."""
        if not self._path or self._is_damaged or self._problem or self._size > self._max_bytes:
            return
        letters = _ESCAPED.sub(lambda one: _LETTERS.get(one[0][-2:].lower(), b"/" if one[0] == b"\\/" else b""), text)
        letters, padding, rest = letters.translate(_FOR_LINKS).partition(b"=")
        self._is_damaged = bool(letters.translate(None, _ALPHABET) or rest.strip(b"=") or (self._is_padded and letters))
        self._is_padded |= bool(padding)
        self._carried += letters
        whole = len(self._carried) // 4 * 4
        if not self._is_damaged:
            self._write(binascii.a2b_base64(self._carried[:whole]))
            self._carried = self._carried[whole:]

    def end(self) -> None:
        self._has_ended = True
        self._is_damaged |= len(self._carried) == 1
        if self._carried and not self._is_damaged:
            self._write(binascii.a2b_base64(self._carried + b"=" * (4 - len(self._carried))))

    def _write(self, content: bytes) -> None:
        self._size += len(content)
        if not self._path or self._size > self._max_bytes:
            return
        try:
            self._file = self._file or self._path.open("wb")
            self._file.write(content)
        except OSError as problem:
            self._problem = problem
        self._digest.update(content)

    def close(self) -> None:
        if self._file is None:
            return
        try:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as problem:
            self._problem = problem

    def moved(self, to: Path) -> Downloaded:
        if self._problem:
            raise self._problem
        if self._size > self._max_bytes:
            raise TooBig
        if self._is_damaged or not self._has_ended:
            raise Truncated(detail="The picture within the answer is damaged.")
        if self._path is None or self._size == 0:
            raise Empty(detail="The picture is empty.")
        self._path.rename(to)
        return Downloaded(self._size, self._digest.hexdigest())

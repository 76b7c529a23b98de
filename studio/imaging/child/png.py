"""Read the chunks of a PNG that say something about its pixels, and leave out all that could keep it from being read."""

from __future__ import annotations

import contextlib
import re
import struct
import zlib
from collections.abc import Iterator

from studio.imaging.child.facts import Facts
from studio.imaging.child.spaces import from_cicp, from_gamma

HEAD = b"\x89PNG\r\n\x1a\n"
# Unpacked; real profiles of presses have up to 4 MB, texts beyond this are pictures of the editor's history.
_MOST_PROFILE = 4 << 20
_MOST_TEXT = 1 << 20

_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
# The fewest bytes of each chunk about colour.
_COLOURS = {b"cICP": 4, b"iCCP": 3, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"cLLI": 8, b"mDCV": 24}
# Kept beside the critical chunks, whose names begin with a capital; damage in them is damage of a frame.
_FRAMES = frozenset({b"acTL", b"fcTL", b"fdAT"})

_COMMENT_KEYS = frozenset({b"Comment", b"Description", b"Author", b"Software"})
_XMP_KEY = b"XML:com.adobe.xmp"
# ImageMagick writes EXIF as text. No browser turns a picture by it.
_EXIF_TEXT = re.compile(rb"Raw profile type (exif|APP1)")
_EXIF_HEADS = (b"II*\0", b"MM\0*")

_DROPPED = {
    b"tRNS": "damaged transparency ignored",
    b"eXIf": "damaged camera data ignored",
    **dict.fromkeys(_COLOURS, "damaged colour information ignored"),
    **dict.fromkeys(_TEXTS, "damaged comments removed"),
}
_DROPPED_OTHER = "damaged extra data removed"


class _Unfit(Exception):
    """A chunk that cannot be used; the text says why."""


def read(data: bytes) -> tuple[bytes, Facts]:
    """Return the same PNG without the chunks that are not about pixels, and what those said.

    Never raises: what is damaged is left out and named.
    """
    found = Facts()
    kept, colours = [HEAD], _Colours()
    header, before_pixels = b"", True
    for kind, body, whole in chunks(data):
        if kind[:1].isupper() or kind in _FRAMES:
            header = header or (body if kind == b"IHDR" else b"")
            before_pixels = before_pixels and kind != b"IDAT"
            kept.append(whole)
            continue
        try:
            if not is_sound(body, whole):
                raise _Unfit(_DROPPED.get(kind, _DROPPED_OTHER))
            if _keeps(kind, body, header):
                kept.append(whole)
                if kind == b"eXIf" and before_pixels:
                    found.exif = found.exif or body
            elif kind in _TEXTS:
                _read_text(found, kind, body)
            elif kind in _COLOURS and before_pixels:
                colours.read(kind, body)
        except _Unfit as why:
            found.drop(str(why))
    found.depth = header[8] if len(header) > 8 else 8
    colours.settle(found)
    return b"".join(kept), found


def is_sound(body: bytes, whole: bytes) -> bool:
    """Whether a chunk is all there and as its checksum says."""
    return len(whole) == 12 + len(body) and zlib.crc32(whole[4:-4]) == int.from_bytes(whole[-4:])


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield kind, body and all bytes of each chunk, up to the end or to where the file is cut."""
    at = len(HEAD)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + length], data[at : at + 12 + length]
        if kind == b"IEND":
            return
        at += 12 + length


def _keeps(kind: bytes, body: bytes, header: bytes) -> bool:
    """Whether the decoder needs this chunk beside the critical ones."""
    if kind == b"eXIf":
        return body.startswith(_EXIF_HEADS)
    if kind != b"tRNS":
        return False
    # Two bytes for grey, six for colours, any number for a palette.
    if len(body) < {0: 2, 2: 6}.get(header[9] if len(header) > 9 else 3, 1):
        raise _Unfit(_DROPPED[kind])
    return True


def _unpack(packed: bytes, most: int, why: str) -> bytes:
    """Unpack zlib data up to a limit; a bomb costs no more than the limit."""
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(packed, most)
    except zlib.error as error:
        raise _Unfit(why) from error
    if not inflate.eof and inflate.unconsumed_tail:
        raise _Unfit("too large" if data else why)
    return data


def _read_text(found: Facts, kind: bytes, body: bytes) -> None:
    """Note what a text is about. Only what may hold a place is unpacked."""
    key, _, rest = body.partition(b"\0")
    about_exif = _EXIF_TEXT.fullmatch(key)
    found.has_comments = found.has_comments or key in _COMMENT_KEYS
    if not about_exif and key != _XMP_KEY:
        # Its content goes unread, and so does an unknown way of packing it.
        found.has_comments = True
        return
    with contextlib.suppress(_Unfit):
        packed = kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\1")
        if kind == b"iTXt":
            rest = rest[2:].split(b"\0", 2)[-1]
        elif kind == b"zTXt":
            rest = rest[1:]
        text = _unpack(rest, _MOST_TEXT, "") if packed else rest[:_MOST_TEXT]
        if about_exif:
            with contextlib.suppress(ValueError):
                found.exif_text = bytes.fromhex("".join(text.decode("latin-1").split("\n")[3:]))
        else:
            found.xmp += text
        return
    found.has_comments = True


class _Colours:
    """What the chunks about colour say, the first of each kind; cICP outranks iCCP, that sRGB, that gAMA and cHRM."""

    def __init__(self) -> None:
        self._found: dict[bytes, bytes] = {}

    def read(self, kind: bytes, body: bytes) -> None:
        # A matrix makes it YCbCr, which a PNG cannot hold.
        if len(body) < _COLOURS[kind] or (kind == b"cICP" and body[2]):
            raise _Unfit(_DROPPED[kind])
        if kind == b"cICP" and body[3] != 1:
            raise _Unfit("colours marked as video range: shown as full range")
        self._found.setdefault(kind, _profile(body) if kind == b"iCCP" else body)

    def settle(self, found: Facts) -> None:
        found.profile = self._found.get(b"iCCP")
        if cicp := self._found.get(b"cICP"):
            found.signal = from_cicp(cicp[0], cicp[1])
            found.is_signal_first = found.signal is not None
            if found.signal:
                found.signal = found.signal._replace(peak=self._peak())
        gamma, primaries = self._found.get(b"gAMA"), self._found.get(b"cHRM")
        if gamma and not found.is_signal_first and b"sRGB" not in self._found:
            points = [value / 100_000 for value in struct.unpack(">8I", primaries[:32])] if primaries else None
            found.signal = from_gamma(int.from_bytes(gamma[:4]) / 100_000, points)

    def _peak(self) -> float:
        """The brightest light of the content or else of the screen it was made on, in nits."""
        content, screen = self._found.get(b"cLLI", b""), self._found.get(b"mDCV", b"")
        return int.from_bytes(content[:4] or screen[16:20]) / 10_000


def _profile(body: bytes) -> bytes:
    _, _, rest = body.partition(b"\0")
    if rest[:1] != b"\0":
        raise _Unfit(_DROPPED[b"iCCP"])
    try:
        return _unpack(rest[1:], _MOST_PROFILE, _DROPPED[b"iCCP"])
    except _Unfit as why:
        raise _Unfit("colour profile too large: ignored" if str(why) == "too large" else str(why)) from why

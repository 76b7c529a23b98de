"""Find damage in the bytes of whole files that a decoder ignores.

Pillow skips PNG checksums, libjpeg fills what is missing with grey, and neither reports a file cut between two scans.
"""

from __future__ import annotations

import importlib
import os
import re
import struct
import zlib
from collections.abc import Iterator

from studio.imaging.child import png
from studio.imaging.unusable import broken

JPEG_END = b"\xff\xd9"
# A marker that ends compressed data: not a stuffed FF 00, not a restart (D0 to D7), not a fill byte.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_START_OF_IMAGE = 0xD8
_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_TEMPORARY = 0x01
# The headers of a picture: all of C0 to CF but the tables C4, C8 and CC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# Without one of these a browser shows nothing, or not all. Anything else that is damaged is left out (see png.py).
_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"fcTL", b"fdAT", b"acTL"})
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Left, top, step across and step down of the seven passes of an interlaced PNG.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_BLOCK = 1 << 20


def count_scans(data: bytes, most: int) -> int:
    """Count the scans of a JPEG up to the end of its first image, giving up above `most`.

    Markers are walked as the decoder walks them. A plain search for FF DA would also count the film that phones append
    to a photo, where the two bytes occur once in 65,536.
    """
    scans = 0
    for code, _ in _segments(data):
        scans += code == _START_OF_SCAN
        if scans > most:
            break
    return scans


def has_end(data: bytes) -> bool:
    """Whether the first image of a JPEG has an end marker."""
    return any(code == _END_OF_IMAGE for code, _ in _segments(data))


def has_every_detail(data: bytes) -> bool:
    """Whether the scans of a JPEG hold every detail of every component.

    A progressive JPEG that was cut between two scans decodes without a complaint, and blurred.
    """
    missing: dict[int, set[int]] = {}
    for code, body in _segments(data):
        if code in _FRAMES and len(body) > 6:
            missing = {component: set(range(64)) for component in body[6 : 6 + 3 * body[5] : 3]}
        elif code == _START_OF_SCAN and len(body) == 4 + 2 * body[0]:
            first, last, steps = body[1 + 2 * body[0] :][:3]
            # The low half says how many bits of each value are still to come.
            for component in body[1 : 1 + 2 * body[0] : 2] if not steps & 0x0F else b"":
                missing.get(component, set()).difference_update(range(first, last + 1))
    return bool(missing) and not any(missing.values())


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the markers of a JPEG up to the end of its first image, each with its parameters."""
    at = 0
    while marker := _MARKER.search(data, at):
        code = data[marker.end() - 1]
        at = marker.end()
        if code in (_START_OF_IMAGE, _TEMPORARY):
            continue
        if code == _END_OF_IMAGE:
            yield code, b""
            return
        length = int.from_bytes(data[at : at + 2], "big")
        yield code, data[at + 2 : at + length].ljust(1, b"\0")
        at += length


def check_jpeg(data: bytes) -> None:
    """Raise `Unusable` when the compressed data of a JPEG is cut or damaged; a missing end marker is no damage.

    libjpeg reports such damage only as a warning, which Pillow does not pass on and simplejpeg does.
    """
    # Its array library would reserve address space for a thread per processor.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    simplejpeg = importlib.import_module("simplejpeg")
    try:
        # An eighth of the size: all data is unpacked, few pixels are computed. Only the first warning is reported, so
        # that one about the end marker must not come before others.
        simplejpeg.decode_jpeg(data + JPEG_END, "GRAY", min_height=1, min_width=1, min_factor=8)
    except ValueError as warning:
        # Other sentences are about kinds that only Pillow reads; it decides about them.
        if str(warning).startswith("Corrupt JPEG data"):
            raise broken() from warning


def check_png(data: bytes) -> None:
    """Raise `Unusable` when a checksum of a PNG is wrong or a row of one of its frames is missing."""
    header = struct.unpack(">IIBBBBB", data[16:29].ljust(13, b"\0"))
    frame: _Rows | None = None
    for kind, body in _png_chunks(data):
        if kind in {b"IHDR", b"fcTL"}:
            size = struct.unpack(">II", body[:8]) if kind == b"IHDR" else struct.unpack(">II", body[4:12])
            # A frame header before the first data belongs to that data.
            if frame is not None and frame.has_begun:
                frame.close()
            if frame is None or frame.has_begun or kind == b"fcTL":
                frame = _Rows(_png_bytes(*size, *header[2:4], interlaced=bool(header[6])))
        elif kind in {b"IDAT", b"fdAT"} and frame is not None:
            frame.feed(body[4:] if kind == b"fdAT" else body)
    if frame is None:
        raise broken()
    frame.close()


class _Rows:
    """Counts the bytes of one zlib stream of a PNG without keeping them."""

    def __init__(self, expected: int) -> None:
        self.has_begun = False
        self._expected = expected
        self._found = 0
        self._inflate = zlib.decompressobj()

    def feed(self, packed: bytes) -> None:
        self.has_begun = True
        # What comes after the end of the stream or after the last row is ignored.
        while packed and not self._inflate.eof and self._found <= self._expected + _BLOCK:
            try:
                self._found += len(self._inflate.decompress(packed, _BLOCK))
            except zlib.error as error:
                raise broken() from error
            packed = self._inflate.unconsumed_tail

    def close(self) -> None:
        if self._found < self._expected:
            raise broken()


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks up to the end or to where the file is cut."""
    for kind, body, whole in png.chunks(data):
        if kind in _PNG_PIXELS and not png.is_sound(body, whole):
            raise broken()
        yield kind, body


def _png_bytes(width: int, height: int, depth: int, colour: int, *, interlaced: bool) -> int:
    """Compute how many bytes the rows of a frame take, each with its filter byte."""
    bits = depth * _PNG_CHANNELS.get(colour, 0)
    found = 0
    for left, top, across, down in _ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = (width - left + across - 1) // across, (height - top + down - 1) // down
        if columns > 0 and rows > 0:
            found += rows * (1 + (columns * bits + 7) // 8)
    return found


def check_gif(data: bytes) -> None:
    """Raise `Unusable` when a GIF is cut inside a block; one that only lacks its trailer is whole."""
    # Header and screen, and the colours of all frames.
    at = 13 + _gif_colours(data[10:11])
    while at < len(data):
        block = data[at : at + 1]
        if block == b",":
            # The frame, its own colours, and the code size.
            at = _gif_blocks(data, at + 10 + _gif_colours(data[at + 9 : at + 10]) + 1)
        elif block == b"!":
            at = _gif_blocks(data, at + 2)
        else:
            return  # the trailer, or what other programs append


def _gif_colours(flags: bytes) -> int:
    """Compute how many bytes a colour table takes, by the flags that announce it."""
    packed = int.from_bytes(flags)
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _gif_blocks(data: bytes, at: int) -> int:
    """Skip blocks up to the empty one that ends them; return the position behind it."""
    while at < len(data):
        length = data[at]
        at += 1 + length
        if not length:
            return at
    raise broken()

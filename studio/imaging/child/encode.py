"""Pixels to bytes: what we keep, what we show, and the placeholder until it is loaded."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from math import sqrt
from typing import Literal, NamedTuple

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from studio.imaging.child.resize import shrink
from studio.imaging.limits import KEPT_BYTES

# Importing them registers them; Pillow does not look for others (see decode.py).
_ENCODERS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)

# The API advises quality 85 to 92 (luma-api.md section 3.9). The first keeps the colour of thin lettering at full
# resolution, which the others give up for a third of the bytes.
_JPEG_STEPS = ((92, "4:4:4"), (90, "4:2:0"), (85, "4:2:0"))

# Aim a little below the limit: bytes do not shrink quite as fast as the area does.
_MARGIN = 0.97

# Packing well (level 6) saves an eighth to a fifth over packing fast (level 1) and takes four times as long: 9 seconds
# for a 16.7 MP photograph with alpha. Above this multiple of the limit it cannot help.
_HOPELESS = 1.3

_WEBP_QUALITY = 80
# Method 1 takes two thirds of the time of method 2 and writes about a tenth more.
_WEBP_METHOD = 1

_PLACEHOLDER_CHARACTERS = 250
_PLACEHOLDER_SIDES = (16, 12, 8, 6, 4, 2)
_PLACEHOLDER_QUALITY = 30


class Encoded(NamedTuple):
    """A picture as a file's content, and the pixels it holds."""

    format: Literal["jpeg", "png"]
    data: bytes
    picture: Image.Image


def encode(picture: Image.Image, *, prefer_png: bool, limit: int = KEPT_BYTES) -> Encoded:
    """Encode below `limit` bytes: PNG for alpha or when preferred and it fits, else JPEG; smaller until it fits."""
    while True:
        smallest = 0
        for encoded in _attempts(picture, prefer_png=prefer_png, limit=limit):
            if len(encoded.data) < limit:
                return encoded
            smallest = len(encoded.data)
        picture = shrink(picture, int(max(picture.size) * sqrt(limit / smallest) * _MARGIN))


def webp(picture: Image.Image) -> bytes:
    return _saved(picture, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)


def placeholder(picture: Image.Image) -> str:
    """Make a data URI of at most 250 characters that looks like the picture from far away."""
    uri = ""
    for side in _PLACEHOLDER_SIDES:
        data = _saved(shrink(picture, side), "WEBP", quality=_PLACEHOLDER_QUALITY, method=0, alpha_quality=50)
        uri = "data:image/webp;base64," + base64.b64encode(data).decode()
        if len(uri) <= _PLACEHOLDER_CHARACTERS:
            break
    return uri


def average_colour(picture: Image.Image) -> str:
    """Average the visible pixels, as #rrggbb."""
    pixel = picture.resize((1, 1), Image.Resampling.BOX).convert("RGB").tobytes()
    return f"#{pixel.hex()}"


def _attempts(picture: Image.Image, *, prefer_png: bool, limit: int) -> Iterator[Encoded]:
    if prefer_png or picture.mode == "RGBA":
        yield Encoded("png", _png(picture, limit), picture)
    if picture.mode != "RGBA":
        for quality, subsampling in _JPEG_STEPS:
            yield Encoded("jpeg", _saved(picture, "JPEG", quality=quality, subsampling=subsampling), picture)


def _png(picture: Image.Image, limit: int) -> bytes:
    """Encode as PNG; one that is hopelessly large comes back badly packed, to be measured and thrown away."""
    quick = _saved(picture, "PNG", compress_level=1)
    return quick if len(quick) > limit * _HOPELESS else _saved(picture, "PNG", compress_level=6)


def _saved(picture: Image.Image, kind: str, **options: int | str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()

"""From an opened picture to plain pixels: decoded once, shrunk, upright, sRGB, without metadata."""

from __future__ import annotations

import contextlib
import re
from typing import NamedTuple

from PIL import ExifTags, Image

from studio.imaging.child.colours import CONVERTED, expand, to_srgb
from studio.imaging.child.decode import DECODER_ERRORS, Opened, decoding
from studio.imaging.child.deep import expand_depth

# How to turn a stored picture upright, by EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Whole-number reduction may do the coarse part of a shrink down to this multiple of the target; Lanczos does the rest.
# At 2 nothing is seen of it, and a 2,048 px picture comes to 512 in half the time.
_REDUCING_GAP = 2.0


class Normalized(NamedTuple):
    """Pixels in RGB, or RGBA when at least one is not opaque, with an empty `info`."""

    picture: Image.Image
    # What was done to the colours: a sentence or "".
    colours: str
    # What was found and is gone: "location and camera data", "camera data", "comments" or "".
    removed: str


def normalize(opened: Opened, long_side: int) -> Normalized:
    """Decode the picture, all of it, and bring it to at most this long side in pixels. Raises `Unusable`."""
    with decoding():
        if opened.kind == "JPEG":
            # The decoder itself can halve a JPEG; elsewhere a draft may be an embedded thumbnail.
            opened.picture.draft(None, _fit((opened.width, opened.height), round(long_side * _REDUCING_GAP)))
        opened.picture.load()
        removed = _metadata(opened)
        picture = shrink(expand(expand_depth(opened), opened.facts), long_side)
        turn = TURNS.get(opened.orientation)
        if turn is not None:  # the first of the turns counts as false
            picture = picture.transpose(turn)
        picture, colours = to_srgb(picture, opened.facts)
        if opened.facts.is_recoded:
            colours = CONVERTED
    # Copy the pixels alone: comments and profiles in `info` would be written out again by some encoders.
    plain = Image.new(picture.mode, picture.size)
    plain.paste(picture)
    return Normalized(plain, colours, removed)


def shrink(picture: Image.Image, long_side: int) -> Image.Image:
    """Shrink to this long side in pixels; never enlarge."""
    size = _fit(picture.size, long_side)
    if size == picture.size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def _fit(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _metadata(opened: Opened) -> str:
    """Name what the file holds beside its pixels."""
    facts = opened.facts
    tags: dict[int, object] = {}
    for exif in (facts.exif_text, None):
        with contextlib.suppress(*DECODER_ERRORS):
            if exif is None:
                tags |= dict(opened.picture.getexif())
            elif exif:
                told = Image.Exif()
                told.load(exif)
                tags |= dict(told)
    if ExifTags.Base.GPSInfo in tags or re.search(rb"GPSL(at|ong)itude", facts.xmp):
        return "location and camera data"
    if (
        facts.xmp
        or facts.exif_text
        or {ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.ExifOffset} & tags.keys()
    ):
        return "camera data"
    return "comments" if facts.has_comments else ""

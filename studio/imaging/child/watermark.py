"""Smaller copies of a picture with a text burnt in all over it, for who may look and not take."""

from __future__ import annotations

import io
from collections.abc import Callable
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, WebPImagePlugin

from studio.imaging.child.decode import open_picture
from studio.imaging.child.resize import normalize, shrink
from studio.imaging.child.tasks import OutputFolder
from studio.imaging.letters import TYPEFACE

# Importing it registers it; Pillow does not look for others (see decode.py).
_ENCODERS = (WebPImagePlugin,)
_QUALITY = {"quality": 84, "method": 2}
# Degrees, counted as Pillow does: the text climbs.
TURN = 24
# Letters are 13 px high where the picture is about 640 px long; the other measures are in heights of a letter.
LETTERS, AT, LEAST_LETTERS = 13, 640, 9
LINE, GAP, EDGE = 4.0, 4.5, 0.06
WHITE, DARK = 0.34, 0.26


def watermark(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Write a WebP of each size (long side in pixels) with `words` all over it."""
    sizes = sorted(options["sizes"], reverse=True)
    with open_picture(source) as opened:
        picture = normalize(opened, sizes[0]).picture
    made = []
    for size in sizes:
        # From the clean pixels, so that the letters of a small one are as sharp as those of a large one.
        picture = shrink(picture, size)
        marked = write_all_over(picture, options["words"])
        file = io.BytesIO()
        marked.save(file, "WEBP", **_QUALITY)
        made.append({"size": size, **output.write(f"{size}.webp", file.getvalue(), marked)})
    return {"renditions": made[::-1]}


def write_all_over(picture: Image.Image, words: str) -> Image.Image:
    """Return a copy with the words repeated over it, white with a thin dark edge."""
    letters = max(LEAST_LETTERS, LETTERS * max(picture.size) / AT)
    font = ImageFont.truetype(TYPEFACE, letters)
    font.set_variation_by_axes([14, 530])
    side = round(hypot(*picture.size)) + 2
    fill, edge = Image.new("L", (side, side)), Image.new("L", (side, side))
    _repeat(ImageDraw.Draw(edge), words, font, letters, side, max(1, round(EDGE * letters)))
    _repeat(ImageDraw.Draw(fill), words, font, letters, side, 0)
    marked = picture.copy()
    for mask, colour, share in ((edge, (0, 0, 0), DARK), (fill, (255, 255, 255), WHITE)):
        turned = mask.rotate(TURN, Image.Resampling.BICUBIC)
        left, top = (side - picture.width) // 2, (side - picture.height) // 2
        cut = turned.crop((left, top, left + picture.width, top + picture.height))
        weak = cut.point([round(value * share) for value in range(256)])
        marked.paste(colour if marked.mode == "RGB" else (*colour, 255), mask=weak)
    return marked


def _repeat(
    pen: ImageDraw.ImageDraw, words: str, font: ImageFont.FreeTypeFont, letters: float, side: int, edge: int
) -> None:
    """Write the words over a square, every second line shifted by half."""
    across = max(1.0, font.getlength(words)) + GAP * letters
    line = LINE * letters * cos(radians(TURN))
    for number in range(int(side / line) + 2):
        start = -across if number % 2 else -across / 2
        for place in range(int(side / across) + 3):
            spot = (start + place * across, number * line)
            pen.text(spot, words, 255, font, "ls", stroke_width=edge)


TASKS: dict[str, Callable[[Path, OutputFolder, dict[str, Any]], dict[str, Any]]] = {"watermark": watermark}

"""Copies of a stored picture for who takes it out: smaller, cut, in another format, or with words that can be seen."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from studio.imaging.child.decode import open_picture
from studio.imaging.child.resize import normalize, shrink
from studio.imaging.child.tasks import OutputFolder
from studio.imaging.limits import MAX_SIDE

# Importing them registers them; Pillow does not look for others (see decode.py).
_ENCODERS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"quality": 92, "subsampling": "4:4:4", "optimize": True},
    "png": {"compress_level": 6},
    "webp": {"quality": 86, "method": 3},
}
# The words: their height and their distance from the corner in thousandths of the long side, and the fewest pixels that
# can be read.
LETTERS, DISTANCE, LEAST_LETTERS = 15, 12, 9
INK, GROUND = (255, 255, 255), (0, 0, 0, 140)


def copy(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Write a copy: cut to `box` (left, top, width, height), its long side at most `side`, with `words` in a corner."""
    kind, box, side = options["format"], options["box"], options["side"]
    with open_picture(source) as opened:
        # Without a cut it need not be decoded larger than it leaves.
        picture = normalize(opened, side if side and not box else MAX_SIDE).picture
    if box:
        left, top, width, height = box
        picture = picture.crop((left, top, min(left + width, picture.width), min(top + height, picture.height)))
    if side:
        picture = shrink(picture, side)
    if options["words"]:
        write_words(picture, options["words"])
    if kind == "jpeg" and picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    file = io.BytesIO()
    picture.save(file, kind.upper(), **_OPTIONS[kind])
    return output.write(f"copy.{kind}", file.getvalue(), picture)


def write_words(picture: Image.Image, words: str) -> None:
    """Write words into the lower right corner, on a dark ground of their own, so that they are read on anything."""
    size = max(LEAST_LETTERS, max(picture.size) * LETTERS / 1000)
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(words)
    pad = size * 0.45
    width, height = round(right - left + 2 * pad), round(bottom - top + 2 * pad)
    if width > picture.width:
        # On a very narrow picture they are as wide as it.
        return write_on_strip(picture, words, font)
    away = round(
        min(max(picture.size) * DISTANCE / 1000, (picture.width - width) / 2, max(0, picture.height - height) / 2)
    )
    label = Image.new("RGBA", (width, height), GROUND)
    ImageDraw.Draw(label).text((pad - left, pad - top), words, INK, font)
    _lay(picture, label, (picture.width - width - away, picture.height - height - away))
    return None


def write_on_strip(picture: Image.Image, words: str, font: Any) -> None:
    left, top, right, bottom = font.getbbox(words)
    label = Image.new("RGBA", (round(right - left) + 8, round(bottom - top) + 8), GROUND)
    ImageDraw.Draw(label).text((4 - left, 4 - top), words, INK, font)
    share = picture.width / label.width
    label = label.resize((picture.width, max(1, round(label.height * share))), Image.Resampling.LANCZOS)
    _lay(picture, label, (0, max(0, picture.height - label.height)))


def _lay(picture: Image.Image, label: Image.Image, place: tuple[int, int]) -> None:
    if picture.mode == "RGBA":
        picture.alpha_composite(label, (max(0, place[0]), max(0, place[1])))
    else:
        picture.paste(label, place, label)


TASKS: dict[str, Callable[[Path, OutputFolder, dict[str, Any]], dict[str, Any]]] = {"copy": copy}

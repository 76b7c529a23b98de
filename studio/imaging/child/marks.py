"""Marks on a copy of a picture: arrows, boxes, lines and numbers, white with a dark edge, so that they show on anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from math import atan2, cos, hypot, pi, sin
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from studio.imaging.child.decode import open_picture
from studio.imaging.child.encode import average_colour, encode, placeholder, webp
from studio.imaging.child.resize import normalize, shrink
from studio.imaging.child.tasks import OutputFolder
from studio.imaging.sizes import UPLOAD_SIZES, sizes_for

# The copy only shows where: a larger one would be sent for nothing, and on a smaller one a number cannot be read.
LEAST_SIDE, MOST_SIDE = 1024, 2048
# In thousandths of the long side: what they are on a screen that shows the picture 1,000 pixels wide.
LINE, EDGE, RADIUS, LETTERS = 4.0, 2.0, 15.0, 17.0
HEAD, HEAD_SHARE, HEAD_TURN = 24.0, 0.45, pi / 6.5
FINER = 2  # times: drawn larger and made smaller, because Pillow's lines have no soft edge
WHITE, DARK = (251, 251, 251), (18, 18, 18)

Point = tuple[float, float]


class Shape(NamedTuple):
    """The lines of a mark and the middle of its number, in pixels."""

    lines: list[list[Point]]
    number: Point


def mark(source: Path, output: OutputFolder, options: dict[str, Any]) -> dict[str, Any]:
    """Draw the marks on a copy, with the renditions that an upload has."""
    with open_picture(source) as opened:
        before = max(opened.upright_size)
        picture = normalize(opened, MOST_SIDE).picture.copy()
    if max(picture.size) < LEAST_SIDE:
        share = LEAST_SIDE / max(picture.size)
        size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    zoom = max(picture.size) / before
    for number, one in enumerate(options["marks"], 1):
        points = [value * zoom for value in one["points"]]
        draw(picture, SHAPES[one["kind"]](list(zip(points[::2], points[1::2], strict=True)), picture.size), str(number))
    kept = encode(picture, prefer_png=False)
    sizes = set(UPLOAD_SIZES) & set(sizes_for(*kept.picture.size))
    small = [(size, shrink(kept.picture, size)) for size in sorted(sizes)]
    return {
        **output.write(f"marked.{kept.format}", kept.data, kept.picture),
        "sha256": hashlib.sha256(kept.data).hexdigest(),
        "format": kept.format,
        "changes": [],
        "has_alpha": kept.picture.mode == "RGBA",
        "placeholder": placeholder(kept.picture),
        "colour": average_colour(kept.picture),
        "renditions": [{"size": size, **output.write(f"{size}.webp", webp(one), one)} for size, one in small],
    }


TASKS: dict[str, Callable[[Path, OutputFolder, dict[str, Any]], dict[str, Any]]] = {"mark": mark}


def draw(picture: Image.Image, shape: Shape, number: str) -> None:
    """Draw one mark: its dark edge, its white lines, then the disc with its number."""
    unit = max(picture.size) / 1000
    finer = unit * FINER
    if shape.lines:
        box = _around(picture, [point for line in shape.lines for point in line], (LINE + EDGE) * unit)
        lines = [[_laid(point, box) for point in line] for line in shape.lines]
        for colour, edge in ((DARK, EDGE), (WHITE, 0.0)):
            _paint(picture, box, colour, partial(_lines, lines=lines, width=(LINE + 2 * edge) * finer))
    box = _around(picture, [shape.number], (RADIUS + 2 * EDGE) * unit)
    middle = _laid(shape.number, box)
    for colour, edge in ((DARK, EDGE), (WHITE, 0.0)):
        _paint(picture, box, colour, partial(_disc, middle=middle, radius=(RADIUS + edge) * finer))
    _paint(picture, box, DARK, partial(_letters, middle=middle, number=number, size=LETTERS * finer))


def _around(picture: Image.Image, points: Sequence[Point], reach: float) -> tuple[int, int, int, int]:
    """Return the part of a picture that lies around points, at least a pixel of it."""
    across, down = [x for x, _ in points], [y for _, y in points]
    left = min(max(0, int(min(across) - reach)), picture.width - 1)
    top = min(max(0, int(min(down) - reach)), picture.height - 1)
    right = min(picture.width, int(max(across) + reach) + 1)
    bottom = min(picture.height, int(max(down) + reach) + 1)
    return left, top, max(left + 1, right), max(top + 1, bottom)


def _laid(point: Point, box: tuple[int, int, int, int]) -> Point:
    return (point[0] - box[0]) * FINER, (point[1] - box[1]) * FINER


def _paint(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    colour: tuple[int, int, int],
    painted: Callable[[ImageDraw.ImageDraw], None],
) -> None:
    mask = Image.new("L", ((box[2] - box[0]) * FINER, (box[3] - box[1]) * FINER))
    painted(ImageDraw.Draw(mask))
    picture.paste(colour if picture.mode == "RGB" else (*colour, 255), box, mask.reduce(FINER))


def _lines(pen: ImageDraw.ImageDraw, lines: Sequence[Sequence[Point]], width: float) -> None:
    for points in lines:
        pen.line(points, 255, max(1, round(width)), "curve")
        for point in (points[0], points[-1]):
            _disc(pen, point, width / 2)


def _disc(pen: ImageDraw.ImageDraw, middle: Point, radius: float) -> None:
    x, y = middle
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), 255)


def _letters(pen: ImageDraw.ImageDraw, middle: Point, number: str, size: float) -> None:
    font = ImageFont.load_default(size if len(number) == 1 else 0.85 * size)
    pen.text(middle, number, 255, font, "mm", stroke_width=max(1, round(size / 34)))


# ---- The shape of each kind


def _arrow(points: list[Point], size: tuple[int, int]) -> Shape:
    """A line from the number to its tip, with an open head."""
    (x, y), (to_x, to_y) = points
    length = hypot(to_x - x, to_y - y)
    head, turn = min(HEAD * max(size) / 1000, HEAD_SHARE * length), atan2(to_y - y, to_x - x)
    wings = [(to_x - head * cos(turn + by), to_y - head * sin(turn + by)) for by in (HEAD_TURN, -HEAD_TURN)]
    return Shape([points, [wings[0], points[1], wings[1]]], points[0])


def _box(points: list[Point], _size: tuple[int, int]) -> Shape:
    (x, y), (to_x, to_y) = points
    left, top, right, bottom = min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return Shape([corners], (left, top))


def _free(points: list[Point], _size: tuple[int, int]) -> Shape:
    return Shape([points], points[0])


def _number(points: list[Point], _size: tuple[int, int]) -> Shape:
    return Shape([], points[0])


SHAPES: dict[str, Callable[[list[Point], tuple[int, int]], Shape]] = {
    "arrow": _arrow,
    "box": _box,
    "free": _free,
    "number": _number,
}

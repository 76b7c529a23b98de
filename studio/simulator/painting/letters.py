"""Capitals cut from paper with scissors: straight cuts, no two letters quite alike."""

from __future__ import annotations

import math

from .fields import Random
from .sheet import Pen, Point

# Width as a share of the height, then outlines in hundredths from the top left: the body, then its holes.
_SHAPES: dict[str, tuple[float, str]] = {
    "A": (0.74, "0,100 32,0 68,0 100,100 70,100 63,76 37,76 30,100|50,26 57,54 43,54"),
    "B": (0.68,
          "0,0 70,0 92,14 92,36 80,48 100,62 100,86 80,100 0,100|32,21 58,21 61,37 32,38|32,61 "
          "64,61 67,79 32,79"),
    "C": (0.66,
          "25,0 80,0 100,20 100,36 68,36 61,25 41,25 32,36 32,66 42,75 62,75 69,64 100,64 100,82 "
          "80,100 22,100 0,78 0,22"),
    "D": (0.7, "0,0 65,0 100,28 100,74 66,100 0,100|32,26 54,26 67,40 67,62 54,74 32,74"),
    "E": (0.6, "0,0 95,0 92,25 34,25 34,38 82,38 80,61 34,61 34,75 96,74 98,100 0,100"),
    "F": (0.58, "0,0 96,0 92,26 34,26 34,42 82,42 80,66 34,66 34,100 0,100"),
    "G": (0.7,
          "25,0 82,0 100,18 98,34 68,34 62,25 42,25 32,36 32,66 42,76 66,76 68,66 54,66 54,45 "
          "100,45 100,100 24,100 0,78 0,22"),
    "H": (0.7, "0,0 32,0 32,37 68,37 68,0 100,0 100,100 68,100 68,63 32,63 32,100 0,100"),
    "I": (0.26, "0,0 100,0 98,100 2,100"),
    "J": (0.56, "58,0 100,0 100,76 78,100 20,100 0,80 0,60 34,60 39,73 54,74 60,66"),
    "K": (0.72, "0,0 32,0 32,34 62,0 100,0 62,47 100,100 63,100 32,60 32,100 0,100"),
    "L": (0.56, "0,0 36,0 36,73 96,73 93,100 0,100"),
    "M": (0.92, "0,0 30,0 50,40 70,0 100,0 100,100 75,100 75,46 50,84 25,46 25,100 0,100"),
    "N": (0.74, "0,0 32,0 68,52 68,0 100,0 100,100 70,100 32,46 32,100 0,100"),
    "O": (0.74, "25,0 75,0 100,22 100,78 75,100 25,100 0,78 0,22|42,25 58,25 68,37 68,64 58,75 42,75 32,64 32,37"),
    "P": (0.66, "0,0 75,0 100,18 100,48 76,66 32,66 32,100 0,100|32,24 60,24 68,33 60,43 32,43"),
    "Q": (0.78,
          "25,0 75,0 100,22 100,72 90,82 104,100 68,104 60,100 25,100 0,78 0,22|42,25 58,25 68,37 "
          "68,64 58,75 42,75 32,64 32,37"),
    "R": (0.7, "0,0 75,0 100,18 100,44 80,60 100,100 65,100 48,66 32,66 32,100 0,100|32,24 60,24 68,33 60,43 32,43"),
    "S": (0.64,
          "22,0 90,0 94,25 40,25 33,32 42,39 80,39 100,56 100,80 78,100 6,100 2,75 60,75 67,68 "
          "58,61 20,61 0,44 0,20"),
    "T": (0.66, "0,0 100,0 99,26 67,26 67,100 33,100 33,26 1,26"),
    "U": (0.7, "0,0 32,0 32,66 42,75 58,75 68,66 68,0 100,0 100,78 76,100 24,100 0,78"),
    "V": (0.74, "0,0 34,0 50,58 66,0 100,0 68,100 32,100"),
    "W": (1.05, "0,0 25,0 32,52 43,12 57,12 68,52 75,0 100,0 84,100 62,100 50,60 38,100 16,100"),
    "X": (0.74, "0,0 36,0 50,28 64,0 100,0 70,50 100,100 64,100 50,72 36,100 0,100 30,50"),
    "Y": (0.72, "0,0 35,0 50,32 65,0 100,0 67,60 67,100 33,100 33,60"),
    "Z": (0.66, "0,0 100,0 100,26 44,74 100,74 100,100 0,100 0,74 56,26 0,26"),
}  # fmt: skip
SPACING = 0.07
SPACE = 0.3
WOBBLE = 0.012
TURN = 0.035


def can_cut(words: str) -> bool:
    """Tell whether every character has a shape."""
    return bool(words) and all(letter in _SHAPES or letter == " " for letter in words.upper())


def cut_width(words: str) -> float:
    """Give the width of a line at height one."""
    parts = [SPACE if letter == " " else _SHAPES[letter][0] for letter in words.upper()]
    return sum(parts) + SPACING * max(0, len(parts) - 1)


def cut_line(pen: Pen, rng: Random, words: str, left: float, top: float, height: float) -> None:
    """Cut a line of capitals into a stencil; left and top in units."""
    x = left
    for letter in words.upper():
        if letter == " ":
            x += (SPACE + SPACING) * height
            continue
        width, outlines = _SHAPES[letter]
        _cut_letter(pen, rng, outlines, (x, top), (width * height, height))
        x += (width + SPACING) * height


def _cut_letter(pen: Pen, rng: Random, outlines: str, corner: Point, size: Point) -> None:
    turn = float(rng.normal(0, TURN))
    middle = (corner[0] + size[0] / 2, corner[1] + size[1] / 2 + float(rng.normal(0, 0.012)) * size[1])
    for index, outline in enumerate(outlines.split("|")):
        points: list[Point] = []
        for pair in outline.split():
            across, down = (int(part) / 100 - 0.5 for part in pair.split(","))
            across = across * size[0] + float(rng.normal(0, WOBBLE)) * size[1]
            down = down * size[1] + float(rng.normal(0, WOBBLE)) * size[1]
            points.append(
                (
                    middle[0] + across * math.cos(turn) - down * math.sin(turn),
                    middle[1] + across * math.sin(turn) + down * math.cos(turn),
                )
            )
        pen.polygon(points, 0 if index else 255)

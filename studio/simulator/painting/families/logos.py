"""Logos: one plain sign and a word."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image

from studio.simulator.painting.colour import Colour, contrasting, luminance, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, Sheet, spline
from studio.simulator.painting.words import Scene, title

Sign = Callable[[Pen, float, float, float, Colour, Colour], None]
_PAIRS = (
    "#f3ede2 #2b1d16 #b5522f",
    "#f6f4ef #16241f #0e5c4a",
    "#1f2a44 #f4efe4 #f0a54a",
    "#e8dccb #3a2418 #8a3b22",
    "#0f3d3a #f3ead8 #e9a23b",
    "#f4e7df #401f2b #d5573b",
)


def paint_logo(scene: Scene, rng: Random) -> Image.Image:
    """Paint a sign for the trade above its name, or a round badge."""
    ground, ink, second = (rgb(code) for code in _PAIRS[int(rng.integers(len(_PAIRS)))].split())
    ground = scene.ground or ground
    if scene.accent:
        second = scene.accent
    if abs(luminance(ground) - luminance(ink)) < 0.25:
        ink = contrasting(ground, rgb("#f7f2e7"), rgb("#1c1a19"))
    sheet = Sheet(*scene.size, ground)
    sign = _choose(scene, rng)
    name = title(scene, "Studio")
    x, y = sheet.right / 2, sheet.bottom / 2
    with sheet.pen() as pen:
        layout = int(rng.integers(3))
        if layout == 0:
            sign(pen, x, y - 0.1, 0.2, ink, second)
            _word(pen, x, y + 0.24, name, ink, caps=False)
        elif layout == 1:
            pen.circle(x, y - 0.07, 0.27, ink)
            sign(pen, x, y - 0.07, 0.15, ground, second)
            _word(pen, x, y + 0.3, name, ink, caps=True)
        else:
            pen.ring(x, y, 0.39, 0.008, ink)
            pen.ring(x, y, 0.372, 0.003, ink)
            sign(pen, x, y - 0.06, 0.165, ink, second)
            _word(pen, x, y + 0.2, name, ink, caps=True, width=0.5)
            for side in (-1, 1):
                pen.circle(x + side * 0.31, y + 0.0, 0.009, second)
    return sheet.image


def _word(pen: Pen, x: float, y: float, name: str, ink: Colour, *, caps: bool, width: float = 0.78) -> None:
    if not caps:
        text = name.title()
        size = min(0.105, width / max(1e-6, pen.text_width(text, 1.0)))
        pen.text(x, y, text, size, ink, anchor="mm", weight=0.012)
        return
    letters = name.upper()
    spacing = 0.32
    natural = sum(pen.text_width(letter, 1.0) + spacing for letter in letters) - spacing
    size = min(0.062, width / max(1e-6, natural))
    left = x - natural * size / 2
    for letter in letters:
        pen.text(left, y, letter, size, ink, anchor="lm", weight=0.02)
        left += (pen.text_width(letter, 1.0) + spacing) * size


def _choose(scene: Scene, rng: Random) -> Sign:
    for words, sign in (
        (("coffee", "cafe", "tea", "espresso", "roaster", "breakfast"), (_cup, _bean)),
        (("mountain", "outdoor", "hiking", "climbing", "alpine", "ski"), (_peaks,)),
        (("sea", "ocean", "surf", "wave", "swim", "sail", "fish"), (_waves,)),
        (("leaf", "plant", "garden", "organic", "eco", "tea", "flower", "yoga"), (_leaf,)),
        (("sun", "solar", "energy", "travel", "hotel", "summer"), (_sunrise,)),
        (("bakery", "bread", "wheat", "beer", "brewery", "flour"), (_wheat,)),
    ):
        if scene.has(*words):
            return sign[int(rng.integers(len(sign)))]
    return (_sunrise, _leaf, _waves, _peaks, _knot)[int(rng.integers(5))]


def _cup(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    top, half = y - 0.18 * size, 0.78 * size
    bowl = [
        (x + half * math.cos(angle), top + 0.98 * size * math.sin(angle) ** 0.8)
        for angle in [math.pi * step / 40 for step in range(41)]
    ]
    pen.ring(x + half * 1.02, top + 0.3 * size, 0.28 * size, 0.13 * size, ink)
    pen.polygon(bowl, ink)
    pen.rectangle(x - 0.98 * size, y + 0.92 * size, x + 0.98 * size, y + 1.02 * size, ink)
    for index, shift in enumerate((-0.36, 0.0, 0.36)):
        tall = 0.52 if index == 1 else 0.4
        path = [
            (
                x + shift * size + 0.09 * size * math.sin(math.tau * step / 12),
                top - 0.16 * size - tall * size * 1.25 * step / 12,
            )
            for step in range(13)
        ]
        pen.line(path, second, 0.095 * size, round_ends=True)


def _bean(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    turn = -0.55

    def at(along: float, across: float) -> Point:
        return x + (along * math.cos(turn) - across * math.sin(turn)) * size, y + (
            along * math.sin(turn) + across * math.cos(turn)
        ) * size

    pen.polygon([at(1.12 * math.cos(a), 0.76 * math.sin(a)) for a in [math.tau * step / 80 for step in range(80)]], ink)
    crease = [at(-1.2 + 2.4 * step / 30, 0.2 * math.sin(math.tau * step / 30)) for step in range(31)]
    pen.line(crease, second, 0.14 * size)


def _peaks(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    pen.circle(x + 0.46 * size, y - 0.5 * size, 0.24 * size, second)
    pen.polygon(
        [(x - 1.15 * size, y + 0.75 * size), (x - 0.25 * size, y - 0.75 * size), (x + 0.65 * size, y + 0.75 * size)],
        ink,
    )
    pen.polygon(
        [(x + 0.05 * size, y + 0.75 * size), (x + 0.62 * size, y - 0.12 * size), (x + 1.2 * size, y + 0.75 * size)], ink
    )


def _waves(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    for row in range(3):
        level = y + (row - 0.6) * 0.5 * size
        path = [
            (x + (-1.0 + 2.0 * step / 60) * size, level - 0.17 * size * math.sin(math.tau * 1.5 * step / 60))
            for step in range(61)
        ]
        pen.line(path, second if row == 0 else ink, 0.19 * size, round_ends=True)


def _leaf(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    for side, colour in ((-1, ink), (1, second)):
        outline = [
            (x, y + 0.95 * size),
            (x + side * 0.75 * size, y + 0.35 * size),
            (x + side * 0.72 * size, y - 0.35 * size),
            (x, y - 1.05 * size),
        ]
        pen.polygon([*spline(outline, closed=False), (x, y + 0.95 * size)], colour)
    pen.line([(x, y + 1.25 * size), (x, y - 0.4 * size)], ink, 0.06 * size)


def _sunrise(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    pen.pie(x, y + 0.4 * size, 0.6 * size, 180, 360, second)
    for ray in range(7):
        angle = math.pi * (1 + ray / 6)
        near, far = 0.78 * size, 1.12 * size
        pen.line(
            [
                (x + near * math.cos(angle), y + 0.4 * size + near * math.sin(angle)),
                (x + far * math.cos(angle), y + 0.4 * size + far * math.sin(angle)),
            ],
            ink,
            0.1 * size,
            round_ends=True,
        )
    pen.rectangle(x - 1.1 * size, y + 0.52 * size, x + 1.1 * size, y + 0.63 * size, ink)
    pen.rectangle(x - 0.72 * size, y + 0.78 * size, x + 0.72 * size, y + 0.88 * size, ink)


def _wheat(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    pen.line([(x, y + 1.15 * size), (x, y - 0.6 * size)], ink, 0.07 * size)
    for row in range(5):
        level = y - 0.55 * size + row * 0.33 * size
        for side in (-1, 1):
            base, tip = (x, level + 0.22 * size), (x + side * 0.46 * size, level - 0.24 * size)
            grain = [
                base,
                (x + side * 0.36 * size, level + 0.12 * size),
                tip,
                (x + side * 0.08 * size, level - 0.16 * size),
            ]
            pen.polygon(spline(grain), second if row % 2 else ink)
    pen.polygon(
        spline(
            [
                (x, y - 0.55 * size),
                (x + 0.14 * size, y - 0.82 * size),
                (x, y - 1.15 * size),
                (x - 0.14 * size, y - 0.82 * size),
            ]
        ),
        second,
    )


def _knot(pen: Pen, x: float, y: float, size: float, ink: Colour, second: Colour) -> None:
    for index in range(6):
        angle = math.tau * index / 6
        pen.ring(
            x + 0.48 * size * math.cos(angle),
            y + 0.48 * size * math.sin(angle),
            0.5 * size,
            0.09 * size,
            second if index % 2 else ink,
        )

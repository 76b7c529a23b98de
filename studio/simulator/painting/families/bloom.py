"""A flower from above, each petal folded from paper."""

from __future__ import annotations

import math

from PIL import Image

from studio.simulator.painting.colour import Colour, as_lch, blend, contrasting, lch, lighter, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, Sheet
from studio.simulator.painting.words import Scene

GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
LIGHT_ANGLE = math.radians(-125)
# Heart, middle, rim.
_PETALS = (
    "#6b1022 #d8402f #ffb48a",
    "#7a1548 #e0588a #ffd9dc",
    "#8a2f10 #f08a2f #ffe2a0",
    "#3d1a5e #9a5fc2 #ecd6f2",
    "#a8641a #f2b84b #fff3cf",
    "#8c5a4a #f0c9b4 #fff6ec",
)
_GROUNDS = ("#13201c", "#1a1f33", "#2a1620", "#e9dfce", "#22312d")


def paint_bloom(scene: Scene, rng: Random) -> Image.Image:
    """Paint petals from the rim to the heart, in the golden angle."""
    heart, middle, rim = (rgb(code) for code in _PETALS[int(rng.integers(len(_PETALS)))].split())
    if scene.accent:
        lightness, chroma, hue = as_lch(scene.accent)
        heart, middle, rim = (
            lch(0.3, 0.11, hue - 18),
            lch(max(0.52, lightness), max(0.05, chroma), hue),
            lch(0.9, 0.06, hue + 28),
        )
    elif scene.has("sunflower"):
        heart, middle, rim = rgb("#3a2214"), rgb("#eda52a"), rgb("#ffd95e")
    ground = scene.ground or rgb(_GROUNDS[int(rng.integers(len(_GROUNDS)))])
    sheet = Sheet(*scene.size, ground)
    sheet.fill(sheet.gradient((lighter(ground, 0.035), ground, lighter(ground, -0.04))))
    reach = 0.47 * (1.25 if scene.flag("close") else 1.0)
    spread = 1.0 if sheet.right == sheet.bottom else 1.06
    off = 0.0 if scene.flag("symmetrical") else 0.03
    centre = (sheet.right / 2 + float(rng.normal(0, off)), sheet.bottom / 2 + float(rng.normal(0, off)))
    with sheet.stencil((0, 0, 0), opacity=0.5, soften=0.035) as pen:
        pen.circle(centre[0] + 0.02, centre[1] + 0.035, reach * spread * 0.97, 255)
    with sheet.pen() as pen:
        _leaves(pen, rng, centre, reach * spread, ground)
        _petals(pen, rng, centre, reach * spread, (heart, middle, rim))
        if scene.has("sunflower", "daisy"):
            _seeds(pen, centre, reach * 0.34, heart)
    sheet.glow(
        [(centre[0] - reach * 0.35, centre[1] - reach * 0.4, reach * 0.5, blend(rim, (255, 255, 255), 0.4), 0.1)]
    )
    sheet.vignette(0.2)
    return sheet.image


def _leaves(pen: Pen, rng: Random, centre: Point, reach: float, ground: Colour) -> None:
    light = contrasting(ground, rgb("#3f6f55"), rgb("#5f8f6a"))
    start = float(rng.uniform(0, math.tau))
    for index in range(7):
        angle = start + index * math.tau / 7 + float(rng.normal(0, 0.12))
        _petal(
            pen,
            centre,
            reach * 0.62,
            reach * float(rng.uniform(0.5, 0.62)),
            reach * 0.17,
            angle,
            blend(light, ground, 0.38),
            None,
        )


def _petals(pen: Pen, rng: Random, centre: Point, reach: float, colours: tuple[Colour, Colour, Colour]) -> None:
    heart, middle, rim = colours
    pen.circle(*centre, reach * 0.4, lighter(heart, -0.08))
    count = int(rng.integers(230, 340))
    start = float(rng.uniform(0, math.tau))
    lobes = int(rng.integers(3, 7))
    for index in range(count, 0, -1):
        t = index / count
        radius = reach * 0.84 * t**0.62
        angle = start + index * GOLDEN_ANGLE
        length = reach * (0.055 + 0.27 * t**0.85)
        width = length * (0.27 + 0.05 * math.sin(index * 1.3))
        shade = t + 0.05 * math.sin(angle * lobes) + float(rng.normal(0, 0.02))
        tone = blend(heart, middle, shade / 0.5) if shade < 0.5 else blend(middle, rim, min(1.0, (shade - 0.5) / 0.5))
        _petal(pen, centre, radius - length * 0.62, length, width, angle, tone, rim)


def _petal(
    pen: Pen, centre: Point, start: float, length: float, width: float, angle: float, colour: Colour, tip: Colour | None
) -> None:
    """Draw one petal: a shadow, two halves that meet in a fold, a turned tip."""
    cosine, sine = math.cos(angle), math.sin(angle)

    def at(along: float, across: float, drop: float = 0.0) -> Point:
        reach = start + along * length
        return (
            centre[0] + reach * cosine - across * width * sine + drop * 0.5,
            centre[1] + reach * sine + across * width * cosine + drop,
        )

    profile = ((0.0, 0.16), (0.2, 0.52), (0.42, 0.88), (0.6, 1.0), (0.76, 0.88), (0.9, 0.5), (1.0, 0.0))
    left = [(along, -across) for along, across in profile]
    right = [(along, across) for along, across in profile]
    pen.polygon([at(a * 1.02, b * 1.06, length * 0.055) for a, b in [*left, *reversed(right)]], lighter(colour, -0.24))
    for side, half in ((-1, left), (1, right)):
        facing = math.cos(angle + side * math.pi / 2 - LIGHT_ANGLE)
        tone = lighter(colour, 0.075 * facing + 0.01)
        pen.polygon([at(0, 0), *(at(a, b) for a, b in half), at(1, 0)], tone)
        inner = lighter(tone, -0.05)
        pen.polygon([at(0, 0), at(0.22, side * 0.46), at(0.5, side * 0.3), at(0.62, 0)], inner)
    if tip is not None and width > 0.006:
        pen.polygon([at(1.0, 0), at(0.87, 0.42), at(0.83, 0), at(0.87, -0.42)], lighter(blend(colour, tip, 0.45), 0.04))
    pen.line([at(0.04, 0), at(0.9, 0)], lighter(colour, 0.1), max(0.0008, width * 0.035))


def _seeds(pen: Pen, centre: Point, reach: float, heart: Colour) -> None:
    pen.circle(*centre, reach, lighter(heart, -0.06))
    for index in range(420):
        radius, angle = reach * 0.97 * math.sqrt(index / 420), index * GOLDEN_ANGLE
        x, y = centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)
        pen.circle(x, y, reach * 0.03, lighter(heart, 0.04 + 0.2 * index / 420))
        pen.circle(x - reach * 0.008, y - reach * 0.01, reach * 0.012, lighter(heart, 0.24 + 0.2 * index / 420))

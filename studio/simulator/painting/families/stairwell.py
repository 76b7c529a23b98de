"""A spiral stair seen from its foot, looking up to the light."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

from studio.simulator.painting.colour import Colour, blend, lighter, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, Sheet
from studio.simulator.painting.words import Scene

SECTORS = 48
# Wall, stair underside, stair edge, rail, daylight.
_SCHEMES = (
    "#e6dccb #b9a184 #f3ebdc #7c2f22 #dff0f6",
    "#c9d6d8 #6f8d96 #e6eeee #d0532f #fff3d2",
    "#e8c9b4 #b5674a #f6e2d2 #2a3a44 #cfeaf5",
    "#d8d9cf #7f8f78 #eef0e6 #1f3b33 #fff6da",
    "#a9b7c9 #3e5578 #d5dfea #e0a63a #ffe9bf",
)
_NIGHT = "#4a4f6e #232845 #7d7fa0 #e89a4a #ffd58a"


@dataclass(frozen=True)
class _Shaft:
    centre: Point
    drift: Point
    reach: float

    def at(self, radius: float, angle: float, depth: float) -> Point:
        """Project a point of the shaft: everything shrinks with depth."""
        x = self.centre[0] + (self.drift[0] + radius * math.cos(angle) * self.reach) / depth
        y = self.centre[1] + (self.drift[1] + radius * math.sin(angle) * self.reach) / depth
        return x, y


def paint_stairwell(scene: Scene, rng: Random) -> Image.Image:
    """Paint the stair from far to near."""
    code = _NIGHT if scene.palette.dark else _SCHEMES[int(rng.integers(len(_SCHEMES)))]
    wall, under, edge, rail, day = (rgb(part) for part in code.split())
    if scene.accent:
        rail = scene.accent
    sheet = Sheet(*scene.size, under)
    diagonal = math.hypot(sheet.right, sheet.bottom) / 2
    angle = float(rng.uniform(0, math.tau))
    shift = 0.0 if scene.flag("symmetrical") else 0.09 * diagonal
    centre = (sheet.right / 2 + shift * math.cos(angle), sheet.bottom / 2 + shift * math.sin(angle))
    shaft = _Shaft(centre, (-shift * 0.9 * math.cos(angle), -shift * 0.9 * math.sin(angle)), diagonal * 1.3)
    turns, per_turn = int(rng.integers(6, 8)), int(rng.integers(20, 25))
    hand = float(rng.choice([-1.0, 1.0]))
    first, last = 0.4, float(rng.uniform(7.0, 9.0))
    inner = float(rng.uniform(0.4, 0.5))
    sun = float(rng.uniform(0, math.tau))
    start = float(rng.uniform(0, math.tau))
    count = turns * per_turn
    depths = [first * (last / first) ** ((index / count) ** 0.92) for index in range(count + 2)]
    with sheet.pen() as pen:
        pen.rectangle(-1, -1, sheet.right + 1, sheet.bottom + 1, wall)
        _draw_eye(pen, shaft, depths[-1], wall, day, edge)
        for index in range(count, -1, -1):
            far, near = depths[index + 1], depths[index]
            light = 0.52 + 0.48 * (index / count) ** 0.8
            if index % 2 == 0:
                _draw_wall(pen, shaft, depths[min(count + 1, index + 2)], near, wall, day, light, sun, index, per_turn)
            _draw_step(
                pen,
                shaft,
                far,
                near,
                start + hand * index * math.tau / per_turn,
                hand * math.tau / per_turn,
                inner,
                (under, edge, rail),
                light,
                sun,
            )
    eye = shaft.at(0, 0, last)
    sheet.glow([(*eye, 0.2 * diagonal, day, 0.55), (*eye, 0.62 * diagonal, blend(day, wall, 0.4), 0.22)])
    sheet.vignette(0.34)
    return sheet.image


def _shaded(colour: Colour, amount: float) -> Colour:
    dark = blend(colour, (18, 18, 30), 0.62)
    return blend(dark, lighter(colour, 0.05), max(0.0, min(1.0, amount)))


def _draw_eye(pen: Pen, shaft: _Shaft, depth: float, wall: Colour, day: Colour, edge: Colour) -> None:
    ring = [shaft.at(1.0, math.tau * step / 90, depth) for step in range(90)]
    pen.polygon(ring, lighter(wall, 0.03))
    glass = [shaft.at(0.74, math.tau * step / 90, depth) for step in range(90)]
    pen.polygon(glass, lighter(day, 0.03))
    for step in range(8):
        pen.line(
            [shaft.at(0.2, math.tau * step / 8, depth), shaft.at(0.74, math.tau * step / 8, depth)],
            blend(edge, (60, 60, 70), 0.5),
            0.0022,
        )
    for radius in (0.2, 0.48, 0.74):
        circle = [shaft.at(radius, math.tau * step / 60, depth) for step in range(61)]
        pen.line(circle, blend(edge, (60, 60, 70), 0.45), 0.0026)


def _draw_wall(
    pen: Pen,
    shaft: _Shaft,
    far: float,
    near: float,
    wall: Colour,
    day: Colour,
    light: float,
    sun: float,
    index: int,
    per_turn: int,
) -> None:
    for sector in range(SECTORS):
        low, high = math.tau * sector / SECTORS, math.tau * (sector + 1.04) / SECTORS
        facing = 0.5 + 0.5 * math.cos((low + high) / 2 - sun)
        quad = [shaft.at(1, low, far), shaft.at(1, high, far), shaft.at(1.004, high, near), shaft.at(1.004, low, near)]
        pen.polygon(quad, _shaded(wall, light * (0.5 + 0.52 * facing)))
    if index % per_turn in (per_turn // 3, per_turn // 3 + 1) and index > 2:
        middle = sun + math.pi * 0.12
        window = [
            shaft.at(0.999, middle - 0.13, far),
            shaft.at(0.999, middle + 0.13, far),
            shaft.at(0.999, middle + 0.13, near),
            shaft.at(0.999, middle - 0.13, near),
        ]
        pen.polygon(window, lighter(day, 0.02))


def _draw_step(
    pen: Pen,
    shaft: _Shaft,
    far: float,
    near: float,
    start: float,
    sweep: float,
    inner: float,
    colours: tuple[Colour, Colour, Colour],
    light: float,
    sun: float,
) -> None:
    under, edge, rail = colours
    angles = [start + sweep * step / 4 for step in range(5)]
    overlap = [*angles, start + sweep * 1.04]
    # The rail and the inner edge climb evenly; only the treads are flat.
    climb = [near * (far / near) ** (step / 4) for step in range(5)]
    climb.append(climb[-1])
    facing = 0.5 + 0.5 * math.cos(start - sun + 1.2)
    riser = [
        shaft.at(inner, overlap[-2], near),
        shaft.at(1, overlap[-2], near),
        shaft.at(1, overlap[-2], far),
        shaft.at(inner, overlap[-2], far),
    ]
    pen.polygon(riser, _shaded(under, light * (0.2 + 0.28 * facing)))
    tread = [shaft.at(1, angle, near) for angle in overlap] + [
        shaft.at(inner, angle, near) for angle in reversed(overlap)
    ]
    pen.polygon(tread, _shaded(under, light * (0.5 + 0.5 * facing)))
    nosing = [
        shaft.at(inner, start, near),
        shaft.at(1, start, near),
        shaft.at(1, start + sweep * 0.1, near),
        shaft.at(inner, start + sweep * 0.1, near),
    ]
    pen.polygon(nosing, _shaded(edge, light * (0.55 + 0.4 * facing)))
    helix = list(zip(overlap, climb, strict=True))
    string = [shaft.at(inner, angle, depth) for angle, depth in helix]
    string += [shaft.at(inner, angle, depth * 1.06) for angle, depth in reversed(helix)]
    pen.polygon(string, _shaded(edge, light * (0.55 + 0.45 * (1 - facing))))
    string = [shaft.at(inner, angle, depth) for angle, depth in helix]
    string += [shaft.at(inner + 0.035, angle, depth) for angle, depth in reversed(helix)]
    pen.polygon(string, _shaded(edge, light * (0.72 + 0.3 * facing)))
    hand = [shaft.at(inner - 0.045, angle, depth * 1.02) for angle, depth in helix[:5]]
    thick = 0.018 * shaft.reach / near
    pen.line(
        [shaft.at(inner - 0.04, overlap[2], near * 1.02), shaft.at(inner + 0.01, overlap[2], near)],
        _shaded(rail, light * 0.35),
        thick * 0.32,
    )
    pen.line(hand, _shaded(rail, light * 0.55), thick, round_ends=True)
    pen.line(
        [(x - thick * 0.12, y - thick * 0.2) for x, y in hand],
        _shaded(rail, light * 1.0),
        thick * 0.42,
        round_ends=True,
    )

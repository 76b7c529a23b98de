"""The things of a market street, in perspective: houses, stalls, lanterns, people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from studio.simulator.painting.colour import Colour, blend, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, spline
from studio.simulator.painting.words import Scene

EYE = 0.16


@dataclass(frozen=True)
class Street:
    """Project street coordinates: across, height above ground, distance."""

    centre: float
    horizon: float
    size: float

    def at(self, across: float, height: float, away: float) -> Point:
        """Give the place on the sheet."""
        return self.centre + across / away * self.size, self.horizon - (height - EYE) / away * self.size


@dataclass(frozen=True)
class House:
    side: float
    near: float
    far: float
    height: float
    colour: Colour
    seed: int
    gabled: bool


@dataclass(frozen=True)
class Lantern:
    across: float
    height: float
    away: float
    size: float
    colour: Colour
    tall: float


def draw_house(pen: Pen, scene: Scene, street: Street, house: House, way: int) -> None:
    rng = np.random.default_rng(house.seed)
    wide = 0.62

    def wall(along: float, height: float) -> Point:
        away = house.near * (house.far / house.near) ** along
        return street.at(house.side * wide, way * height, away)

    pen.polygon([wall(0, 0), wall(0, house.height), wall(1, house.height), wall(1, 0)], house.colour)
    roof = blend(house.colour, scene.palette.near, 0.6)
    if house.gabled:
        pen.polygon([wall(0, house.height), wall(0.5, house.height + 0.17), wall(1, house.height)], house.colour)
        pen.line(
            [wall(-0.01, house.height), wall(0.5, house.height + 0.18), wall(1.01, house.height)],
            roof,
            0.012 / house.near,
        )
    else:
        pen.polygon(
            [
                wall(-0.02, house.height - 0.01),
                wall(-0.02, house.height + 0.035),
                wall(1.02, house.height + 0.035),
                wall(1.02, house.height - 0.01),
            ],
            roof,
        )
    lit = [rgb("#ffcf7f"), rgb("#ffb35a"), rgb("#ffe3ac")]
    frame = blend(house.colour, scene.palette.near, 0.45)
    floors = int((house.height - 0.3) / 0.19)
    for floor in range(floors):
        low = 0.33 + floor * 0.19
        for column in range(3):
            start = 0.13 + column * 0.28
            glow = rng.random() < 0.46
            tone = blend(house.colour, lit[int(rng.integers(3))], 0.9 if glow else 0.08)
            pane = [
                wall(start, low),
                wall(start, low + 0.115),
                wall(start + 0.17, low + 0.115),
                wall(start + 0.17, low),
            ]
            pen.polygon(
                [
                    wall(start - 0.02, low - 0.01),
                    wall(start - 0.02, low + 0.125),
                    wall(start + 0.19, low + 0.125),
                    wall(start + 0.19, low - 0.01),
                ],
                frame,
            )
            pen.polygon(pane, tone)
            if glow and house.near < 2.6:
                pen.line([wall(start + 0.085, low), wall(start + 0.085, low + 0.115)], frame, 0.003 / house.near)
                pen.line([wall(start, low + 0.062), wall(start + 0.17, low + 0.062)], frame, 0.003 / house.near)
    _draw_stall(pen, rng, wall, house, street, way, lit)


def _draw_stall(pen: Pen, rng: Random, wall: object, house: House, street: Street, way: int, lit: list[Colour]) -> None:
    if house.near < 0.7 or rng.random() < 0.25:
        return
    near, far = house.near * 1.04, house.far * 0.96
    inside = blend(house.colour, lit[0], 0.88)
    deep, out = 0.61, 0.47

    def corner(across: float, height: float, away: float) -> Point:
        return street.at(house.side * across, way * height, away)

    pen.polygon(
        [corner(deep, 0.02, near), corner(deep, 0.25, near), corner(deep, 0.25, far), corner(deep, 0.02, far)], inside
    )
    counter = blend(house.colour, (30, 20, 22), 0.45)
    pen.polygon(
        [corner(0.52, 0.0, near), corner(0.52, 0.085, near), corner(0.52, 0.085, far), corner(0.52, 0.0, far)], counter
    )
    pen.polygon(
        [corner(0.52, 0.0, near), corner(0.52, 0.085, near), corner(deep, 0.085, near), corner(deep, 0.0, near)],
        blend(counter, (10, 10, 16), 0.3),
    )
    goods = [rgb(code) for code in ("#e2562f", "#f0b23f", "#8fae4a", "#d9d2b8", "#c23b45")]
    for index in range(14):
        away = near * (far / near) ** ((index + 0.5) / 14)
        x, y = corner(0.525, 0.095, away)
        pen.ellipse(x, y, 0.011 / away * street.size, 0.012 / away * street.size, goods[int(rng.integers(5))])
    cloth = rgb(("#b8452f", "#2f5f73", "#c98f3a", "#7a3550")[int(rng.integers(4))])
    pale = blend(rgb("#efe0c4"), house.colour, 0.22)
    for stripe in range(8):
        first, last = (near * (far / near) ** (share / 8) for share in (stripe, stripe + 1))
        tone = blend(cloth if stripe % 2 else pale, house.colour, 0.15)
        pen.polygon(
            [
                corner(deep, 0.295, first),
                corner(deep, 0.295, last),
                corner(out, 0.225, last),
                corner(out, 0.225, first),
            ],
            tone,
        )
        pen.polygon(
            [corner(out, 0.226, first), corner(out, 0.226, last), corner(out, 0.203, last), corner(out, 0.203, first)],
            blend(tone, (30, 18, 20), 0.25),
        )
    for away in (near, far):
        pen.line([corner(out + 0.01, 0.0, away), corner(out + 0.01, 0.225, away)], counter, 0.006 / away)


def draw_lantern(pen: Pen, street: Street, lantern: Lantern, way: int) -> None:
    x, y = street.at(lantern.across, way * lantern.height, lantern.away)
    radius = lantern.size / lantern.away * street.size
    tall = radius * lantern.tall
    core = blend(lantern.colour, (255, 246, 214), 0.62)
    edge = blend(lantern.colour, (140, 30, 10), 0.3)
    pen.ellipse(x, y, radius, tall, edge)
    for step in range(1, 6):
        t = step / 6
        pen.ellipse(
            x, y + way * tall * 0.1 * t, radius * (1 - 0.72 * t**1.3), tall * (1 - 0.5 * t), blend(edge, core, t**0.8)
        )
    if radius > 0.014:
        for rib in range(-3, 4):
            level = rib / 4
            half = radius * math.sqrt(1 - level * level)
            arc = [(x + half * s, y + tall * level + tall * 0.06 * (1 - s * s)) for s in (-1.0, -0.5, 0.0, 0.5, 1.0)]
            pen.line(arc, blend(lantern.colour, core, 0.35), radius * 0.035)
    dark = (46, 24, 20)
    for end in (-1, 1):
        pen.rectangle(
            x - radius * 0.34, y + end * tall - radius * 0.07, x + radius * 0.34, y + end * tall + radius * 0.07, dark
        )
    pen.line([(x, y + way * tall), (x, y + way * (tall + radius * 0.7))], edge, radius * 0.1)


def draw_person(pen: Pen, x: float, foot: float, size: float, way: int, bend: float) -> None:
    """Draw a walking figure in a coat."""

    def at(dx: float, dy: float) -> Point:
        return x + dx * size, foot - way * dy * size

    pen.polygon([at(-0.13 + 0.05 * bend, 0.0), at(-0.07 + 0.05 * bend, 0.0), at(0.01, 0.42), at(-0.12, 0.42)], 255)
    pen.polygon([at(0.06 + 0.1 * bend, 0.01), at(0.12 + 0.1 * bend, 0.01), at(0.1, 0.42), at(-0.02, 0.42)], 255)
    pen.polygon(
        spline(
            [
                at(-0.14, 0.34),
                at(0.14, 0.34),
                at(0.13, 0.6),
                at(0.13, 0.78),
                at(0.04, 0.85),
                at(-0.06, 0.85),
                at(-0.14, 0.77),
                at(-0.13, 0.58),
            ],
            steps=5,
        ),
        255,
    )
    pen.circle(*at(0.01 * bend, 0.92), 0.068 * size, 255)

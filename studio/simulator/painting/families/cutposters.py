"""Posters cut from paper: a sun, hills, stalls and big letters."""

from __future__ import annotations

import math

from studio.simulator.painting.colour import Colour, blend, contrasting, lighter, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.letters import can_cut, cut_line, cut_width
from studio.simulator.painting.sheet import Pen, Point, Sheet, around
from studio.simulator.painting.words import Scene, title


def paint_cut(scene: Scene, rng: Random) -> Sheet:
    """Lay a sun, hills and big cut letters as paper, each with its shadow."""
    night = scene.palette.dark or scene.has("night")
    if night:
        glow = rgb("#8c3f72")
        ground: Colour = rgb(("#1a1a3d", "#10283d", "#2a1638")[int(rng.integers(3))])
        letters = rgb("#fbf0dc")
    else:
        glow = scene.palette.inks[1]
        ground = scene.ground or blend(scene.palette.paper, scene.palette.inks[1], 0.25)
        letters = contrasting(ground, rgb("#fbf0dc"), rgb("#231f26"))
    sun = scene.accent or rgb("#f08a2a")
    sheet = Sheet(*scene.size, ground)
    right, bottom = sheet.right, sheet.bottom
    place = (right * float(rng.choice([0.5, 0.42, 0.6])), bottom * float(rng.uniform(0.34, 0.42)))
    radius = min(0.34 * right, 0.26 * bottom) * float(rng.uniform(0.92, 1.15))
    _sun_rays(sheet, rng, place, radius, blend(ground, glow, 0.4))
    for share, tone in ((1.0, sun), (0.72, lighter(sun, 0.09))):
        with sheet.paper(tone, around([place], radius * 1.05)) as pen:
            _wobbly_disc(pen, rng, place, radius * share)
    colours = [
        blend(ground, rgb("#c2477a"), 0.55),
        blend(ground, rgb("#e2703f"), 0.5),
        rgb("#1f6b6a"),
        lighter(ground, -0.06),
    ]
    rng.shuffle(colours)
    for index, colour in enumerate(colours):
        level = bottom * (0.5 + 0.075 * index)
        with sheet.paper(colour, (0, level - 0.12, right, bottom)) as pen:
            _hill(pen, rng, right, bottom, level)
    if scene.has("market", "festival", "lantern", "night"):
        _stall_row(sheet, rng, right, bottom, sun)
    _cut_title(sheet, scene, rng, letters, sun)
    return sheet


def _wobbly_disc(pen: Pen, rng: Random, place: tuple[float, float], radius: float) -> None:
    sides = 34
    pen.polygon(
        [
            (
                place[0] + radius * float(rng.normal(1, 0.006)) * math.cos(math.tau * side / sides),
                place[1] + radius * float(rng.normal(1, 0.006)) * math.sin(math.tau * side / sides),
            )
            for side in range(sides)
        ],
        255,
    )


def _sun_rays(sheet: Sheet, rng: Random, place: Point, radius: float, colour: Colour) -> None:
    half = 0.055
    count = int(rng.choice([14, 18, 22]))
    with sheet.paper(colour, around([place], radius * 2.2)) as pen:
        for index in range(count):
            middle = math.tau * index / count + float(rng.normal(0, 0.02))
            far = radius * float(rng.uniform(1.75, 2.1))
            corners = ((radius * 1.2, -half), (far, -half * 0.9), (far, half * 0.9), (radius * 1.2, half))
            pen.polygon(
                [
                    (place[0] + r * math.cos(middle + turn), place[1] + r * math.sin(middle + turn))
                    for r, turn in corners
                ],
                255,
            )


def _hill(pen: Pen, rng: Random, right: float, bottom: float, level: float) -> None:
    steps = 12
    phase = float(rng.uniform(0, math.tau))
    points = []
    for step in range(steps + 1):
        x = right * step / steps
        y = level - 0.045 * math.sin(x * 3.2 / max(1, right) + phase) - 0.012 * float(rng.standard_normal())
        points.append((x, y))
    pen.polygon(
        [
            (-0.1, points[0][1]),
            *points,
            (right + 0.1, points[-1][1]),
            (right + 0.1, bottom + 0.1),
            (-0.1, bottom + 0.1),
        ],
        255,
    )


def _stall_row(sheet: Sheet, rng: Random, right: float, bottom: float, sun: Colour) -> None:
    count = max(3, round(right / 0.3))
    wide = right / count
    cloths = [sun, rgb("#d94f4a"), rgb("#2f8f86"), rgb("#e8b84a")]
    for index in range(count):
        left, span = wide * (index + 0.1), wide * 0.8
        top = bottom * 0.655 - 0.09 + float(rng.normal(0, 0.012))
        box = (left - 0.02, top - 0.02, left + span + 0.02, top + 0.2)
        with sheet.paper(rgb("#f3dfb8"), box) as pen:
            for post in (0.12, 0.88):
                pen.rectangle(left + span * (post - 0.02), top + 0.06, left + span * (post + 0.02), top + 0.17, 255)
            pen.rectangle(left + span * 0.06, top + 0.12, left + span * 0.94, top + 0.18, 255)
        with sheet.paper(cloths[int(rng.integers(len(cloths)))], box) as pen:
            shoulders = [(left + span * 0.12, top), (left + span * 0.88, top)]
            pen.polygon([*shoulders, (left + span, top + 0.06), (left, top + 0.06)], 255)
            for scallop in range(5):
                pen.circle(left + span * (scallop + 0.5) / 5, top + 0.06, span / 10, 255)


def _cut_title(sheet: Sheet, scene: Scene, rng: Random, letters: Colour, sun: Colour) -> None:
    words = [word for word in title(scene, "Open").upper().split() if can_cut(word)][:2] or ["OPEN"]
    right, bottom = sheet.right, sheet.bottom
    margin = 0.07 * min(1.0, right)
    room = bottom * 0.27
    sizes = [min((right - 2 * margin) / cut_width(word), room / len(words) * 0.92) for word in words]
    top = bottom - margin * 0.9 - sum(sizes) - 0.03 * (len(words) - 1)
    for index, (word, height) in enumerate(zip(words, sizes, strict=True)):
        width = cut_width(word) * height
        left = (right - width) / 2
        box = (left - 0.04, top - 0.04, left + width + 0.04, top + height + 0.04)
        with sheet.paper(letters if index % 2 == 0 else lighter(sun, 0.12), box) as pen:
            cut_line(pen, rng, word, left, top, height)
        top += height + 0.03

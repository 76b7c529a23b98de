"""What the panels of a manga page show."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, Floats
from studio.simulator.painting.fields import Random, as_mask, clouds, grid, smoothstep
from studio.simulator.painting.letters import can_cut, cut_line, cut_width
from studio.simulator.painting.sheet import Pen, Point, Sheet, spline
from studio.simulator.painting.words import Scene, title

from .mountains import draw_pine
from .street import draw_person

BLACK: Colour = (14, 14, 16)


PAPER: Colour = (252, 251, 248)


# Screentone dots, in units of the page's short side.
DOT = 0.0068


Panel = Callable[[Sheet, Scene, Random, float], None]


def screentone(sheet: Sheet, tone: Floats, scale: float) -> None:
    """Lay dots over the sheet; tone 0..1 is the share of black, at any size; scale is page units in sheet units."""
    x, y = grid(sheet.width, sheet.height)
    dot = np.float32(DOT * scale)
    u, v = (x + y) * np.float32(math.pi * 1.414 / dot / 2), (x - y) * np.float32(math.pi * 1.414 / dot / 2)
    screen = 0.5 + 0.25 * (np.cos(u) + np.cos(v))
    if tone.shape != screen.shape:
        image = Image.fromarray(np.ascontiguousarray(tone, np.float32))
        tone = np.asarray(image.resize(sheet.size, Image.Resampling.BILINEAR), np.float32)
    soft = np.float32(min(0.3, 1.1 / (float(dot) * sheet.unit)))
    sheet.lay(BLACK, as_mask(smoothstep(-1, 1, (tone - screen) / soft) * (tone > 0.02)))


def _fall(sheet: Sheet, start: float, end: float, low: float, high: float) -> Floats:
    """Make a tone that changes from top to bottom, on a narrow strip."""
    y = np.linspace(0, 1, 96, dtype=np.float32)[:, None]
    return np.repeat(low + (high - low) * smoothstep(start, end, y), 8, axis=1)


def paint_view(sheet: Sheet, scene: Scene, rng: Random, scale: float) -> None:
    right, bottom = sheet.right, sheet.bottom
    screentone(sheet, _fall(sheet, 0.7, 0.0, 0.0, 0.62), scale)
    x, y, radius = right * float(rng.uniform(0.25, 0.75)), bottom * 0.36, 0.2 * min(right, bottom)
    with sheet.pen() as pen:
        pen.circle(x, y, radius + 0.004 * scale, BLACK)
        pen.circle(x, y, radius, PAPER)
        _clouds(pen, rng, right, bottom, scale)
        if scene.has("sea", "ocean", "harbour", "harbor", "ship", "beach", "island", "sailor", "pirate"):
            _ink_sea(pen, rng, right, bottom, scale)
        elif scene.has("mountain", "mountains", "forest", "samurai", "temple", "hill", "snow", "village"):
            _ink_hills(pen, rng, right, bottom, scale)
        else:
            _ink_city(pen, rng, right, bottom, scale)


def _clouds(pen: Pen, rng: Random, right: float, bottom: float, scale: float) -> None:
    for _ in range(3):
        x, y = float(rng.uniform(0, 1)) * right, bottom * float(rng.uniform(0.18, 0.5))
        puffs = [
            (x + (index - 2.5) * 0.055, y - 0.03 * float(rng.random()), 0.034 + 0.03 * float(rng.random()))
            for index in range(6)
        ]
        for grow, tone in ((0.0034 * scale, BLACK), (0.0, PAPER)):
            for px, py, radius in puffs:
                pen.circle(px, py, radius + grow, tone)
            pen.rectangle(x - 0.17, y, x + 0.18, y + 0.035 + grow, tone)


def _ink_city(pen: Pen, rng: Random, right: float, bottom: float, scale: float) -> None:
    for layer in range(2):
        x = -0.02
        while x < right + 0.02:
            wide = float(rng.uniform(0.06, 0.13))
            top = bottom - bottom * float(rng.uniform(0.2, 0.5)) * (1.15 if layer == 0 else 0.75)
            if layer == 0:
                pen.rectangle(x, top, x + wide, bottom, BLACK)
                pen.rectangle(x + 0.003 * scale, top + 0.003 * scale, x + wide - 0.003 * scale, bottom, PAPER)
                for row in range(int((bottom - top) / 0.022)):
                    pen.line(
                        [(x + 0.012, top + 0.02 + row * 0.022), (x + wide - 0.012, top + 0.02 + row * 0.022)],
                        BLACK,
                        0.0016 * scale,
                    )
            else:
                pen.rectangle(x, top, x + wide, bottom, BLACK)
                for row in range(int((bottom - top) / 0.034)):
                    for column in range(int(wide / 0.026)):
                        if rng.random() < 0.34:
                            wx, wy = x + 0.009 + column * 0.026, top + 0.016 + row * 0.034
                            pen.rectangle(wx, wy, wx + 0.011, wy + 0.016, PAPER)
            x += wide * float(rng.uniform(0.9, 1.15))


def _ink_hills(pen: Pen, rng: Random, right: float, bottom: float, scale: float) -> None:
    for layer in range(3):
        phase, base = float(rng.uniform(0, 6)), bottom * (0.5 + 0.16 * layer)
        crest = [
            (
                right * s / 80,
                base - bottom * 0.16 * abs(math.sin(right * s / 80 * (2.6 + layer) + phase)) * (1 - 0.25 * layer),
            )
            for s in range(81)
        ]
        pen.polygon([*crest, (right, bottom), (0, bottom)], BLACK if layer == 2 else PAPER)
        pen.line(crest, BLACK, 0.004 * scale)
        if layer < 2:
            for x, y in crest[::2]:
                pen.line([(x, y), (x + 0.02, y + 0.05 * float(rng.random()))], BLACK, 0.0016 * scale)
        else:
            for x, y in crest[::3]:
                draw_pine(pen, rng, x, y + 0.02, bottom * float(rng.uniform(0.12, 0.26)), BLACK)


def _ink_sea(pen: Pen, rng: Random, right: float, bottom: float, scale: float) -> None:
    level = bottom * 0.62
    pen.rectangle(-0.1, level, right + 0.1, bottom + 0.1, PAPER)
    pen.line([(0, level), (right, level)], BLACK, 0.004 * scale)
    for row in range(9):
        y = level + (bottom - level) * ((row + 0.6) / 9) ** 1.5
        swing = 0.004 + 0.014 * row / 9
        phase = float(rng.uniform(0, 6))
        x = float(rng.uniform(-0.2, 0))
        while x < right:
            long = float(rng.uniform(0.06, 0.3))
            curve = [(x + long * s / 20, y + swing * math.sin(18 * (x + long * s / 20) + phase)) for s in range(21)]
            pen.line(curve, BLACK, (0.0014 + 0.0005 * row) * scale)
            x += long + float(rng.uniform(0.03, 0.16))
    x = right * float(rng.uniform(0.3, 0.7))
    size = 0.2 * bottom
    pen.polygon(
        [
            (x - size * 0.7, level + size * 0.1),
            (x + size * 0.8, level + size * 0.1),
            (x + size * 0.55, level + size * 0.38),
            (x - size * 0.5, level + size * 0.38),
        ],
        BLACK,
    )
    pen.polygon([(x, level - size * 1.4), (x, level), (x - size * 0.55, level)], PAPER)
    pen.line(
        [(x, level - size * 1.4), (x - size * 0.55, level), (x, level), (x, level - size * 1.5)], BLACK, 0.004 * scale
    )
    pen.polygon(
        [(x + 0.01, level - size * 1.2), (x + size * 0.6, level - size * 0.05), (x + 0.01, level - size * 0.05)], BLACK
    )


def _focus_lines(pen: Pen, rng: Random, sheet: Sheet, centre: Point, hole: tuple[float, float], count: int) -> None:
    far = sheet.right + sheet.bottom
    for _ in range(count):
        angle, half = float(rng.uniform(0, math.tau)), float(rng.uniform(0.0025, 0.012))
        share = float(rng.uniform(1.0, 1.4))
        tip = (centre[0] + hole[0] * share * math.cos(angle), centre[1] + hole[1] * share * math.sin(angle))
        ends = [
            (centre[0] + far * math.cos(angle + turn), centre[1] + far * math.sin(angle + turn))
            for turn in (-half, half)
        ]
        pen.polygon([tip, *ends], BLACK)


def paint_face(sheet: Sheet, scene: Scene, rng: Random, scale: float) -> None:
    size = min(0.36, sheet.bottom * 0.34, sheet.right * 0.36)
    x, y = sheet.right * float(rng.uniform(0.42, 0.58)), sheet.bottom * 0.48
    hand, ink = float(rng.choice([-1.0, 1.0])), 0.0036 * scale
    with sheet.pen() as pen:
        _focus_lines(pen, rng, sheet, (x, y), (size * 1.35, size * 1.45), 130)

    def at(px: float, py: float) -> Point:
        return x + px * hand * size, y + py * size

    def shape(*points: Point) -> list[Point]:
        return spline([at(px, py) for px, py in points], steps=8)

    with sheet.pen() as pen:
        pen.polygon([at(-1.6, 2.6), at(-1.35, 1.5), at(-0.45, 1.2), at(0.45, 1.2), at(1.35, 1.5), at(1.6, 2.6)], BLACK)
        pen.polygon([at(-0.32, 0.7), at(-0.34, 1.24), at(0, 1.7), at(0.34, 1.24), at(0.32, 0.7)], PAPER)
        pen.line([at(-0.5, 1.18), at(0, 1.85), at(0.5, 1.18)], PAPER, ink)
        jaw = shape(
            (-0.78, -0.3),
            (-0.76, 0.2),
            (-0.55, 0.66),
            (-0.05, 1.02),
            (0.5, 0.68),
            (0.75, 0.2),
            (0.78, -0.3),
            (0.4, -0.95),
            (-0.4, -0.95),
        )
        pen.polygon(jaw, PAPER)
        pen.line([*jaw, jaw[0]], BLACK, ink * 1.4)
        _manga_eyes(pen, at, size, ink, surprised=rng.random() < 0.5)
        pen.line([at(0.02, 0.3), at(0.08, 0.42), at(0.0, 0.45)], BLACK, ink)
        if rng.random() < 0.5:
            pen.polygon(shape((-0.16, 0.62), (0.14, 0.6), (0.06, 0.8), (-0.08, 0.8)), BLACK)
        else:
            pen.line(spline([at(-0.16, 0.66), at(0, 0.69), at(0.17, 0.63)], closed=False), BLACK, ink * 1.3)
        _spiky_hair(pen, rng, at)


def _manga_eyes(pen: Pen, at: Callable[[float, float], Point], size: float, ink: float, *, surprised: bool) -> None:
    tall = 0.24 if surprised else 0.19
    for side in (-1, 1):
        middle = side * 0.36
        pen.ellipse(*at(middle, 0.1), size * 0.15, size * tall, BLACK)
        pen.ellipse(*at(middle, 0.14), size * 0.1, size * tall * 0.62, (120, 120, 122))
        pen.ellipse(*at(middle, 0.09), size * 0.06, size * tall * 0.46, BLACK)
        pen.circle(*at(middle - 0.05, 0.0), size * 0.05, PAPER)
        pen.circle(*at(middle + 0.05, 0.2), size * 0.024, PAPER)
        lid = spline([at(middle - 0.22, 0.0), at(middle, 0.1 - tall - 0.03), at(middle + 0.22, -0.01)], closed=False)
        pen.line(lid, BLACK, ink * 2.4, round_ends=True)
        brow = spline(
            [at(middle - 0.2, -0.3 + 0.05 * side), at(middle, -0.36), at(middle + 0.2, -0.3 - 0.05 * side)],
            closed=False,
        )
        pen.line(brow, BLACK, ink * 1.9, round_ends=True)


def _spiky_hair(pen: Pen, rng: Random, at: Callable[[float, float], Point]) -> None:
    crown = []
    for spike in range(13):
        angle = math.pi * (1.08 - 1.16 * spike / 12)
        for share, radius in ((0.0, 1.12), (0.5, float(rng.uniform(1.42, 1.66)))):
            turn = angle - share * math.pi * 1.16 / 12
            crown.append(at(radius * 0.84 * math.cos(turn), -0.12 - radius * math.sin(turn)))
    fringe = []
    for lock in range(7):
        px = 0.82 - 1.64 * lock / 6
        fringe += [at(px, -0.5 + 0.12 * abs(px)), at(px - 0.17, float(rng.uniform(-0.3, -0.08)))]
    pen.polygon([*crown, at(0.86, 0.1), at(0.76, -0.2), *fringe[:-1], at(-0.76, -0.2), at(-0.88, 0.12)], BLACK)
    for lock in range(4):
        px = -0.45 + 0.28 * lock
        pen.line(spline([at(px, -1.0), at(px + 0.07, -0.86), at(px + 0.1, -0.7)], closed=False), PAPER, 0.008)


def paint_eyes(sheet: Sheet, scene: Scene, rng: Random, scale: float) -> None:
    screentone(sheet, _fall(sheet, 0.55, 0.0, 0.0, 0.7), scale)
    size = min(sheet.right * 0.42, sheet.bottom * 0.85)
    x, y, ink = sheet.right / 2, sheet.bottom * 0.52, 0.0036 * scale

    def at(px: float, py: float) -> Point:
        return x + px * size, y + py * size

    with sheet.pen() as pen:
        for side in (-1, 1):
            middle = side * 0.58
            lens = spline(
                [at(middle - 0.34, 0.05), at(middle - 0.05, -0.2), at(middle + 0.34, 0.0), at(middle + 0.05, 0.22)]
            )
            pen.polygon(lens, PAPER)
            pen.ellipse(*at(middle, 0.0), size * 0.175, size * 0.2, BLACK)
            for ray in range(22):
                angle = math.tau * ray / 22
                pen.line(
                    [
                        at(middle + 0.06 * math.cos(angle), 0.07 * math.sin(angle)),
                        at(middle + 0.15 * math.cos(angle), 0.17 * math.sin(angle)),
                    ],
                    (150, 150, 150),
                    ink * 0.7,
                )
            pen.ellipse(*at(middle, 0.0), size * 0.075, size * 0.085, BLACK)
            pen.circle(*at(middle - 0.07, -0.08), size * 0.05, PAPER)
            upper = spline([at(middle - 0.38, 0.06), at(middle - 0.05, -0.24), at(middle + 0.38, -0.01)], closed=False)
            pen.line(upper, BLACK, ink * 4.5, round_ends=True)
            pen.line(
                spline([at(middle - 0.2, 0.21), at(middle + 0.05, 0.25), at(middle + 0.26, 0.17)], closed=False),
                BLACK,
                ink * 1.4,
            )
            pen.polygon(
                [
                    at(middle - side * 0.36, -0.3),
                    at(middle + side * 0.38, -0.5),
                    at(middle + side * 0.4, -0.42),
                    at(middle - side * 0.32, -0.2),
                ],
                BLACK,
            )
        pen.line([at(0.02, 0.32), at(0.06, 0.46)], BLACK, ink * 1.3)


def paint_rush(sheet: Sheet, scene: Scene, rng: Random, scale: float) -> None:
    with sheet.pen() as pen:
        pen.rectangle(-0.1, -0.1, sheet.right + 0.1, sheet.bottom + 0.1, BLACK)
        for _ in range(110):
            y = float(rng.random()) * sheet.bottom
            start, long = float(rng.uniform(-0.3, 1.0)) * sheet.right, float(rng.uniform(0.2, 1.0)) * sheet.right
            thick = float(rng.uniform(0.0008, 0.005)) * scale
            pen.polygon([(start, y - thick / 2), (start + long, y), (start, y + thick / 2)], PAPER)
        size, x, foot = min(sheet.bottom * 0.62, sheet.right * 0.7), sheet.right * 0.56, sheet.bottom * 0.86
        runner = [
            (-0.36, 0.32),
            (-0.16, 0.36),
            (0.0, 0.52),
            (-0.1, 0.74),
            (-0.3, 0.62),
            (-0.36, 0.68),
            (-0.12, 0.9),
            (0.08, 0.86),
            (0.2, 0.68),
            (0.4, 0.74),
            (0.42, 0.66),
            (0.2, 0.56),
            (0.13, 0.52),
            (0.24, 0.3),
            (0.42, 0.06),
            (0.34, 0.0),
            (0.1, 0.28),
            (0.02, 0.38),
            (-0.12, 0.25),
            (-0.38, 0.22),
        ]
        shape = [(x + px * size, foot - py * size) for px, py in runner]
        pen.polygon(shape, PAPER)
        pen.circle(x + 0.1 * size, foot - 0.98 * size, 0.095 * size, PAPER)


def paint_walker(sheet: Sheet, scene: Scene, rng: Random, scale: float) -> None:
    field = clouds((96, 96), 40.0, rng, octaves=3)
    fall = np.linspace(0.75, 0.02, 96, dtype=np.float32)[:, None]
    screentone(sheet, np.clip(fall + field * 0.08, 0, 0.8), scale)
    ground = sheet.bottom * 0.84
    with sheet.pen() as pen:
        pen.rectangle(-0.1, ground, sheet.right + 0.1, sheet.bottom + 0.1, PAPER)
        pen.line([(0, ground), (sheet.right, ground)], BLACK, 0.004 * scale)
        size = sheet.bottom * 0.42
        x = sheet.right * float(rng.uniform(0.35, 0.65))
        for line in range(9):
            y = ground + (sheet.bottom - ground) * (line + 1) / 10
            pen.line([(x - 0.02 - line * 0.03, y), (x + size * 0.5 + line * 0.05, y + 0.004)], BLACK, 0.0016 * scale)
    with sheet.stencil(BLACK) as pen:
        draw_person(pen, x, ground + 0.01, size, 1, float(rng.uniform(-0.3, 0.3)))
    _bubble(sheet, rng, (sheet.right * 0.5, sheet.bottom * 0.2), min(sheet.right * 0.34, 0.42), scale, "...")


def _bubble(sheet: Sheet, rng: Random, centre: Point, wide: float, scale: float, words: str) -> None:
    tall = min(wide * 0.52, sheet.bottom * 0.15)
    with sheet.pen() as pen:
        for grow, tone in ((0.0042 * scale, BLACK), (0.0, PAPER)):
            pen.ellipse(*centre, wide + grow, tall + grow, tone)
        tail = [
            (centre[0] - wide * 0.1, centre[1] + tall * 0.92),
            (centre[0] + wide * 0.02, centre[1] + tall * 1.5),
            (centre[0] + wide * 0.14, centre[1] + tall * 0.92),
        ]
        pen.polygon(tail, PAPER)
        pen.line(tail, BLACK, 0.0042 * scale)
        pen.text(*centre, words, tall * 1.0, BLACK, anchor="mm", weight=0.03)


def paint_burst(sheet: Sheet, scene: Scene, rng: Random, scale: float) -> None:
    x, y = sheet.right / 2, sheet.bottom / 2
    screentone(sheet, np.full((4, 4), 0.34, np.float32), scale)
    word = title(scene, "Boom").split()[0].upper()
    word = word if can_cut(word) and len(word) <= 7 else ("BOOM", "CRACK", "WHOOSH", "BAM")[int(rng.integers(4))]
    with sheet.pen() as pen:
        _focus_lines(pen, rng, sheet, (x, y), (sheet.right * 0.5, sheet.bottom * 0.5), 60)
        for grow, tone in ((1.04, BLACK), (1.0, PAPER)):
            points = []
            for spike in range(30):
                angle = math.tau * spike / 30
                share = (0.46 if spike % 2 else 0.33) * grow
                points.append((x + sheet.right * share * math.cos(angle), y + sheet.bottom * share * math.sin(angle)))
            pen.polygon(points, tone)
    height = min(sheet.right * 0.56 / cut_width(word), sheet.bottom * 0.3)
    with sheet.stencil(BLACK) as pen:
        cut_line(pen, rng, word, x - cut_width(word) * height / 2, y - height / 2, height)

"""A glass house: panes, iron, plants and snow on the roof."""

from __future__ import annotations

import math

import numpy as np

from studio.simulator.painting.colour import Colour, blend, lighter, rgb
from studio.simulator.painting.fields import Random, outline
from studio.simulator.painting.sheet import Pen, Point, Sheet, spline
from studio.simulator.painting.words import Scene

WARM = (rgb("#fff0c0"), rgb("#ffc768"), rgb("#f5953f"))


def paint_house(
    sheet: Sheet, scene: Scene, rng: Random, x: float, foot: float, half: float, snow: Colour | None, glowing: bool
) -> None:
    wall = half * 0.5
    eaves, ridge = foot - wall, foot - wall - half * 0.27
    porch, gable = half * 0.27, ridge - half * 0.26
    iron = blend(scene.palette.near, rgb("#26332f"), 0.5)
    tones = WARM if glowing else (rgb("#eaf3ee"), rgb("#bcd6d0"), rgb("#8fb3ac"))
    left, right = x - half, x + half
    shell: list[Point] = [
        (left, foot),
        (left, eaves),
        (left + half * 0.16, ridge),
        (right - half * 0.16, ridge),
        (right, eaves),
        (right, foot),
    ]
    front: list[Point] = [
        (x - porch, foot),
        (x - porch, eaves - half * 0.04),
        (x, gable),
        (x + porch, eaves - half * 0.04),
        (x + porch, foot),
    ]
    light = sheet.gradient(
        (blend(tones[2], scene.palette.near, 0.25), tones[1], tones[0], tones[1]),
        [0, ridge / sheet.bottom, (foot - wall * 0.42) / sheet.bottom, min(1.0, foot / sheet.bottom)],
    )
    box = (left - 0.1, gable - 0.12, right + 0.1, foot + 0.06)
    with sheet.stencil((10, 14, 26), opacity=0.4, soften=0.012, box=box) as pen:
        pen.rectangle(left - 0.008, foot - 0.01, right + 0.008, foot + 0.018, 255)
    with sheet.stencil(light, box=box) as pen:
        pen.polygon(shell, 255)
        pen.polygon(front, 255)
    _grow(sheet, rng, x, foot, half, wall, box, blend(rgb("#3a4a24"), tones[2], 0.18))
    with sheet.stencil(lighter(tones[0], 0.02), opacity=0.35, soften=0.02, box=box) as pen:
        for lamp in range(5):
            pen.circle(left + half * (0.2 + 0.4 * lamp), eaves + wall * 0.12, 0.02, 255)
    with sheet.pen(box) as pen:
        for lamp in range(5):
            pen.circle(
                left + half * (0.2 + 0.4 * lamp),
                eaves + wall * 0.12,
                half * 0.016,
                (255, 250, 226) if glowing else tones[0],
            )
        _frame(pen, x, foot, half, wall, eaves, ridge, porch, gable, iron)
    if snow:
        _cap(sheet, rng, snow, x, half, eaves, ridge, porch, gable, box)


def _grow(
    sheet: Sheet,
    rng: Random,
    x: float,
    foot: float,
    half: float,
    wall: float,
    box: tuple[float, float, float, float],
    leaf: Colour,
) -> None:
    for depth, opacity in ((0, 0.42), (1, 0.86)):
        with sheet.stencil(leaf, opacity=opacity, soften=0.0045 if depth == 0 else 0.001, box=box) as pen:
            for _ in range(13):
                base = x + float(rng.uniform(-0.92, 0.92)) * half
                tall = wall * float(rng.uniform(0.35, 1.05)) * (1.1 if depth == 0 else 0.8)
                kind = int(rng.integers(3))
                if kind == 0:
                    pen.line([(base, foot), (base + 0.004, foot - tall)], 255, half * 0.014)
                    for frond in range(9):
                        angle = math.pi * (0.08 + 0.84 * frond / 8)
                        reach = tall * 0.42
                        tip = (
                            base + reach * math.cos(angle),
                            foot - tall - reach * 0.5 * math.sin(angle) + reach * 0.28,
                        )
                        bend = (base + reach * 0.5 * math.cos(angle), foot - tall - reach * 0.62 * math.sin(angle))
                        pen.line(spline([(base, foot - tall), bend, tip], closed=False, steps=6), 255, half * 0.016)
                elif kind == 1:
                    for _ in range(16):
                        pen.circle(
                            base + float(rng.normal(0, 0.1)) * wall,
                            foot - tall * float(rng.uniform(0.15, 0.8)),
                            wall * float(rng.uniform(0.03, 0.075)),
                            255,
                        )
                else:
                    for blade in range(7):
                        lean = (blade - 3) * 0.1 * tall
                        pen.polygon(
                            [
                                (base - 0.006, foot),
                                (base + lean, foot - tall * float(rng.uniform(0.5, 0.8))),
                                (base + 0.006, foot),
                            ],
                            255,
                        )
            pen.rectangle(x - half, foot - wall * 0.1, x + half, foot, 255)


def _frame(
    pen: Pen,
    x: float,
    foot: float,
    half: float,
    wall: float,
    eaves: float,
    ridge: float,
    porch: float,
    gable: float,
    iron: Colour,
) -> None:
    thin, thick = half * 0.0085, half * 0.018
    left, right = x - half, x + half
    panes = 14
    for index in range(panes + 1):
        t = index / panes
        bottom = left + (right - left) * t
        top = left + half * 0.16 + (right - left - half * 0.32) * t
        if abs(bottom - x) > porch + 0.004:
            pen.line([(bottom, foot), (bottom, eaves)], iron, thick if index in (0, panes) else thin)
        pen.line([(bottom, eaves), (top, ridge)], iron, thick if index in (0, panes) else thin)
    for share in (0.34, 0.67):
        level = foot - wall * share
        pen.line([(left, level), (x - porch, level)], iron, thin)
        pen.line([(x + porch, level), (right, level)], iron, thin)
    level = (eaves + ridge) / 2
    pen.line([(left + half * 0.08, level), (right - half * 0.08, level)], iron, thin)
    pen.line([(left, eaves), (right, eaves)], iron, thick)
    pen.line([(left + half * 0.16, ridge), (right - half * 0.16, ridge)], iron, thick)
    top = eaves - half * 0.04
    for index in range(7):
        across = x - porch + 2 * porch * index / 6
        apex = top - (top - gable) * (1 - abs(across - x) / porch)
        pen.line([(across, foot), (across, apex)], iron, thick if index in (0, 6) else thin)
    pen.line(
        [(x - porch * 1.08, top + half * 0.02), (x, gable - half * 0.02), (x + porch * 1.08, top + half * 0.02)],
        iron,
        thick * 1.3,
    )
    for share in (0.36, 0.72, 1.0):
        pen.line(
            [(x - porch, foot - wall * share), (x + porch, foot - wall * share)], iron, thin if share < 1 else thick
        )
    door = porch * 0.34
    pen.line(
        [(x - door, foot), (x - door, foot - wall * 0.72), (x + door, foot - wall * 0.72), (x + door, foot)],
        iron,
        thick,
    )
    pen.line([(x, gable), (x, gable - half * 0.12)], iron, thin)
    pen.circle(x, gable - half * 0.12, half * 0.012, iron)
    for start, end in ((left - half * 0.012, x - porch), (x + porch, right + half * 0.012)):
        pen.rectangle(start, foot - wall * 0.12, end, foot + 0.004, blend(iron, (90, 84, 84), 0.45))


def _cap(
    sheet: Sheet,
    rng: Random,
    snow: Colour,
    x: float,
    half: float,
    eaves: float,
    ridge: float,
    porch: float,
    gable: float,
    box: tuple[float, float, float, float],
) -> None:
    white = lighter(snow, 0.1)
    left, right = x - half, x + half
    with sheet.stencil(white, soften=0.0008, box=box) as pen:
        across = np.linspace(left + half * 0.14, right - half * 0.14, 40)
        lumps = outline(np.linspace(0, 9, 40, dtype=np.float32), rng, octaves=3)
        top = [(float(a), ridge - half * 0.035 - 0.008 * half * float(b)) for a, b in zip(across, lumps, strict=True)]
        low = [(float(a), ridge + half * (0.018 + 0.02 * abs(float(b)))) for a, b in zip(across, lumps, strict=True)]
        pen.polygon([*top, *reversed(low)], 255)
        for start, end in ((left, x - porch * 1.1), (x + porch * 1.1, right)):
            span = np.linspace(start - half * 0.015, end, 24)
            drops = np.abs(outline(np.linspace(0, 8, 24, dtype=np.float32), rng, octaves=3)) * half * 0.02
            pen.polygon(
                [
                    *((float(a), eaves - half * 0.022) for a in span),
                    *((float(a), eaves + half * 0.004 + float(d)) for a, d in zip(span[::-1], drops, strict=True)),
                ],
                255,
            )
        pen.line(
            [(x - porch * 1.1, eaves - half * 0.05), (x, gable - half * 0.045), (x + porch * 1.1, eaves - half * 0.05)],
            255,
            half * 0.042,
            round_ends=True,
        )

"""A skyline and its reflection."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import blend, rgb
from studio.simulator.painting.fields import Random, blurred
from studio.simulator.painting.sheet import Pen, Sheet
from studio.simulator.painting.sky import paint_sky, place_sun
from studio.simulator.painting.words import Scene

from .mountains import mirror_below


def paint_city(scene: Scene, rng: Random) -> Image.Image:
    """Paint rows of towers, lit windows and the water before them."""
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    shore = sheet.bottom * float(rng.uniform(0.68, 0.76))
    night = palette.dark or scene.hour in ("dusk", "storm", "")
    sun = place_sun(scene, sheet, shore * 0.62, rng) if rng.random() < 0.6 or scene.has("moon", "sun") else None
    paint_sky(sheet, scene, rng, shore, sun, cloudy=0.6)
    rows = 4
    peak = sheet.right * float(rng.uniform(0.3, 0.7))
    for row in range(rows):
        t = row / (rows - 1)
        colour = blend(blend(palette.sky[-1], palette.far, 0.45 + 0.3 * t), palette.near, t**1.1 * 0.96)
        foot = blend(colour, palette.sky[-1], 0.5 * (1 - t))
        body = sheet.gradient((colour, colour, foot), [0, shore / sheet.bottom * 0.55, shore / sheet.bottom])
        towers = _plan(sheet, rng, row, rows, shore, peak)
        with sheet.stencil(body) as pen:
            for left, width, top in towers:
                _draw_tower(pen, rng, left, width, top, shore)
        if row:
            _light_windows(sheet, scene, rng, towers, shore, t, night)
    if night:
        warm = blend(rgb("#ffb765"), palette.accent, 0.3)
        sheet.glow([(sheet.right * share, shore - 0.03, 0.22, warm, 0.2) for share in (0.2, 0.45, 0.7, 0.9)])
    bloom = blurred(sheet.image, sheet.unit * 0.012)
    if night:
        sheet.screen(bloom.point([round(value * 0.22) for value in range(256)] * 3))
    mirror_below(sheet, scene, rng, shore)
    sheet.vignette(0.14)
    return sheet.image


def _plan(
    sheet: Sheet, rng: Random, row: int, rows: int, shore: float, peak: float
) -> list[tuple[float, float, float]]:
    t = row / (rows - 1)
    towers = []
    left = -0.04
    tallest = shore * (0.74 - 0.34 * t)
    while left < sheet.right + 0.04:
        width = float(rng.uniform(0.035, 0.095)) * (0.7 + 0.5 * t)
        centre = np.exp(-(((left - peak) / (0.34 * max(1.0, sheet.right * 0.8))) ** 2))
        height = tallest * (0.2 + (float(rng.random()) ** 1.7 * 0.75) * (0.45 + 0.75 * float(centre)))
        towers.append((left, width, shore - height))
        left += width * float(rng.uniform(0.82, 1.25))
    return towers


def _draw_tower(pen: Pen, rng: Random, left: float, width: float, top: float, shore: float) -> None:
    pen.rectangle(left, top, left + width, shore + 0.01, 255)
    kind = int(rng.integers(7))
    middle, height = left + width / 2, shore - top
    if kind == 0:
        pen.rectangle(left + width * 0.2, top - height * 0.08, left + width * 0.8, top, 255)
        pen.rectangle(left + width * 0.36, top - height * 0.14, left + width * 0.64, top, 255)
        pen.rectangle(middle - 0.001, top - height * 0.26, middle + 0.001, top, 255)
    elif kind == 1:
        pen.polygon([(left, top), (left + width, top), (left + width * 0.92, top - width * 0.5)], 255)
    elif kind == 2:
        pen.polygon([(left, top), (middle, top - width * 0.9), (left + width, top)], 255)
        pen.rectangle(middle - 0.0008, top - width * 1.6, middle + 0.0008, top - width * 0.8, 255)
    elif kind == 3:
        pen.rectangle(left + width * 0.15, top - 0.008, left + width * 0.45, top, 255)


def _light_windows(
    sheet: Sheet,
    scene: Scene,
    rng: Random,
    towers: list[tuple[float, float, float]],
    shore: float,
    t: float,
    night: bool,
) -> None:
    size = 0.0052 * (1 + 0.55 * t)
    warm = [rgb("#ffd58f"), rgb("#ffc070"), rgb("#fff0d0"), scene.palette.accent]
    if scene.hour == "neon":
        warm = [rgb("#25f0e0"), rgb("#ff4fa8"), rgb("#ffe28a"), rgb("#8f7bff")]
    share = 0.3 if night else 0.07
    dim = blend(scene.palette.near, scene.palette.far, 0.5 - 0.4 * t)
    with sheet.pen((0, 0, sheet.right, shore)) as pen:
        for left, width, top in towers:
            columns, rows = int((width - 0.006) / (size * 1.5)), int((shore - top - 0.012) / (size * 2.0))
            if columns < 1 or rows < 1:
                continue
            lit = rng.random((rows, columns)) < share * rng.uniform(0.3, 1.5)
            if rng.random() < 0.3:
                lit[rng.random(rows) < 0.2] = True
            bright = rng.uniform(0.35, 1.0, (rows, columns))
            tone = warm[int(rng.choice(4, p=(0.45, 0.3, 0.17, 0.08)))]
            inset = (width - columns * size * 1.5 + size * 0.5) / 2
            for row, column in zip(*np.nonzero(lit), strict=True):
                x, y = left + inset + column * size * 1.5, top + 0.008 + row * size * 2.0
                pen.rectangle(x, y, x + size * 0.9, y + size * 1.15, blend(dim, tone, float(bright[row, column])))

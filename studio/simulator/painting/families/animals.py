"""Animals that sit still: on a window sill or before a large sun."""

from __future__ import annotations

import math

from PIL import Image

from studio.simulator.painting.colour import blend, lighter, rgb
from studio.simulator.painting.fields import Random
from studio.simulator.painting.sheet import Pen, Point, Sheet, spline
from studio.simulator.painting.sky import Sun, paint_sky, paint_sun
from studio.simulator.painting.words import Scene

from .creatures import Coat, Creature

# Fur, second fur, eyes.
_COATS = {
    "cat": (
        "#d98a3f #f4dfc0 #6f8f3f", "#23222a #3a3842 #e0b13a", "#8d8f96 #e9e6e0 #7fa05a", "#efe7da #c98a52 #5f9fb5",
        "#4a3a32 #d9c3a6 #9fb04a",
    ),
    "dog": ("#b5793f #f1e0c4 #3a2418", "#efe6d6 #8a5a36 #2a1a14", "#2a2624 #b5793f #4a2f1a"),
    "fox": ("#d2622a #f6ead8 #3a2a18",),
    "rabbit": ("#cbb49a #f3eade #3a2520", "#e9e4dc #d9a9a0 #8a2f35", "#8a8580 #ded8d0 #2a2220"),
    "bear": ("#6b4630 #b58a62 #1a1210", "#efece4 #d5cfc2 #1a1416"),
    "owl": ("#7a5a3c #e6d2ac #e8a52c", "#8a8a90 #ecebe6 #f0b93a"),
}  # fmt: skip
_ALIASES = {
    "kitten": "cat", "kitty": "cat", "tomcat": "cat", "tiger": "cat", "lion": "cat", "puppy": "dog", "wolf": "dog",
    "horse": "dog", "panda": "bear", "bird": "owl", "crow": "owl", "deer": "rabbit",
}  # fmt: skip


def paint_animal(scene: Scene, rng: Random) -> Image.Image:
    """Paint the animal where it likes to sit."""
    kind = next((_ALIASES.get(word, word) for word in scene.order if word in _COATS or word in _ALIASES), "cat")
    codes = _COATS[kind]
    fur, pale, eye = (rgb(code) for code in codes[int(rng.integers(len(codes)))].split())
    named = next((word for word in ("black", "white", "orange", "ginger", "grey", "gray") if scene.has(word)), "")
    named_furs = {
        "black": "#232229",
        "white": "#f1ece2",
        "orange": "#d98a3f",
        "ginger": "#d9853a",
        "grey": "#8d8f96",
        "gray": "#8d8f96",
    }
    if named:
        fur = rgb(named_furs[named])
        pale = lighter(fur, 0.12 if named != "white" else -0.08)
    coat = Coat(fur, pale, eye, blend(fur, (18, 14, 16), 0.78))
    sheet = Sheet(*scene.size, scene.palette.sky[0])
    outdoors = (
        scene.has("field", "garden", "forest", "grass", "outside", "sun")
        or (kind not in ("cat",) and rng.random() < 0.7)
        or rng.random() < 0.35
    )
    foot = sheet.bottom * float(rng.uniform(0.86, 0.9))
    size = min(0.74, sheet.bottom * 0.7, sheet.right * 0.85)
    middle = sheet.right * (0.5 if outdoors or scene.flag("symmetrical") else float(rng.choice([0.4, 0.5, 0.6])))
    if outdoors:
        _paint_outdoors(sheet, scene, rng, (middle, foot), size)
    else:
        _paint_window(sheet, scene, rng, foot, middle, size)
    with sheet.stencil((10, 8, 14), opacity=0.42, soften=0.014) as pen:
        pen.ellipse(middle + 0.02, foot + 0.004, size * 0.34, size * 0.035, 255)
    figure = Creature(middle, foot, size, coat, float(rng.choice([-1.0, 1.0])), kind)
    with sheet.pen() as pen:
        figure.draw(pen, rng)
    sheet.vignette(0.14)
    return sheet.image


def _paint_outdoors(sheet: Sheet, scene: Scene, rng: Random, place: Point, size: float) -> None:
    palette = scene.palette
    paint_sky(sheet, scene, rng, place[1], None, cloudy=0.4)
    paint_sun(sheet, scene, Sun(place[0], place[1] - size * 0.55, size * 0.62, palette.dark))
    for row in range(3):
        t = row / 2
        base = place[1] - 0.1 + 0.075 * row
        tone = blend(blend(palette.far, palette.sky[-1], 0.25), blend(palette.near, rgb("#2f4a36"), 0.35), t)
        phase = float(rng.uniform(0, math.tau))
        with sheet.stencil(tone) as pen:
            steps = [sheet.right * step / 50 for step in range(51)]
            hill = [(x, base + 0.028 * math.sin(x * 3.1 + phase) * (1 - t)) for x in steps]
            pen.polygon([*hill, (sheet.right, sheet.bottom + 0.1), (0, sheet.bottom + 0.1)], 255)
            for _ in range(int(130 * sheet.right)):
                x = float(rng.random()) * sheet.right
                y = base + 0.028 * math.sin(x * 3.1 + phase) * (1 - t) + 0.004
                lean, tall = float(rng.normal(0, 0.008)), float(rng.uniform(0.01, 0.028)) * (0.6 + 0.6 * t)
                pen.polygon([(x - 0.0018, y), (x + lean, y - tall), (x + 0.0018, y)], 255)


def _paint_window(sheet: Sheet, scene: Scene, rng: Random, foot: float, middle: float, size: float) -> None:
    palette = scene.palette
    paint_sky(sheet, scene, rng, foot, None, cloudy=0.7)
    sun_x = middle + float(rng.choice([-0.32, 0.3])) * size
    paint_sun(sheet, scene, Sun(sun_x, foot - size * float(rng.uniform(0.72, 0.95)), 0.085, palette.dark))
    for row in range(3):
        tone = blend(blend(palette.far, palette.sky[-1], 0.4), palette.near, 0.28 * row + 0.1)
        phase = float(rng.uniform(0, math.tau))
        with sheet.stencil(tone) as pen:
            hill = [
                (sheet.right * s / 60, foot - 0.2 + 0.06 * row + 0.04 * math.sin(sheet.right * s / 60 * 4 + phase))
                for s in range(61)
            ]
            pen.polygon([*hill, (sheet.right, sheet.bottom), (0, sheet.bottom)], 255)
    wall = blend(rgb("#3b3340") if palette.dark else rgb("#e9dcc8"), palette.sky[1], 0.18)
    frame = lighter(wall, 0.1 if palette.dark else 0.04)
    half = max(size * 0.62, min(0.46, sheet.right * 0.42))
    left, right, top = middle - half, middle + half, max(0.05, foot - size * 1.28)
    with sheet.stencil(wall) as pen:
        pen.rectangle(-0.1, -0.1, sheet.right + 0.1, sheet.bottom + 0.1, 255)
        pen.rectangle(left, top, right, foot, 0)
    with sheet.stencil((10, 8, 16), opacity=0.3, soften=0.012) as pen:
        pen.rectangle(left - 0.02, top - 0.02, right + 0.02, foot, 255)
        pen.rectangle(left, top, right, foot + 0.02, 0)
    with sheet.pen() as pen:
        bar = 0.013
        for x in (left, right):
            pen.rectangle(x - bar * 1.5, top - bar * 1.5, x + bar * 1.5, foot, frame)
        pen.rectangle(left, top - bar * 1.5, right, top + bar * 1.5, frame)
        pen.rectangle(left, top + (foot - top) * 0.36 - bar * 0.7, right, top + (foot - top) * 0.36 + bar * 0.7, frame)
        pen.rectangle(middle - bar * 0.7, top, middle + bar * 0.7, foot, frame)
        pen.rectangle(left - 0.07, foot - 0.004, right + 0.07, foot + 0.03, lighter(frame, 0.02))
        pen.rectangle(left - 0.06, foot + 0.03, right + 0.06, foot + 0.046, lighter(frame, -0.12))
        _plant(
            pen,
            rng,
            middle - math.copysign(half * 0.74, sun_x - middle) * -1.0
            if False
            else left + half * 0.22
            if sun_x > middle
            else right - half * 0.22,
            foot,
            size * 0.2,
        )


def _plant(pen: Pen, rng: Random, x: float, foot: float, size: float) -> None:
    pot = rgb("#b9623f")
    for _ in range(13):
        angle = float(rng.uniform(-2.6, -0.55))
        reach = size * float(rng.uniform(0.8, 1.5))
        tip = (x + reach * math.cos(angle), foot - size * 0.7 + reach * math.sin(angle))
        bend = ((x + tip[0]) / 2 - 0.2 * (tip[1] - foot) * math.cos(angle) * 0.4, (foot - size * 0.7 + tip[1]) / 2)
        wide = size * 0.13
        normal = (-math.sin(angle) * wide, math.cos(angle) * wide)
        leaf = [
            (x, foot - size * 0.6),
            (bend[0] + normal[0], bend[1] + normal[1]),
            tip,
            (bend[0] - normal[0], bend[1] - normal[1]),
        ]
        tone = rgb(("#3f6f4a", "#2f5a3f", "#5f8f57")[int(rng.integers(3))])
        pen.polygon(spline(leaf, steps=6), tone)
    pen.polygon(
        [
            (x - size * 0.4, foot - size * 0.72),
            (x + size * 0.4, foot - size * 0.72),
            (x + size * 0.3, foot),
            (x - size * 0.3, foot),
        ],
        pot,
    )
    pen.polygon(
        [
            (x + size * 0.08, foot - size * 0.72),
            (x + size * 0.4, foot - size * 0.72),
            (x + size * 0.3, foot),
            (x + size * 0.06, foot),
        ],
        lighter(pot, -0.08),
    )
    pen.rectangle(x - size * 0.46, foot - size * 0.82, x + size * 0.46, foot - size * 0.64, lighter(pot, 0.03))

"""A glass house glowing in the snow (or standing in a garden)."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, blend, rgb
from studio.simulator.painting.fields import Random, as_image, clouds, grid, outline, working_size
from studio.simulator.painting.sheet import Sheet
from studio.simulator.painting.sky import paint_sky
from studio.simulator.painting.words import Scene

from .glasshouse import paint_house
from .mountains import draw_pine


def paint_greenhouse(scene: Scene, rng: Random) -> Image.Image:
    """Paint the house, what grows in it, and the light it throws."""
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    snowy = scene.flag("snow") or not scene.has("summer", "spring", "garden", "meadow")
    ground = sheet.bottom * float(rng.uniform(0.66, 0.72))
    paint_sky(sheet, scene, rng, ground, None, cloudy=0.55)
    _paint_woods(sheet, scene, rng, ground, snowy)
    snow = blend(rgb("#dfe8f2"), palette.sky[1], 0.5 if palette.dark or scene.hour == "snow" else 0.28)
    if not snowy:
        snow = blend(rgb("#6f8f56"), palette.far, 0.25)
    _paint_ground(sheet, scene, rng, ground, snow)
    half = min(0.46, sheet.right * 0.4)
    middle = sheet.right * (0.5 if scene.flag("symmetrical") else float(rng.uniform(0.44, 0.56)))
    glowing = palette.dark or snowy or scene.has("light", "warm", "glow")
    paint_house(sheet, scene, rng, middle, ground + 0.035, half, snow if snowy else None, glowing)
    if glowing:
        _paint_spill(sheet, middle, ground + 0.035, half)
    _paint_near(sheet, scene, rng, ground, snow, snowy)
    if snowy:
        _paint_flakes(sheet, rng)
    sheet.vignette(0.2)
    return sheet.image


def _paint_woods(sheet: Sheet, scene: Scene, rng: Random, ground: float, snowy: bool) -> None:
    palette = scene.palette
    for layer in range(3):
        t = layer / 2
        colour = blend(blend(palette.far, palette.sky[-1], 0.4), palette.near, 0.1 + 0.62 * t)
        if snowy:
            colour = blend(colour, rgb("#cfdae8"), 0.12)
        foot = blend(colour, palette.sky[-1], 0.5 * (1 - t))
        body = sheet.gradient(
            (colour, colour, foot), [0, (ground - 0.2) / sheet.bottom, (ground + 0.02) / sheet.bottom]
        )
        with sheet.stencil(body) as pen:
            x = -0.05
            while x < sheet.right + 0.05:
                tall = (0.16 + 0.12 * t) * float(rng.uniform(0.6, 1.25))
                draw_pine(pen, rng, x, ground - 0.02 + 0.03 * t + 0.012 * math.sin(x * 5 + layer), tall)
                x += (0.028 + 0.03 * t) * float(rng.uniform(0.5, 1.5))


def _paint_ground(sheet: Sheet, scene: Scene, rng: Random, ground: float, snow: Colour) -> None:
    width, height = working_size(*sheet.size, 260_000)
    _, y = grid(width, height)
    unit = min(width, height)
    drift = clouds((width, height), (unit * 0.6, unit * 0.11), rng, octaves=4)
    fall = np.clip((y - ground) / (sheet.bottom - ground), 0, 1)
    tone = 0.94 + 0.045 * drift * (0.3 + fall) - 0.12 * fall
    picture = np.array(snow, np.float32) * tone[..., None]
    picture += (np.array(scene.palette.sky[0], np.float32) - picture) * (0.25 * fall * fall)[..., None]
    paint = as_image(picture).resize(sheet.size, Image.Resampling.BICUBIC)
    across = np.linspace(0, sheet.right, 120, dtype=np.float32)
    crest = ground - 0.008 * outline(across * 1.4, rng, octaves=3)
    with sheet.stencil(paint, soften=0.002) as pen:
        points = [(float(a), float(c)) for a, c in zip(across, crest, strict=True)]
        pen.polygon([*points, (sheet.right, sheet.bottom + 0.1), (0, sheet.bottom + 0.1)], 255)


def _paint_spill(sheet: Sheet, x: float, foot: float, half: float) -> None:
    sheet.glow(
        [(x, foot - half * 0.3, half * 0.85, rgb("#ff9c45"), 0.3), (x, foot + 0.02, half * 0.5, rgb("#ffae58"), 0.28)]
    )
    light = Image.new("RGB", sheet.size, rgb("#ffb869"))
    with sheet.stencil(light, opacity=0.42, soften=0.012) as pen:
        for index in range(9):
            t = (index - 4) / 4
            near, far = x + t * half * 0.96, x + t * half * 1.5
            pen.polygon(
                [
                    (near - half * 0.085, foot + 0.004),
                    (near + half * 0.085, foot + 0.004),
                    (far + half * 0.14, foot + half * 0.42),
                    (far - half * 0.14, foot + half * 0.42),
                ],
                190,
            )
    with sheet.stencil(rgb("#ffe0a0"), opacity=0.4, soften=0.006) as pen:
        pen.polygon(
            [
                (x - half * 0.09, foot),
                (x + half * 0.09, foot),
                (x + half * 0.2, foot + half * 0.5),
                (x - half * 0.2, foot + half * 0.5),
            ],
            255,
        )


def _paint_near(sheet: Sheet, scene: Scene, rng: Random, ground: float, snow: Colour, snowy: bool) -> None:
    dark = blend(scene.palette.near, rgb("#16261f"), 0.4)
    for side in (0.0, sheet.right):
        for _ in range(2):
            x = side + float(rng.normal(0, 0.05))
            tall = float(rng.uniform(0.5, 0.8)) * min(1.0, sheet.bottom)
            foot = ground + float(rng.uniform(0.14, 0.24)) * (sheet.bottom - ground) / 0.3
            box = (x - tall * 0.3, foot - tall * 1.05, x + tall * 0.3, foot + 0.05)
            state = rng.bit_generator.state
            with sheet.stencil(dark, box=box) as pen:
                draw_pine(pen, rng, x, foot, tall)
            if snowy:
                rng.bit_generator.state = state
                with sheet.stencil(blend(snow, scene.palette.sky[0], 0.12), opacity=0.8, soften=0.0012, box=box) as pen:
                    draw_pine(pen, rng, x - 0.004, foot - tall * 0.012, tall)
                rng.bit_generator.state = state
                with sheet.stencil(dark, box=box) as pen:
                    draw_pine(pen, rng, x + 0.004, foot + tall * 0.016, tall * 0.99)


def _paint_flakes(sheet: Sheet, rng: Random) -> None:
    for reach, count, opacity, soften in (
        (0.0016, 420, 0.75, 0.0),
        (0.0034, 120, 0.6, 0.0012),
        (0.0075, 22, 0.34, 0.0035),
    ):
        total = int(count * sheet.right * sheet.bottom)
        with sheet.stencil((255, 253, 248), opacity=opacity, soften=soften) as pen:
            for x, y, size in rng.random((total, 3)):
                pen.circle(float(x) * sheet.right, float(y) * sheet.bottom, reach * (0.5 + float(size)), 255)

"""The open sea: horizon, glitter, sails, a lighthouse."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, blend, lighter, ramp
from studio.simulator.painting.fields import (
    Perlin,
    Random,
    as_image,
    as_mask,
    blurred,
    coloured,
    grid,
    outline,
    smoothstep,
    working_size,
)
from studio.simulator.painting.sheet import Pen, Sheet, spline
from studio.simulator.painting.sky import Sun, paint_sky, place_sun
from studio.simulator.painting.words import Scene

WAVE_PIXELS = 520_000


def paint_sea(scene: Scene, rng: Random) -> Image.Image:
    """Paint sea and sun: a horizon, the glitter path, and what the words put on the water."""
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    horizon = sheet.bottom * float(rng.uniform(0.44, 0.6))
    sun = place_sun(scene, sheet, horizon, rng)
    paint_sky(sheet, scene, rng, horizon, sun, cloudy=0.95)
    _paint_far_coast(sheet, scene, rng, horizon)
    _paint_water(sheet, scene, rng, horizon, sun)
    if scene.has("lighthouse"):
        _draw_lighthouse(sheet, scene, rng, horizon)
    elif scene.has("ship", "boat", "sail", "sailboat", "yacht", "regatta") or (
        not scene.flag("minimal") and rng.random() < 0.5
    ):
        count = int(rng.integers(4, 8)) if scene.has("regatta", "boats") else 1
        for _ in range(count):
            _draw_sailboat(sheet, scene, rng, horizon)
    sheet.vignette(0.12)
    return sheet.image


def _paint_far_coast(sheet: Sheet, scene: Scene, rng: Random, horizon: float) -> None:
    if not (scene.has("island", "bay", "cliff", "coast") or rng.random() < 0.6):
        return
    across = np.linspace(0, sheet.right, 400, dtype=np.float32)
    rise = np.clip(outline(across * 1.3, rng, octaves=6, gain=0.45) * 0.05 + 0.012, 0, 1)
    rise *= smoothstep(0.25, 0.75, np.abs(across / sheet.right - float(rng.choice([0.15, 0.85]))))
    colour = blend(scene.palette.far, scene.palette.sky[-1], 0.25)
    with sheet.stencil(colour) as pen:
        pen.polygon(
            [
                *((float(x), horizon - float(y)) for x, y in zip(across, rise, strict=True)),
                (sheet.right, horizon),
                (0, horizon),
            ],
            255,
        )


def _paint_water(sheet: Sheet, scene: Scene, rng: Random, horizon: float, sun: Sun) -> None:
    palette = scene.palette
    line = round(horizon * sheet.unit)
    width, height = working_size(sheet.width, sheet.height - line, WAVE_PIXELS)
    unit = sheet.unit * width / sheet.width
    x = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / unit
    depth = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    noise = Perlin(rng)
    # Rows pack together towards the horizon as 1/distance does.
    stretch = 1 / (depth + 0.045)
    calm = 0.55 if scene.flag("calm") else 1.0
    waves = noise.fbm(x * 1.5 * stretch**0.4, np.log(depth + 0.05) * 16 * np.ones_like(x), octaves=4, gain=0.55)
    swell = noise.fbm(x * 0.8 * stretch**0.3 + 7, np.log(depth + 0.08) * 5 * np.ones_like(x), octaves=2)
    deep, mid = blend(palette.near, palette.sky[0], 0.35), blend(palette.sky[0], palette.far, 0.45)
    table = ramp((blend(palette.sky[-1], mid, 0.3), mid, deep, lighter(deep, -0.05)), at=(0, 0.28, 0.8, 1))
    tone = np.clip(depth**0.75 * 0.95 + (waves * 0.2 + swell * 0.14) * calm * smoothstep(0, 0.15, depth), 0, 1)
    water = coloured(tone, table).astype(np.float32)
    facing = smoothstep(0.12, 0.75, waves + swell * 0.4) * (0.25 + 0.3 * (1 - depth)) * calm
    water += (np.array(palette.sky[-1], np.float32) - water) * facing[..., None]
    path = np.exp(-(((x - sun.x) / (sun.radius * 1.1 + 0.3 * depth)) ** 2))
    glitter = np.clip(path * smoothstep(-0.05, 0.42, waves) * (1.15 - 0.5 * depth), 0, 1) * (
        0.7 if sun.is_moon else 0.95
    )
    water += (np.array(palette.light, np.float32) - water) * glitter[..., None]
    sheet.image.paste(as_image(water).resize((sheet.width, sheet.height - line), Image.Resampling.BICUBIC), (0, line))
    _, y = grid(64, 256)
    y = y / y.max() * sheet.bottom
    sheet.lay(palette.sky[-1], as_mask(np.broadcast_to(np.exp(-(((y - horizon) / 0.02) ** 2)) * 0.5, (256, 64))))


def _draw_sailboat(sheet: Sheet, scene: Scene, rng: Random, horizon: float) -> None:
    near = float(rng.uniform(0.01, 0.1))
    size = 0.03 + near * 0.75
    x, y = sheet.right * float(rng.uniform(0.14, 0.86)), horizon + near * 0.6
    lean = float(rng.uniform(-0.06, 0.06))
    dark = blend(scene.palette.near, scene.palette.far, 0.12)
    sail = scene.accent or (
        scene.palette.accent if rng.random() < 0.5 else blend(scene.palette.light, (255, 255, 255), 0.3)
    )

    def draw(pen: Pen, way: int, hull: Colour, cloth: Colour) -> None:
        def at(dx: float, dy: float) -> tuple[float, float]:
            return x + (dx + dy * lean) * size, y - way * dy * size

        pen.polygon([at(-0.5, 0.12), at(0.55, 0.14), at(0.4, -0.03), at(-0.36, -0.03)], hull)
        pen.polygon(spline([at(0.0, 1.5), at(0.03, 0.2), at(-0.42, 0.2), at(-0.2, 0.8)], steps=6), cloth)
        pen.polygon([at(0.05, 1.35), at(0.07, 0.2), at(0.46, 0.2)], blend(cloth, hull, 0.22))
        pen.line([at(0.02, 1.58), at(0.02, 0.1)], hull, size * 0.025)

    before = sheet.image
    with sheet.pen() as pen:
        draw(pen, -1, dark, sail)
    mirrored, sheet.image = blurred(sheet.image, sheet.unit * 0.004), before
    mask = Image.new("L", sheet.size, 0)
    top = round(y * sheet.unit)
    box = (round((x - size) * sheet.unit), top, round((x + size) * sheet.unit), round((y + size * 1.6) * sheet.unit))
    mask.paste(105, box)
    sheet.image.paste(mirrored, mask=blurred(mask, sheet.unit * 0.008))
    with sheet.pen() as pen:
        draw(pen, 1, dark, sail)


def _draw_lighthouse(sheet: Sheet, scene: Scene, rng: Random, horizon: float) -> None:
    side = float(rng.choice([0.22, 0.78]))
    x, foot, tall = sheet.right * side, horizon + 0.03, min(0.42, horizon * 0.75)
    rock = blend(scene.palette.near, scene.palette.far, 0.15)
    outward = 1 if side > 0.5 else -1
    edge = sheet.right if side > 0.5 else 0.0
    steps = np.linspace(0, 1, 120, dtype=np.float32)
    jag = outline(steps * 9, rng, octaves=5) * 0.012
    cliff = [
        (
            x - outward * 0.16 + (edge + outward * 0.05 - x + outward * 0.16) * float(s),
            foot + 0.1 * (1 - float(s) ** 0.4) + float(j),
        )
        for s, j in zip(steps, jag, strict=True)
    ]
    with sheet.pen() as pen:
        pen.polygon([*cliff, (edge + outward * 0.05, horizon + 0.16), (x - outward * 0.2, horizon + 0.13)], rock)
        white = blend((246, 242, 232), scene.palette.sky[-1], 0.15 if not scene.palette.dark else 0.45)
        red = scene.accent or (196, 58, 42)
        half = tall * 0.085
        for band in range(5):
            low, high = band / 5, (band + 1) / 5
            wide, thin = half * (1 - 0.38 * low), half * (1 - 0.38 * high)
            bottom, top = foot - tall * 0.82 * low, foot - tall * 0.82 * high
            tone = white if band % 2 == 0 else red
            pen.polygon([(x - wide, bottom), (x + wide, bottom), (x + thin, top), (x - thin, top)], tone)
            shade = lighter(tone, -0.16)
            pen.polygon([(x + wide * 0.25, bottom), (x + wide, bottom), (x + thin, top), (x + thin * 0.25, top)], shade)
        top = foot - tall * 0.82
        pen.rectangle(x - half * 0.85, top - tall * 0.015, x + half * 0.85, top, rock)
        pen.rectangle(x - half * 0.42, top - tall * 0.1, x + half * 0.42, top - tall * 0.012, (255, 238, 190))
        pen.pie(x, top - tall * 0.095, half * 0.55, 180, 360, red)
        pen.line([(x, top - tall * 0.18), (x, top - tall * 0.13)], rock, 0.003)
    lamp = (x, top - tall * 0.055)
    if scene.palette.dark or scene.hour in ("dusk", "fog", "storm"):
        away = -outward
        with sheet.stencil((255, 236, 190), opacity=0.3, soften=0.012) as pen:
            pen.polygon([lamp, (lamp[0] + away * 1.6, lamp[1] - 0.2), (lamp[0] + away * 1.6, lamp[1] + 0.02)], 255)
        sheet.glow([(*lamp, 0.09, (255, 226, 160), 0.9)])

"""Ridges in haze and pines in fog."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from studio.simulator.painting.colour import Colour, blend, lighter
from studio.simulator.painting.fields import Random, as_mask, blurred, clouds, grid, outline, smoothstep, working_size
from studio.simulator.painting.sheet import Pen, Points, Sheet
from studio.simulator.painting.sky import paint_sky, place_sun
from studio.simulator.painting.words import Scene


def paint_ridges(scene: Scene, rng: Random) -> Image.Image:
    """Paint mountain ridges fading into haze, sometimes over a lake."""
    sheet = Sheet(*scene.size, scene.palette.sky[0])
    has_lake = scene.has("lake", "mirror", "reflection", "water", "fjord")
    floor = sheet.bottom * (0.66 if has_lake else 1.0)
    horizon = floor * float(rng.uniform(0.42, 0.56))
    sun = place_sun(scene, sheet, horizon, rng) if not scene.flag("snow") or rng.random() < 0.5 else None
    paint_sky(sheet, scene, rng, horizon + 0.1 * floor, sun, cloudy=0.7)
    _paint_layers(sheet, scene, rng, horizon, floor)
    if has_lake:
        mirror_below(sheet, scene, rng, floor)
    elif rng.random() < 0.55 or scene.has("pine", "forest", "tree"):
        _paint_foreground_pines(sheet, scene, rng)
    sheet.vignette(0.1)
    return sheet.image


def _paint_layers(sheet: Sheet, scene: Scene, rng: Random, horizon: float, floor: float) -> None:
    palette = scene.palette
    count = 4 if scene.flag("minimal") else int(rng.integers(6, 9))
    sharp = scene.has("alps", "peak", "himalaya", "andes", "summit") or rng.random() < 0.45
    steep = 0.19 if sharp else 0.13
    across = np.linspace(0, sheet.right, 700, dtype=np.float32)
    haze = blend(palette.sky[-1], palette.far, 0.35)
    for index in range(count):
        t = index / (count - 1)
        line = outline(across * (1.3 + 1.5 * t), rng, octaves=7, gain=0.47 if sharp else 0.42)
        form = 0.55 - np.abs(line) if sharp else line * 0.55
        base = horizon + (floor - horizon) * 0.88 * t**1.25
        crest = base - steep * (1 - 0.3 * t) * form - 0.05 * outline(across * 0.8, rng, octaves=2)
        colour = blend(blend(palette.far, palette.sky[-1], 0.28), palette.near, t**0.95)
        if scene.flag("snow"):
            colour = blend(colour, (228, 234, 242), 0.62 * (1 - abs(t - 0.55)))
        top, low = float(crest.min()), min(float(crest.max()) + 0.22, sheet.bottom)
        foot = blend(colour, haze, 0.72 * (1 - t) ** 0.8)
        stops = [0.0, max(0.0, top / sheet.bottom), max(0.001, low / sheet.bottom), 1.0]
        body = sheet.gradient(
            (lighter(colour, -0.015), lighter(colour, -0.015), foot, foot), np.maximum.accumulate(stops).tolist()
        )
        with sheet.stencil(body) as pen:
            points = [(float(x), float(y)) for x, y in zip(across, crest, strict=True)]
            pen.polygon([*points, (sheet.right, sheet.bottom), (0, sheet.bottom)], 255)
        if 0 < index < count - 1:
            _drift_mist(sheet, rng, haze, float(crest.mean()) + 0.06, 0.34 * (1 - t))


def _drift_mist(sheet: Sheet, rng: Random, colour: Colour, level: float, strength: float) -> None:
    width, height = working_size(*sheet.size, 60_000)
    unit = min(width, height)
    _, y = grid(width, height)
    bank = smoothstep(-1.2, 1.8, clouds((width, height), (unit * 0.7, unit * 0.16), rng, octaves=4))
    band = np.exp(-(((y - level) / 0.075) ** 2))
    sheet.lay(colour, as_mask(bank * band * strength))


def _paint_foreground_pines(sheet: Sheet, scene: Scene, rng: Random) -> None:
    ground = sheet.bottom * float(rng.uniform(0.95, 1.0))
    with sheet.stencil(lighter(scene.palette.near, -0.04)) as pen:
        edge = [(0.0, sheet.bottom + 0.1)]
        x = -0.02
        side = float(rng.choice([0.0, sheet.right]))
        while x < sheet.right + 0.04:
            near_side = abs(x - side) / sheet.right
            height = (0.05 + 0.16 * (1 - near_side) ** 2) * float(rng.uniform(0.55, 1.15))
            draw_pine(pen, rng, x, ground + 0.02, height)
            x += height * float(rng.uniform(0.16, 0.5))
            edge.append((x, ground + 0.008 * float(rng.standard_normal())))
        pen.polygon([*edge, (sheet.right, sheet.bottom + 0.1)], 255)


def draw_pine(pen: Pen, rng: Random, x: float, foot: float, height: float, fill: Colour | int = 255) -> None:
    """Draw one pine: a ragged outline of drooping tiers around a trunk."""
    tiers = max(6, min(15, int(height * 60)))
    breadth = height * float(rng.uniform(0.15, 0.2))
    lean = float(rng.normal(0, 0.01)) * height
    left: list[tuple[float, float]] = []
    right: list[tuple[float, float]] = []
    for tier in range(tiers):
        fall = (tier + 1) / tiers
        reach = breadth * (0.1 + 0.9 * fall**0.85)
        y = foot - height + height * 0.95 * fall
        drop = height / tiers
        for side, points in ((-1, left), (1, right)):
            span = reach * float(rng.uniform(0.7, 1.15))
            points.append((x + lean + side * span * 0.32, y - drop * 0.75))
            points.append((x + lean + side * span, y + drop * float(rng.uniform(-0.1, 0.3))))
    pen.polygon([(x + lean, foot - height), *right, (x, foot - height * 0.03), *reversed(left)], fill)
    pen.rectangle(x - height * 0.012, foot - height * 0.1, x + height * 0.012, foot + 0.01, fill)


def mirror_below(sheet: Sheet, scene: Scene, rng: Random, shore: float) -> None:
    """Reflect everything above a shore line (in units) in still water, with a few ripples."""
    line = min(sheet.height - 2, round(shore * sheet.unit))
    depth = sheet.height - line
    above = ImageOps.flip(sheet.image.crop((0, max(0, line - depth), sheet.width, line)))
    small = above.resize((max(2, sheet.width // 2), depth))
    pixels = np.asarray(blurred(small, sheet.unit * 0.0015))
    rows = np.linspace(0, 1, depth, dtype=np.float32)[:, None]
    cell = (sheet.unit * 0.16, max(2.0, sheet.unit * 0.007))
    ripple = clouds((pixels.shape[1], depth), cell, rng, octaves=3) * (0.3 + rows)
    shift = 0.0 if scene.flag("calm") else 0.006
    take = np.clip(np.arange(depth)[:, None] + ripple * (0.0015 + shift) * sheet.unit, 0, depth - 1).astype(np.intp)
    mirrored = pixels[take, np.arange(pixels.shape[1])[None, :]]
    tint = np.array(blend(scene.palette.near, scene.palette.sky[0], 0.4), np.float32)
    deep = (0.1 + 0.32 * rows)[..., None]
    shine = (np.clip(ripple - 0.9, 0, 1) * 22)[..., None]
    water = mirrored * (1 - deep) + tint * deep + shine
    image = Image.fromarray(np.clip(water, 0, 255).astype(np.uint8)).resize(
        (sheet.width, depth), Image.Resampling.BICUBIC
    )
    sheet.image.paste(image, (0, line))
    with sheet.stencil(blend(scene.palette.sky[-1], scene.palette.light, 0.5), opacity=0.3, soften=0.001) as pen:
        pen.rectangle(0, shore - 0.0012, sheet.right, shore + 0.0012, 255)


def paint_pines(scene: Scene, rng: Random) -> Image.Image:
    """Paint rows of pines stepping out of the fog."""
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    horizon = sheet.bottom * 0.72
    sun = place_sun(scene, sheet, sheet.bottom * 0.6, rng)
    paint_sky(sheet, scene, rng, horizon, sun, cloudy=0.35)
    layers = 6
    fog = blend(palette.sky[-1], palette.far, 0.3)
    dark = blend(palette.near, (210, 220, 230), 0.2) if scene.flag("snow") else palette.near
    rise = sheet.bottom * float(rng.uniform(0.4, 0.5))
    clearing = float(rng.uniform(0.25, 0.75)) * sheet.right
    for layer in range(layers):
        t = layer / (layers - 1)
        colour = blend(blend(palette.far, fog, 0.45), dark, 0.05 + 0.95 * t**1.15)
        ground = rise + (sheet.bottom - rise) * (0.2 + 0.8 * t**1.1)
        height = (0.13 + 0.4 * t**1.5) * min(1.3, sheet.bottom)
        body = sheet.gradient(
            (colour, colour, blend(colour, fog, 0.85 * (1 - t))),
            [0, max(0.0, (ground - height * 0.6) / sheet.bottom), min(1.0, (ground + 0.02) / sheet.bottom)],
        )
        slope = outline(np.linspace(0, sheet.right * 1.6, 80, dtype=np.float32), rng, octaves=3) * 0.035
        across = np.linspace(-0.05, sheet.right + 0.05, 80)
        hill: Points = [(float(x), ground + float(s)) for x, s in zip(across, slope, strict=True)]
        with sheet.stencil(body) as pen:
            pen.polygon([*hill, (sheet.right + 0.1, sheet.bottom + 0.1), (-0.1, sheet.bottom + 0.1)], 255)
            x = -0.05
            while x < sheet.right + 0.05:
                foot = ground + float(np.interp(x, across, slope)) + 0.015
                gap = 1 - 0.55 * t * float(np.exp(-(((x - clearing) / 0.2) ** 2)))
                draw_pine(pen, rng, x, foot, height * float(rng.uniform(0.55, 1.12)) * gap)
                x += (0.018 + 0.075 * t) * float(rng.uniform(0.55, 1.5))
        if layer < layers - 1:
            _drift_mist(sheet, rng, fog, ground, 0.5 * (1 - t))
    sheet.vignette(0.12)
    return sheet.image

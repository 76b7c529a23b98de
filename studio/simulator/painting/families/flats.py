"""Flats that mirror the sky, with one small figure far away."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from studio.simulator.painting.colour import Colour, blend, lighter
from studio.simulator.painting.fields import (
    Random,
    as_mask,
    clouds,
    grid,
    outline,
    smoothstep,
    working_size,
)
from studio.simulator.painting.sheet import Sheet, spline
from studio.simulator.painting.sky import paint_sky
from studio.simulator.painting.words import Scene


def paint_flats(scene: Scene, rng: Random) -> Image.Image:
    """Paint a sky mirrored in a film of water, with one small figure far away."""
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    horizon = sheet.bottom * float(rng.choice([0.46, 0.5, 0.54, 0.58]))
    paint_sky(sheet, scene, rng, horizon * 1.02, None, cloudy=0.0)
    _billow(sheet, scene, rng, horizon)
    across = np.linspace(0, sheet.right, 500, dtype=np.float32)
    for share, strength in ((0.035, 0.45), (0.02, 0.75)):
        peaks = np.clip(outline(across * 2.2, rng, octaves=6) * share + share * 0.4, 0.0012, 1)
        with sheet.stencil(blend(palette.far, palette.sky[-1], 1 - strength)) as pen:
            crest = [(float(a), horizon - float(p)) for a, p in zip(across, peaks, strict=True)]
            pen.polygon([*crest, (sheet.right, horizon), (0, horizon)], 255)
    x = sheet.right * float(rng.choice([0.33, 0.38, 0.5, 0.62, 0.67]))
    size = float(rng.uniform(0.055, 0.075)) * (1.8 if scene.flag("close") else 1.0)
    _draw_walker(sheet, scene, x, horizon + size * 0.06, size)
    _mirror(sheet, scene, rng, horizon + size * 0.06)
    sheet.vignette(0.1)
    return sheet.image


def _billow(sheet: Sheet, scene: Scene, rng: Random, horizon: float) -> None:
    width, height = working_size(*sheet.size, 400_000)
    unit = min(width, height)
    _, y = grid(width, height)
    rise = np.clip(1 - y / horizon, 0, 1)
    bank = clouds((width, height), (unit * 0.8, unit * 0.2), rng, octaves=7, gain=0.5)
    heap = smoothstep(0.05, 1.25, bank - 0.5 * np.abs(rise - 0.42) * 2)
    lit = clouds((width, height), (unit * 0.8, unit * 0.2), rng, octaves=3)
    sheet.lay(
        blend(scene.palette.light, scene.palette.sky[-1], 0.35), as_mask(heap * smoothstep(0.0, 0.25, rise) * 0.75)
    )
    under = smoothstep(0.3, 1.5, bank + lit * 0.3) * smoothstep(0.02, 0.2, rise)
    sheet.lay(blend(scene.palette.sky[0], scene.palette.sky[1], 0.6), as_mask(under * 0.3))
    sheet.glow([(sheet.right * float(rng.uniform(0.25, 0.75)), horizon, 0.28, scene.palette.light, 0.35)])


def _draw_walker(sheet: Sheet, scene: Scene, x: float, foot: float, size: float) -> None:
    dark = blend(scene.palette.near, (20, 20, 28), 0.4)
    accent = scene.accent or scene.palette.accent
    with sheet.pen() as pen:
        if not scene.has("umbrella", "parasol"):
            pen.polygon(
                spline(
                    [
                        (x - size * 0.09, foot),
                        (x - size * 0.11, foot - size * 0.62),
                        (x + size * 0.1, foot - size * 0.62),
                        (x + size * 0.12, foot),
                    ],
                    steps=5,
                ),
                accent,
            )
            pen.circle(x, foot - size * 0.78, size * 0.085, dark)
            pen.polygon(
                [
                    (x - size * 0.06, foot),
                    (x, foot),
                    (x - size * 0.01, foot - size * 0.2),
                    (x - size * 0.07, foot - size * 0.2),
                ],
                dark,
            )
            return
        body = [
            (-0.05, 0),
            (-0.1, 0.3),
            (-0.13, 0.46),
            (-0.06, 0.56),
            (0.04, 0.56),
            (0.1, 0.46),
            (0.09, 0.3),
            (0.07, 0),
        ]
        pen.polygon([(x + dx * size, foot - dy * size) for dx, dy in body], dark)
        pen.circle(x, foot - size * 0.63, size * 0.065, dark)
        pen.line([(x + size * 0.07, foot - size * 0.35), (x + size * 0.05, foot - size * 1.05)], dark, size * 0.022)
        top, half = foot - size * 1.06, size * 0.46
        hem = foot - size * 0.76
        dome = [
            (x + size * 0.05 + half * float(np.cos(a)), hem - (hem - top) * float(np.sin(a)))
            for a in np.linspace(np.pi, 0, 40)
        ]
        scallops: list[tuple[float, float]] = []
        for rib in range(6):
            right = x + size * 0.05 + half - rib * half / 3
            scallops += [
                (right - half / 3 * s, hem - size * 0.045 * float(np.sin(np.pi * s))) for s in (0.0, 0.25, 0.5, 0.75)
            ]
        pen.polygon([*dome, *scallops], accent)
        for share, tone in ((0.62, -0.07), (0.2, 0.05)):
            facet = [
                (x + size * 0.05, top - size * 0.0),
                (x + size * 0.05 + half * share, hem),
                (x + size * 0.05 + half * (share - 0.34), hem - size * 0.03),
            ]
            pen.polygon(facet, lighter(accent, tone))
        pen.line([(x + size * 0.05, top), (x + size * 0.05, top - size * 0.06)], dark, size * 0.02)


def _mirror(sheet: Sheet, scene: Scene, rng: Random, line_at: float) -> None:
    line = round(line_at * sheet.unit)
    depth = sheet.height - line
    above = sheet.image.crop((0, 0, sheet.width, line))
    flipped = ImageOps.flip(above)
    if flipped.height < depth:
        flipped = flipped.resize((sheet.width, depth), Image.Resampling.BICUBIC)
    pixels = np.asarray(flipped.crop((0, 0, sheet.width, depth)))
    rows = np.linspace(0, 1, depth, dtype=np.float32)[:, None]
    cell = (sheet.unit * 0.35, max(2.0, sheet.unit * 0.012))
    small = clouds((max(8, sheet.width // 4), depth), cell, rng, octaves=4)
    strength = (0.0012 if scene.flag("calm") else 0.004) * sheet.unit
    shift = small * strength * (0.15 + rows)
    take = np.clip(np.arange(depth)[:, None] + shift, 0, depth - 1).astype(np.intp)
    take = np.asarray(Image.fromarray(take.astype(np.int32)).resize((sheet.width, depth), Image.Resampling.NEAREST))
    water = Image.fromarray(pixels[take, np.arange(sheet.width)[None, :]])
    sheet.image.paste(water, (0, line))
    salt = blend(scene.palette.sky[-1], (250, 250, 250), 0.5)
    y = np.linspace(0, sheet.bottom, 256, dtype=np.float32)[:, None]
    veil = np.repeat(np.clip((y - line_at) / (sheet.bottom - line_at), 0, 1) * 0.3, 8, axis=1)
    sheet.lay(blend(scene.palette.sky[0], scene.palette.near, 0.25), as_mask(veil))
    with sheet.stencil(salt, opacity=0.5, soften=0.0012) as pen:
        pen.rectangle(0, line_at - 0.001, sheet.right, line_at + 0.001, 255)
    _salt_crust(sheet, rng, salt, line_at)


def _salt_crust(sheet: Sheet, rng: Random, colour: Colour, line_at: float) -> None:
    with sheet.stencil(colour, opacity=0.26, soften=0.0012) as pen:
        for _ in range(46):
            near = float(rng.random()) ** 0.6
            y = line_at + (sheet.bottom - line_at) * (0.25 + 0.78 * near)
            x = float(rng.random()) * sheet.right
            reach = 0.02 + 0.12 * near
            points = [(x + reach * s, y + 0.05 * reach * float(rng.standard_normal())) for s in (-1, -0.5, 0, 0.5, 1)]
            pen.line(spline(points, closed=False, steps=5), int(90 + 120 * near), 0.0012 + 0.0016 * near)

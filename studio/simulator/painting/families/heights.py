"""Islands from above, and aurora over a dark shore."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import as_lch, lch, ramp, rgb
from studio.simulator.painting.fields import (
    Perlin,
    Random,
    as_image,
    as_mask,
    clouds,
    coloured,
    grid,
    outline,
    resized,
    smoothstep,
    working_size,
)
from studio.simulator.painting.sheet import Sheet
from studio.simulator.painting.sky import paint_stars
from studio.simulator.painting.words import Scene

from .mountains import mirror_below

LAND_PIXELS = 300_000
FINE_PIXELS = 1_200_000
AURORA_PIXELS = 520_000
# Shore to summit, then shallow to deep water.
_LANDS = (
    ("#e9d9a8 #9fb56a #4f7f45 #7d6a4d #a79c8f #ffffff", "#7fdcd4 #2596a6 #0a3554"),
    ("#f1e3c2 #d8b98a #b98558 #8a5a3c #d9c3a6 #f7efe4", "#9ad6dd #3a6f9c #131f45"),
    ("#e6dcc0 #b5bb7a #6f8f55 #4c6b4a #8d8a78 #eef0ea", "#8fe0c8 #1f8f93 #0b3a4a"),
    ("#f3ecd9 #ded2b4 #c7a26f #a4633f #7c4034 #e9d2bf", "#a9dfe0 #45919f #1d3b55"),
)


def paint_terrain(scene: Scene, rng: Random) -> Image.Image:
    """Paint an island or archipelago, lit from the north-west as maps are."""
    width, height = working_size(*scene.size, LAND_PIXELS)
    x, y = grid(width, height)
    right, bottom = float(x.max()), float(y.max())
    x, y = (np.ascontiguousarray(np.broadcast_to(axis, (height, width))) for axis in (x, y))
    noise = Perlin(rng)
    scale = np.float32(2.6 if scene.has("archipelago", "islands") else 1.9)
    bend_x, bend_y = noise.fbm(x * scale, y * scale, octaves=3), noise.fbm(x * scale + 5, y * scale + 9, octaves=3)
    rise = noise.fbm(x * scale + bend_x * 0.7 + 20, y * scale + bend_y * 0.7 + 20, octaves=6, gain=0.52)
    away = ((x - right * rng.uniform(0.42, 0.58)) / right * 2) ** 2 + (
        (y - bottom * rng.uniform(0.42, 0.58)) / bottom * 2
    ) ** 2
    spread = 0.34 if scene.has("archipelago", "islands") else 0.66
    rise = (rise + (0.26 if spread < 0.5 else 0.36) - spread * away**0.8).astype(np.float32)
    size = working_size(*scene.size, FINE_PIXELS)
    rise = resized(rise, *size) + clouds(size, min(size) * 0.03, rng, octaves=5, gain=0.55) * 0.011
    land_codes, water_codes = _LANDS[int(rng.integers(len(_LANDS)))]
    land_colours, water_colours = ([rgb(code) for code in codes.split()] for codes in (land_codes, water_codes))
    if scene.accent:
        hue = as_lch(scene.accent)[2]
        water_colours = [lch(lightness, 0.1, hue) for lightness in (0.8, 0.55, 0.3)]
    down, across = np.gradient(rise)
    steep = np.float32(min(size) * 0.3)
    light = (across * steep * 0.6 + down * steep * 0.65 + 0.78) / np.sqrt(
        (across * steep) ** 2 + (down * steep) ** 2 + 1
    )
    land = coloured(np.clip(rise / 0.72, 0, 1), ramp(land_colours, at=(0, 0.1, 0.34, 0.6, 0.8, 1))).astype(np.float32)
    land *= (0.42 + 0.74 * np.clip(light, 0, 1.25))[..., None]
    depth = np.clip(-rise / 0.5, 0, 1)
    water = coloured(depth**0.8, ramp(water_colours)).astype(np.float32)
    water += (smoothstep(0.07, 0.0, np.abs(((-rise * 20) % 1) - 0.5)) * (depth < 0.6) * 7)[..., None]
    water += (smoothstep(0.022, 0.004, -rise) * 40)[..., None]
    picture = water + (land - water) * smoothstep(-0.003, 0.003, rise)[..., None]
    sheet = Sheet(*scene.size, water_colours[-1])
    sheet.fill(as_image(picture).resize(sheet.size, Image.Resampling.LANCZOS))
    if rng.random() < 0.7:
        _drift_clouds(sheet, rng)
    sheet.vignette(0.16)
    return sheet.image


def _drift_clouds(sheet: Sheet, rng: Random) -> None:
    width, height = working_size(*sheet.size, 160_000)
    bank = clouds((width, height), min(width, height) * 0.4, rng, octaves=6, gain=0.55)
    mask = as_mask(smoothstep(0.95, 2.3, bank) * 0.8).resize(sheet.size, Image.Resampling.BICUBIC)
    sheet.shadow(mask, (0.022, 0.03), 0.008, 0.38)
    sheet.lay((252, 252, 250), mask)


def paint_aurora(scene: Scene, rng: Random) -> Image.Image:
    """Paint curtains of light over a dark shore, with stars."""
    sheet = Sheet(*scene.size, (4, 6, 15))
    sheet.fill(sheet.gradient((rgb("#03050f"), rgb("#081330"), rgb("#12304a"), rgb("#1b4454"))))
    shore = sheet.bottom * float(rng.uniform(0.76, 0.86))
    paint_stars(sheet, rng, sheet.bottom, 420)
    if scene.has("galaxy", "milky", "nebula", "cosmos", "universe", "space") and not scene.has("aurora"):
        _paint_galaxy(sheet, scene, rng)
    else:
        _paint_curtains(sheet, scene, rng, shore)
    across = np.linspace(0, sheet.right, 500, dtype=np.float32)
    for share, colour in ((0.1, rgb("#0a1826")), (0.055, rgb("#04080f"))):
        crest = shore - share * (0.25 + np.abs(outline(across * 1.7, rng, octaves=7, gain=0.48)))
        with sheet.stencil(colour) as pen:
            points = list(zip(across.tolist(), crest.tolist(), strict=True))
            pen.polygon([*points, (sheet.right, sheet.bottom + 0.1), (0, sheet.bottom + 0.1)], 255)
    if rng.random() < 0.75 or scene.has("lake", "water", "reflection"):
        mirror_below(sheet, scene, rng, shore)
    sheet.vignette(0.16)
    return sheet.image


def _paint_curtains(sheet: Sheet, scene: Scene, rng: Random, shore: float) -> None:
    width, height = working_size(*sheet.size, AURORA_PIXELS)
    x, y = grid(width, height)
    hues = [152.0, 190.0, 315.0]
    if scene.accent:
        hue = as_lch(scene.accent)[2]
        hues = [hue, hue + 30, hue - 45]
    light = np.zeros((height, width, 3), np.float32)
    for index, hue in enumerate(hues):
        base = shore * (0.52 + 0.16 * (index - 0.6)) + 0.1 * shore * outline(x[0] * 1.3, rng, octaves=3)
        base += 0.02 * outline(x[0] * 7, rng, octaves=2)
        rays = 0.58 + 0.42 * outline(x[0] * 26, rng, octaves=3, gain=0.6)
        fine = 0.75 + 0.25 * outline(x[0] * 75, rng, octaves=2)
        patches = np.clip(outline(x[0] * 2.1, rng, octaves=2) * 0.75 + 0.55, 0, 1.2)
        up = base[None, :] - y
        tall = (0.2 + 0.09 * outline(x[0] * 9, rng, octaves=3)) * shore
        fall = np.where(
            up > 0, np.exp(-np.maximum(up, 0) / np.maximum(tall[None, :], 0.05)), np.exp(np.minimum(up, 0) / 0.016)
        )
        strength = fall * (np.clip(rays * fine, 0.1, 2) * patches)[None, :]
        low, high = np.array(lch(0.82, 0.2, hue), np.float32), np.array(lch(0.55, 0.2, hue + 75), np.float32)
        mixed = np.clip(up / (0.42 * shore), 0, 1)[..., None]
        light += strength[..., None] * (low * (1 - mixed) + high * mixed) * np.float32((0.95, 0.6, 0.5)[index])
    sheet.screen(as_image(255 * (1 - np.exp(-light / 165))))


def _paint_galaxy(sheet: Sheet, scene: Scene, rng: Random) -> None:
    width, height = working_size(*sheet.size, 260_000)
    x, y = grid(width, height)
    turn = float(rng.uniform(-0.9, 0.9))
    off = (x - sheet.right / 2) * np.float32(np.sin(turn)) + (y - sheet.bottom * 0.42) * np.float32(np.cos(turn))
    dust = clouds((width, height), min(width, height) * 0.3, rng, octaves=7, gain=0.58)
    band = np.exp(-((off / 0.22) ** 2)) * np.clip(0.62 + 0.34 * dust, 0, 1.5)
    rift = smoothstep(0.3, 1.5, clouds((width, height), min(width, height) * 0.2, rng, octaves=6)) * np.exp(
        -((off / 0.1) ** 2)
    )
    hue = as_lch(scene.accent)[2] if scene.accent else float(rng.choice([265.0, 310.0, 200.0]))
    table = ramp(((0, 0, 0), lch(0.3, 0.1, hue), lch(0.6, 0.13, hue + 40), rgb("#ffe9cf")))
    sheet.screen(as_image(coloured(np.clip(band * (1 - 0.75 * rift) * 0.8, 0, 1), table)))
    paint_stars(sheet, rng, sheet.bottom, 900)

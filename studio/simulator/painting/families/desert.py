"""Dunes with lit and shaded sides."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, as_lch, blend, lch, lighter, ramp, rgb
from studio.simulator.painting.fields import Perlin, Random, as_image, coloured, grid, outline, smoothstep, working_size
from studio.simulator.painting.sheet import Sheet
from studio.simulator.painting.sky import paint_sky, place_sun
from studio.simulator.painting.words import Scene

SAND_PIXELS = 900_000
# Lit sand and its shade, when the words name no colour.
_SANDS = (("#f2b56b", "#7a3420"), ("#edc08a", "#7d4a3a"), ("#f0c4b4", "#5f3a5c"))


def paint_dunes(scene: Scene, rng: Random) -> Image.Image:
    """Paint dunes: each has one sharp crest that parts light from shadow."""
    palette = scene.palette
    sheet = Sheet(*scene.size, palette.sky[0])
    horizon = sheet.bottom * float(rng.uniform(0.3, 0.42))
    sun = place_sun(scene, sheet, horizon, rng) if _sun_is_up(scene, rng) else None
    paint_sky(sheet, scene, rng, horizon, sun, cloudy=0.35)
    lit, shade = _sand(scene, rng)
    haze = np.array(blend(palette.sky[-1], lit, 0.35), np.float32)
    width, height = working_size(*scene.size, SAND_PIXELS)
    x, y = grid(width, height)
    picture = np.asarray(sheet.image.resize((width, height), Image.Resampling.BOX), np.float32)
    table = ramp(
        (lighter(shade, -0.03), shade, blend(shade, lit, 0.62), lit, lighter(lit, 0.06)), at=(0, 0.22, 0.52, 0.85, 1)
    )
    light_from = -1.0 if sun and sun.x > sheet.right / 2 else 1.0
    noise = Perlin(rng)
    layers = 4 if scene.flag("minimal") else 6
    for layer in range(layers):
        t = layer / (layers - 1)
        base = horizon + 0.01 + (sheet.bottom - horizon) * 0.78 * t**1.35
        crest, slope = _crest(x[0], base, t, rng)
        depth = y - crest[None, :]
        inside = smoothstep(-0.6 / min(width, height), 0.6 / min(width, height), depth)
        first = int(np.argmax(inside.max(axis=1) > 0))
        part = slice(first, height)
        light = _lighting(noise, x, y[part], depth[part], slope, light_from, t)
        body = coloured(light, table).astype(np.float32)
        body += (haze - body) * np.float32(0.55 * (1 - t) ** 1.3)
        picture[part] += (body - picture[part]) * inside[part][..., None]
    sheet.image = as_image(picture).resize(sheet.size, Image.Resampling.LANCZOS)
    _caravan(sheet, scene, rng, horizon, shade)
    sheet.vignette(0.12)
    return sheet.image


def _sun_is_up(scene: Scene, rng: Random) -> bool:
    if scene.has("after-sunset", "afterglow", "after"):
        return False
    return scene.has("sun", "moon") or bool(rng.random() < 0.75)


def _sand(scene: Scene, rng: Random) -> tuple[Colour, Colour]:
    lit_code, shade_code = _SANDS[int(rng.integers(len(_SANDS)))]
    lit, shade = rgb(lit_code), rgb(shade_code)
    named = [
        word
        for word in ("rose", "pink", "red", "white", "violet", "purple", "blue", "teal", "black", "golden", "gold")
        if scene.has(word)
    ]
    hue = {
        "rose": 18,
        "pink": 8,
        "red": 35,
        "white": 85,
        "violet": 305,
        "purple": 305,
        "blue": 255,
        "teal": 195,
        "black": 60,
        "golden": 75,
        "gold": 75,
    }
    if named:
        first, last = named[0], named[-1]
        lit = lch(0.82 if first != "black" else 0.4, 0.03 if first in ("white", "black") else 0.075, hue[first])
        shade = lch(0.4 if first != "black" else 0.16, 0.1, hue[last] if last != first else hue[first] - 30)
    if scene.palette.dark:
        lit, shade = blend(lit, scene.palette.far, 0.6), blend(shade, scene.palette.near, 0.72)
    elif scene.hour == "dusk":
        lit, shade = blend(lit, scene.palette.sky[-2], 0.22), blend(shade, scene.palette.sky[0], 0.42)
    if as_lch(shade)[0] > as_lch(lit)[0] - 0.2:
        shade = lighter(shade, -0.2)
    return lit, shade


def _crest(x: np.ndarray, base: float, t: float, rng: Random) -> tuple[np.ndarray, np.ndarray]:
    scaled = x * np.float32(1.5 - 0.6 * t)
    swell = outline(scaled + 3, rng, octaves=2, gain=0.35)
    ridge = 0.6 - np.abs(outline(scaled * 0.9, rng, octaves=2, gain=0.3))
    crest = base - (0.05 + 0.1 * t) * (swell * 0.7 + ridge)
    slope = np.gradient(crest, x)
    kernel = np.hanning(max(5, len(x) // 24)).astype(np.float32)
    padded = np.pad(slope, len(kernel), mode="edge")
    smooth = np.convolve(padded, kernel / kernel.sum(), "same")[len(kernel) : -len(kernel)]
    return crest.astype(np.float32), smooth.astype(np.float32)


def _lighting(
    noise: Perlin, x: np.ndarray, y: np.ndarray, depth: np.ndarray, slope: np.ndarray, light_from: float, t: float
) -> np.ndarray:
    down = np.clip(depth, 0, 1)
    wander = noise.fbm(np.broadcast_to(x * 1.2, depth.shape), y * 2.0 + 9 * t, octaves=2)
    sideways = down * (0.9 + 0.5 * t) * light_from + wander * 0.12 * np.clip(down * 6, 0, 1)
    place = np.broadcast_to(x, depth.shape) + sideways
    local = np.interp(place, x[0], slope).astype(np.float32)
    edge = 0.035 + down * 0.9
    side = smoothstep(-1, 1, (local * light_from + 0.05) / edge)
    crest_light = np.exp(-down / (0.1 + 0.18 * t))
    ripple_at = (depth * (95 - 45 * t)) + wander * 7 + np.broadcast_to(x * 7, depth.shape)
    ripple = np.sin(ripple_at * 2) * 0.03 * np.clip(down * 8, 0, 1) * np.float32(t) * side
    result: np.ndarray = 0.1 + side * (0.5 + 0.35 * crest_light) + ripple - 0.1 * down * (1 - side)
    return result


def _caravan(sheet: Sheet, scene: Scene, rng: Random, horizon: float, shade: Colour) -> None:
    if not scene.has("camel", "caravan", "nomad", "traveller", "walker", "figure"):
        return
    y = horizon + (sheet.bottom - horizon) * 0.34
    start = sheet.right * float(rng.uniform(0.2, 0.5))
    dark = lighter(shade, -0.14)
    with sheet.pen() as pen:
        for index in range(5):
            x, size = start + index * 0.062, 0.03
            pen.polygon(
                [
                    (x + dx * size, y + 0.004 * index - dy * size)
                    for dx, dy in (
                        (-0.5, 0), (-0.42, 0), (-0.38, 0.5), (0.2, 0.5), (0.26, 0), (0.34, 0), (0.4, 0.62),
                        (0.62, 0.95), (0.8, 0.98), (0.82, 1.08), (0.58, 1.1), (0.36, 0.82), (0.12, 0.85), (-0.08, 1.12),
                        (-0.3, 0.84), (-0.5, 0.7),
                    )
                ],
                dark,
            )  # fmt: skip

"""The sky that landscapes share: gradient, clouds, stars, sun or moon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .colour import blend, lighter
from .fields import Random, as_mask, clouds, grid, smoothstep, working_size
from .sheet import Sheet
from .words import Scene

CLOUD_PIXELS = 220_000


@dataclass(frozen=True)
class Sun:
    """Where the sun or moon stands, in units; radius in units."""

    x: float
    y: float
    radius: float
    is_moon: bool


def place_sun(scene: Scene, sheet: Sheet, horizon: float, rng: Random) -> Sun:
    """Choose a place above the horizon (given in units from the top)."""
    third = 0.5 if scene.flag("symmetrical") else float(rng.choice([0.3, 0.36, 0.5, 0.64, 0.7]))
    is_moon = scene.palette.dark
    height = horizon * float(rng.uniform(0.3, 0.55) if is_moon else rng.uniform(0.58, 0.84))
    radius = float(rng.uniform(0.034, 0.06)) * (1.5 if scene.has("sun", "moon") else 1.0)
    return Sun(sheet.right * third, height, radius, is_moon)


def paint_sky(sheet: Sheet, scene: Scene, rng: Random, horizon: float, sun: Sun | None, *, cloudy: float = 0.6) -> None:
    """Fill the sheet with sky down to the horizon and below it with the horizon's colour."""
    palette = scene.palette
    stops = np.linspace(0, min(1.0, horizon / sheet.bottom), len(palette.sky)).tolist()
    sheet.fill(sheet.gradient((*palette.sky, palette.sky[-1]), [*stops, 1.0]))
    if palette.dark:
        paint_stars(sheet, rng, horizon, 240)
    if cloudy > 0:
        _paint_clouds(sheet, scene, rng, horizon, cloudy)
    if sun:
        paint_sun(sheet, scene, sun)


def paint_sun(sheet: Sheet, scene: Scene, sun: Sun) -> None:
    """Draw the disc and the light around it."""
    palette = scene.palette
    warm = palette.light if sun.is_moon else blend(palette.light, palette.sky[-1], 0.35)
    strength = 0.34 if sun.is_moon else 0.62
    sheet.glow(
        [
            (sun.x, sun.y, sun.radius * 4.6, warm, strength),
            (sun.x, sun.y, sun.radius * 1.7, palette.light, strength * 0.7),
        ]
    )
    wanted = scene.accent if scene.has("sun", "moon") else None
    disc = wanted if wanted and not sun.is_moon else lighter(palette.light, 0.02)
    with sheet.stencil(disc, soften=0.0012) as pen:
        pen.circle(sun.x, sun.y, sun.radius, 255)


def paint_stars(sheet: Sheet, rng: Random, horizon: float, count: int) -> None:
    """Scatter stars, most of them faint, thinning towards the horizon."""
    total = int(count * sheet.right * sheet.bottom)
    with sheet.stencil((255, 248, 232), soften=0.0006) as pen:
        for _ in range(total):
            x, y = float(rng.random()) * sheet.right, float(rng.random()) ** 1.5 * horizon
            shine = float(rng.random()) ** 4
            pen.circle(x, y, 0.0007 + 0.0017 * shine, int(70 + 185 * shine))


def _paint_clouds(sheet: Sheet, scene: Scene, rng: Random, horizon: float, amount: float) -> None:
    width, height = working_size(sheet.width, sheet.height, CLOUD_PIXELS)
    unit = min(width, height)
    bank = clouds((width, height), (unit * 0.62, unit * 0.1), rng, octaves=6, gain=0.52)
    _, y = grid(width, height)
    rise = np.clip(y / horizon, 0, 1)
    band = smoothstep(0.0, 0.45, rise) * smoothstep(1.02, 0.9, rise)
    cover = smoothstep(0.25, 2.1, bank) * band * amount * (0.5 if scene.palette.dark else 0.85)
    colour = blend(scene.palette.sky[-1], scene.palette.light, 0.4)
    if scene.palette.dark:
        colour = blend(scene.palette.sky[1], scene.palette.sky[-1], 0.7)
    sheet.lay(colour, as_mask(cover))
    shade = blend(scene.palette.sky[min(1, len(scene.palette.sky) - 1)], scene.palette.far, 0.5)
    sheet.lay(shade, as_mask(smoothstep(0.6, 2.4, -bank) * band * amount * 0.5))

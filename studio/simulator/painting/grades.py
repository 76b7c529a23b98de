"""Colour grades: each takes a picture and gives one of the same size in another light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops

from .colour import Colour, blend, luminance, ramp
from .fields import Random, as_image

Matrix = tuple[float, float, float, float, float, float, float, float, float, float, float, float]
_SUNSET = ((92, 66, 128), (196, 96, 104), (255, 158, 92), (255, 206, 140), (232, 150, 110), (150, 92, 104))


def _mixed(image: Image.Image, matrix: Matrix) -> Image.Image:
    return image.convert("RGB", matrix)


def curved(image: Image.Image, points: Sequence[tuple[float, float]]) -> Image.Image:
    """Bend all channels through points 0..1."""
    xs, ys = zip(*points, strict=True)
    table = np.clip(np.interp(np.linspace(0, 1, 256), xs, ys) * 255, 0, 255).round().astype(int).tolist()
    return image.point(table * 3)


def _glaze(image: Image.Image, colours: Sequence[Colour], strength: float) -> Image.Image:
    """Multiply by a vertical gradient."""
    column = Image.fromarray(ramp(colours, 256)[:, None, :]).resize(image.size, Image.Resampling.BICUBIC)
    return Image.blend(image, ImageChops.multiply(image, column), strength)


def as_night(image: Image.Image) -> Image.Image:
    """Darken towards blue, keeping a little of the colour."""
    cool = _mixed(image, (0.34, 0.2, 0.05, 0, 0.12, 0.42, 0.12, 0, 0.12, 0.28, 0.52, 10))
    dark = curved(cool, ((0, 0.015), (0.35, 0.12), (0.7, 0.34), (1, 0.6)))
    return _glaze(dark, ((120, 140, 220), (170, 180, 240), (225, 225, 255)), 0.85)


def as_sunset(image: Image.Image) -> Image.Image:
    """Warm the light and let it fall from violet to gold."""
    warm = _mixed(image, (1.0, 0.16, 0.0, 6, 0.1, 0.78, 0.04, 0, 0.08, 0.14, 0.58, 4))
    lit = _glaze(warm, _SUNSET, 0.8)
    return curved(lit, ((0, 0.03), (0.3, 0.32), (0.6, 0.74), (1, 1)))


def as_dawn(image: Image.Image) -> Image.Image:
    """Lift and soften towards rose and pale blue."""
    soft = _mixed(image, (0.86, 0.12, 0.05, 24, 0.08, 0.8, 0.08, 20, 0.05, 0.14, 0.8, 26))
    return _glaze(soft, ((198, 208, 240), (248, 214, 214), (255, 232, 204)), 0.7)


def as_noon(image: Image.Image) -> Image.Image:
    """Brighten and clear."""
    bright = curved(image, ((0, 0.0), (0.2, 0.27), (0.5, 0.68), (0.8, 0.92), (1, 1)))
    return _mixed(bright, (1.08, -0.06, 0.0, 2, -0.03, 1.06, -0.02, 2, -0.04, 0.0, 1.06, 2))


def as_monochrome(image: Image.Image) -> Image.Image:
    """Take the colour away and deepen the contrast."""
    return curved(image.convert("L").convert("RGB"), ((0, 0), (0.25, 0.19), (0.5, 0.51), (0.75, 0.82), (1, 1)))


def as_autumn(image: Image.Image) -> Image.Image:
    """Turn greens to rust and gold."""
    turned = _mixed(image, (0.72, 0.62, -0.16, 6, 0.2, 0.62, 0.04, 0, 0.06, 0.1, 0.6, 0))
    return curved(turned, ((0, 0.01), (0.3, 0.3), (0.65, 0.7), (1, 0.98)))


def as_winter(image: Image.Image) -> Image.Image:
    """Cool and pale."""
    pale = _mixed(image, (0.56, 0.24, 0.1, 30, 0.14, 0.66, 0.14, 34, 0.12, 0.22, 0.68, 44))
    return curved(pale, ((0, 0.1), (0.4, 0.5), (1, 0.98)))


def as_storm(image: Image.Image) -> Image.Image:
    """Grey the colours and lower the light."""
    grey = _mixed(image, (0.5, 0.2, 0.08, 2, 0.14, 0.58, 0.12, 6, 0.12, 0.22, 0.6, 14))
    return curved(grey, ((0, 0.03), (0.4, 0.3), (0.8, 0.62), (1, 0.86)))


def as_tinted(image: Image.Image, colour: Colour, strength: float = 0.62) -> Image.Image:
    """Print the picture in one colour, from its shadow to its light, mixed with the original."""
    steps = (
        (10, 10, 16),
        blend((14, 12, 20), colour, 0.6),
        colour,
        blend(colour, (255, 250, 240), 0.72),
        (255, 252, 246),
    )
    middle = min(0.72, max(0.3, luminance(colour) ** 0.45))
    table = ramp(steps, 256, (0, middle * 0.55, middle, (1 + middle) / 2, 1))
    printed = Image.fromarray(table[np.asarray(image.convert("L"))])
    return Image.blend(image, printed, strength)


def as_regraded(image: Image.Image, rng: Random) -> Image.Image:
    """Give a quiet new grade when the words name no change: split tones and a firmer curve."""
    warm = bool(rng.random() < 0.5)
    shadows, lights = ((26, 44, 66), (255, 232, 196)) if warm else ((52, 30, 48), (214, 238, 246))
    table = ramp((shadows, blend(shadows, lights, 0.5), lights), 256)
    toned = Image.fromarray(table[np.asarray(image.convert("L"))])
    mixed = Image.blend(image, toned, 0.3)
    shift: Matrix = (1.06, 0.02, -0.04, 4, 0.0, 1.0, 0.0, 0, -0.03, 0.02, 0.92, 0)
    if not warm:
        shift = (0.92, 0.02, 0.0, 0, 0.0, 1.0, 0.02, 0, -0.02, 0.04, 1.08, 5)
    return curved(_mixed(mixed, shift), ((0, 0.03), (0.25, 0.21), (0.5, 0.53), (0.75, 0.81), (1, 0.98)))


def lifted(image: Image.Image, amount: float) -> Image.Image:
    """Add or take light evenly."""
    return as_image(np.asarray(image, np.float32) + np.float32(amount))

"""Colours as sRGB triples, mixed in OKLab so that gradients keep their brightness."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

Colour = tuple[int, int, int]
# Mostly float32, to halve the memory of a four-megapixel field; nothing relies on it.
Floats = NDArray[np.floating]
Bytes = NDArray[np.uint8]

# Björn Ottosson's OKLab: linear sRGB to cone responses, cone responses to Lab.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LAB = np.linalg.inv(_TO_LAB)
_FROM_CONES = np.linalg.inv(_TO_CONES)


def rgb(text: str) -> Colour:
    """Read `#rrggbb`."""
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def _to_lab(colours: Sequence[Colour] | Bytes) -> NDArray[np.float64]:
    linear = (np.asarray(colours, np.float64) / 255) ** 2.2
    lab: NDArray[np.float64] = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def _from_lab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = ((lab @ _FROM_LAB.T) ** 3) @ _FROM_CONES.T
    encoded: NDArray[np.float64] = np.sign(linear) * np.abs(linear) ** (1 / 2.2) * 255
    return encoded


def _as_colour(values: NDArray[np.float64]) -> Colour:
    red, green, blue = np.clip(np.rint(values), 0, 255).astype(int).tolist()
    return red, green, blue


def blend(first: Colour, second: Colour, amount: float) -> Colour:
    """Mix two colours; 0 is the first, 1 the second."""
    lab = _to_lab([first, second])
    return _as_colour(_from_lab(lab[0] * (1 - amount) + lab[1] * amount))


def lch(lightness: float, chroma: float, hue: float) -> Colour:
    """Make a colour from OKLCH (0..1, 0..0.37, degrees), giving up chroma until sRGB can show it."""
    for step in range(12):
        reduced = chroma * (1 - step / 12)
        angle = math.radians(hue)
        lab = np.array([lightness, reduced * math.cos(angle), reduced * math.sin(angle)])
        values = _from_lab(lab)
        if values.min() > -4 and values.max() < 259:
            break
    return _as_colour(values)


def as_lch(colour: Colour) -> tuple[float, float, float]:
    """Give lightness 0..1, chroma and hue in degrees."""
    lightness, a, b = _to_lab([colour])[0].tolist()
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def lighter(colour: Colour, amount: float) -> Colour:
    """Raise (or with a negative amount lower) the lightness, 0..1."""
    lightness, chroma, hue = as_lch(colour)
    return lch(min(0.99, max(0.02, lightness + amount)), chroma, hue)


def muted(colour: Colour, factor: float) -> Colour:
    """Scale the chroma."""
    lightness, chroma, hue = as_lch(colour)
    return lch(lightness, chroma * factor, hue)


def tinted(colour: Colour, hue: float, strength: float, chroma: float = 0.06) -> Colour:
    """Pull a colour towards a hue, keeping its lightness and giving greys at least some chroma."""
    lightness, own, _ = as_lch(colour)
    room = min(lightness, 1 - lightness) * 2.2
    return blend(colour, lch(lightness, max(own, min(chroma, chroma * room)), hue), strength)


def turned(colour: Colour, degrees: float) -> Colour:
    """Rotate the hue."""
    lightness, chroma, hue = as_lch(colour)
    return lch(lightness, chroma, hue + degrees)


def ramp(colours: Sequence[Colour], steps: int = 256, at: Sequence[float] | None = None) -> Bytes:
    """Spread colours over a table of shape (steps, 3), evenly or at the given positions 0..1."""
    lab = _to_lab(list(colours))
    positions = np.linspace(0, 1, len(colours)) if at is None else np.asarray(at)
    wanted = np.linspace(0, 1, steps)
    mixed = np.stack([np.interp(wanted, positions, lab[:, channel]) for channel in range(3)], -1)
    return np.clip(np.rint(_from_lab(mixed)), 0, 255).astype(np.uint8)


def luminance(colour: Colour) -> float:
    """Give the relative luminance 0..1."""
    red, green, blue = (float((channel / 255) ** 2.2) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrasting(ground: Colour, light: Colour, dark: Colour) -> Colour:
    """Pick whichever of two colours reads better on the ground."""
    return dark if luminance(ground) > 0.28 else light

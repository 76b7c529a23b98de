"""Smooth fields: noise, blur, thresholds. Arrays are float32 of shape (height, width)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from .colour import Bytes, Floats

Random = np.random.Generator
# An octave finer than this many pixels is sampling noise, not texture.
FINEST_CELL = 1.5


def smoothstep(low: float, high: float, values: Floats) -> Floats:
    """Ease from 0 to 1 between two thresholds (which may be given in falling order)."""
    t: Floats = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    eased: Floats = t * t * (3 - 2 * t)
    return eased


def working_size(width: int, height: int, pixels: float) -> tuple[int, int]:
    """Shrink a size to about so many pixels, never enlarging it."""
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    return max(2, round(width * scale)), max(2, round(height * scale))


def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Give x and y of pixel centres with the short side as the unit; both broadcast."""
    unit = min(width, height)
    x = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / unit
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / unit
    return x, y


def resized(field: Floats, width: int, height: int) -> Floats:
    """Scale a field smoothly."""
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def clouds(
    size: tuple[int, int],
    cell: float | tuple[float, float],
    rng: Random,
    *,
    octaves: int = 5,
    gain: float = 0.5,
) -> Floats:
    """Sum octaves of smooth noise on a regular grid; cells in pixels; about unit deviation."""
    width, height = size
    cell_x, cell_y = cell if isinstance(cell, tuple) else (cell, cell)
    total = np.zeros((height, width), np.float32)
    weight, power = 1.0, 0.0
    for _ in range(octaves):
        if min(cell_x, cell_y) < FINEST_CELL and power:
            break
        columns, rows = math.ceil(width / cell_x) + 4, math.ceil(height / cell_y) + 4
        lattice = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
        left, top = 1 + rng.random(), 1 + rng.random()
        box = (left, top, left + width / cell_x, top + height / cell_y)
        layer = lattice.resize((width, height), Image.Resampling.BICUBIC, box=box)
        total += np.float32(weight) * np.asarray(layer, np.float32)
        power += weight * weight
        weight *= gain
        cell_x, cell_y = cell_x / 2.03, cell_y / 2.03
    return total * np.float32(1.35 / math.sqrt(power))


def outline(positions: Floats, rng: Random, *, octaves: int = 6, gain: float = 0.5) -> Floats:
    """Sum octaves of one-dimensional noise along positions (in cells of the first octave)."""
    total = np.zeros_like(positions)
    weight, norm = 1.0, 0.0
    scaled = positions - positions.min()
    for _ in range(octaves):
        lattice = rng.standard_normal(int(scaled.max()) + 3).astype(np.float32)
        cell = scaled.astype(np.int64)
        part = scaled - cell
        part = part * part * part * (part * (part * 6 - 15) + 10)
        total += np.float32(weight) * (lattice[cell] * (1 - part) + lattice[cell + 1] * part)
        norm += weight * weight
        weight *= gain
        scaled = scaled * np.float32(2.07) + np.float32(0.37)
    return total / np.float32(math.sqrt(norm))


class Perlin:
    """Gradient noise that can be sampled anywhere, for domain warping."""

    def __init__(self, rng: Random) -> None:
        self._order: NDArray[np.int32] = np.tile(rng.permutation(256), 3).astype(np.int32)
        angle = rng.random(256) * 2 * np.pi
        self._across = np.cos(angle).astype(np.float32)
        self._down = np.sin(angle).astype(np.float32)

    def at(self, x: Floats, y: Floats) -> Floats:
        """Sample one octave, about -1..1; x and y have the same shape."""
        left, top = np.floor(x), np.floor(y)
        fx, fy = x - left, y - top
        column, row = left.astype(np.int32) & 255, top.astype(np.int32) & 255
        ease_x = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
        ease_y = fy * fy * fy * (fy * (fy * 6 - 15) + 10)
        first, second = self._order[column] + row, self._order[column + 1] + row
        upper = self._corner(first, fx, fy)
        upper += ease_x * (self._corner(second, fx - 1, fy) - upper)
        lower = self._corner(first + 1, fx, fy - 1)
        lower += ease_x * (self._corner(second + 1, fx - 1, fy - 1) - lower)
        return (upper + ease_y * (lower - upper)) * np.float32(1.5)

    def _corner(self, index: NDArray[np.int32], fx: Floats, fy: Floats) -> Floats:
        pick = self._order[index]
        return self._across[pick] * fx + self._down[pick] * fy

    def fbm(self, x: Floats, y: Floats, *, octaves: int = 4, gain: float = 0.5) -> Floats:
        """Sum octaves; about -1..1."""
        total = np.zeros(np.broadcast(x, y).shape, np.float32)
        x, y = (np.array(np.broadcast_to(axis, total.shape), np.float32) for axis in (x, y))
        weight, norm = 1.0, 0.0
        for _ in range(octaves):
            total += np.float32(weight) * self.at(x, y)
            norm += weight
            weight *= gain
            x, y = x * np.float32(2.03) + np.float32(3.1), y * np.float32(2.03) + np.float32(1.7)
        return total / np.float32(norm)


def coloured(values: Floats, table: Bytes) -> Bytes:
    """Look up values 0..1 in a colour table."""
    index = np.clip(values * (len(table) - 1), 0, len(table) - 1).astype(np.intp)
    return table[index]


def as_image(values: NDArray[np.floating] | Bytes) -> Image.Image:
    """Turn values 0..255 of shape (h, w) or (h, w, 3) into an image."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def as_mask(values: Floats) -> Image.Image:
    """Turn coverage 0..1 into an 8-bit mask."""
    return Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """Blur by a radius in pixels; wide blurs run on a small copy."""
    if radius < 0.3:
        return image
    shrink = max(1, int(radius / 3))
    if shrink == 1 or min(image.size) < shrink * 4:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.reduce(shrink).filter(ImageFilter.GaussianBlur(radius / shrink))
    return small.resize(image.size, Image.Resampling.BICUBIC)

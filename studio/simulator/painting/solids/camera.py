"""A level camera with a shifted lens, so that uprights stay upright."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .shapes import Shape, Vectors

Window = tuple[slice, slice]


@dataclass(frozen=True)
class Camera:
    """Stand at a place, look along -z turned by an angle; `spread` is half the short side's view at distance one."""

    place: tuple[float, float, float]
    turn: float = 0.0
    spread: float = 0.4
    shift: float = 0.0

    def _axes(self) -> tuple[float, float]:
        return float(np.sin(self.turn)), float(np.cos(self.turn))

    def rays(self, width: int, height: int, *, downward: bool = False) -> Vectors:
        """Give a unit ray for each pixel; `downward` mirrors them at a horizontal plane."""
        unit = min(width, height) / 2
        u = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / unit * self.spread)[None, :]
        v = (-(np.arange(height, dtype=np.float32) + 0.5 - height / 2) / unit * self.spread + self.shift)[:, None]
        sine, cosine = self._axes()
        x = u * np.float32(cosine) + np.float32(sine) + v * 0
        z = u * np.float32(sine) - np.float32(cosine) + v * 0
        y = v + u * 0
        length = np.sqrt(x * x + y * y + z * z)
        return Vectors(x / length, (-y if downward else y) / length, z / length)

    def mirrored(self, level: float) -> Camera:
        """Stand below a water level as deep as above; use with `downward` rays."""
        x, y, z = self.place
        return replace(self, place=(x, 2 * level - y, z))

    def window(self, shape: Shape, width: int, height: int, *, downward: bool = False) -> Window | None:
        """Find the part of the picture a solid can show in; None if it is behind."""
        low, high = shape.bounds()
        unit = min(width, height) / 2
        sine, cosine = self._axes()
        columns: list[float] = []
        rows: list[float] = []
        for corner in range(8):
            x, y, z = ((high if corner >> axis & 1 else low)[axis] - self.place[axis] for axis in range(3))
            ahead = x * sine - z * cosine
            if ahead < 0.05:
                return slice(0, height), slice(0, width)
            across, up = (x * cosine + z * sine) / ahead, y / ahead
            columns.append(across / self.spread * unit + width / 2)
            rows.append(height / 2 - ((-up if downward else up) - self.shift) / self.spread * unit)
        left, right = max(0, int(min(columns)) - 2), min(width, int(max(columns)) + 3)
        top, bottom = max(0, int(min(rows)) - 2), min(height, int(max(rows)) + 3)
        return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None

"""Solids that a ray can meet: y is up, units are about metres.

`meet` gives the distance along each ray (infinite where it misses), `normal` the surface's direction at points,
`near` a distance bound for soft shade.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from studio.simulator.painting.colour import Floats

NEVER = np.float32(np.inf)
# Rays start this far from the surface they leave, or they would meet it again.
CLEARANCE = 1e-3


class Vectors(NamedTuple):
    """Many vectors, one array (or number) a component."""

    x: Floats
    y: Floats
    z: Floats


class Shape(Protocol):
    """What the tracer asks of a solid."""

    def meet(self, origin: Vectors, ray: Vectors) -> Floats:
        """Give the distance to the first surface ahead."""
        ...

    def normal(self, point: Vectors) -> Vectors:
        """Give the outward direction at surface points."""
        ...

    def near(self, point: Vectors) -> Floats:
        """Give the distance to the surface, or less."""
        ...

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Give the lowest and highest corner of a box around the solid."""
        ...


def _safe(component: Floats) -> Floats:
    return np.where(np.abs(component) < 1e-7, np.float32(1e-7), component)


@dataclass(frozen=True)
class Ball:
    """An upright ellipsoid; with `above` only the part over that height (a dome)."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    above: float = -math.inf

    @classmethod
    def round(cls, x: float, y: float, z: float, radius: float) -> Ball:
        """Make a sphere."""
        return cls((x, y, z), (radius, radius, radius))

    def _inward(self, point: Vectors) -> Vectors:
        parts = [(p - np.float32(c)) / np.float32(r) for p, c, r in zip(point, self.centre, self.radii, strict=True)]
        return Vectors(*parts)

    def meet(self, origin: Vectors, ray: Vectors) -> Floats:
        start = self._inward(origin)
        dx, dy, dz = (part / np.float32(r) for part, r in zip(ray, self.radii, strict=True))
        a = dx * dx + dy * dy + dz * dz
        b = start.x * dx + start.y * dy + start.z * dz
        c = start.x * start.x + start.y * start.y + start.z * start.z - 1
        inside = b * b - a * c
        root = np.sqrt(np.maximum(inside, 0))
        best = np.full(np.shape(inside), NEVER, np.float32)
        for t in ((-b + root) / a, (-b - root) / a):
            good = (inside > 0) & (t > CLEARANCE)
            if self.above > -math.inf:
                good &= origin.y + ray.y * t >= self.above
            best = np.where(good, t, best)
        return best

    def normal(self, point: Vectors) -> Vectors:
        inward = self._inward(point)
        parts = [part / np.float32(r) for part, r in zip(inward, self.radii, strict=True)]
        return Vectors(*parts)

    def near(self, point: Vectors) -> Floats:
        x, y, z = self._inward(point)
        return (np.sqrt(x * x + y * y + z * z) - 1) * np.float32(min(self.radii))

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        (x, y, z), (a, b, c) = self.centre, self.radii
        return (x - a, y - b, z - c), (x + a, y + b, z + c)


@dataclass(frozen=True)
class Box:
    """An upright box between two corners."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def meet(self, origin: Vectors, ray: Vectors) -> Floats:
        enter: Floats = np.array(-np.inf, np.float32)
        leave: Floats = np.array(NEVER)
        for o, d, low, high in zip(origin, ray, self.low, self.high, strict=True):
            inverse = 1 / _safe(d)
            first, second = (np.float32(low) - o) * inverse, (np.float32(high) - o) * inverse
            enter = np.maximum(enter, np.minimum(first, second))
            leave = np.minimum(leave, np.maximum(first, second))
        return np.where((leave > enter) & (enter > CLEARANCE), enter, NEVER)

    def normal(self, point: Vectors) -> Vectors:
        scaled = []
        for p, low, high in zip(point, self.low, self.high, strict=True):
            scaled.append((p - np.float32((low + high) / 2)) / np.float32((high - low) / 2))
        largest = np.maximum(np.maximum(np.abs(scaled[0]), np.abs(scaled[1])), np.abs(scaled[2]))
        parts = [np.where(np.abs(part) >= largest - 1e-6, np.sign(part), 0).astype(np.float32) for part in scaled]
        return Vectors(*parts)

    def near(self, point: Vectors) -> Floats:
        outside, deepest = np.float32(0), np.float32(-np.inf)
        for p, low, high in zip(point, self.low, self.high, strict=True):
            away = np.abs(p - np.float32((low + high) / 2)) - np.float32((high - low) / 2)
            outside = outside + np.maximum(away, 0) ** 2
            deepest = np.maximum(deepest, away)
        gap: Floats = np.sqrt(outside) + np.minimum(deepest, 0)
        return gap

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        return self.low, self.high


@dataclass(frozen=True)
class Drum:
    """An upright cylinder with a flat top."""

    x: float
    z: float
    radius: float
    bottom: float
    top: float

    def meet(self, origin: Vectors, ray: Vectors) -> Floats:
        x, z = origin.x - np.float32(self.x), origin.z - np.float32(self.z)
        a = np.maximum(ray.x * ray.x + ray.z * ray.z, 1e-9)
        b = x * ray.x + z * ray.z
        c = x * x + z * z - np.float32(self.radius**2)
        inside = b * b - a * c
        side = (-b - np.sqrt(np.maximum(inside, 0))) / a
        height = origin.y + ray.y * side
        best = np.where((inside > 0) & (side > CLEARANCE) & (height > self.bottom) & (height < self.top), side, NEVER)
        lid = (np.float32(self.top) - origin.y) / _safe(ray.y)
        over = (x + ray.x * lid) ** 2 + (z + ray.z * lid) ** 2 < self.radius**2
        return np.where(over & (lid > CLEARANCE) & (lid < best), lid, best)

    def normal(self, point: Vectors) -> Vectors:
        top = point.y > self.top - 2e-3
        x = np.where(top, 0, (point.x - np.float32(self.x)) / np.float32(self.radius))
        z = np.where(top, 0, (point.z - np.float32(self.z)) / np.float32(self.radius))
        return Vectors(x.astype(np.float32), top.astype(np.float32), z.astype(np.float32))

    def near(self, point: Vectors) -> Floats:
        around = np.hypot(point.x - np.float32(self.x), point.z - np.float32(self.z)) - np.float32(self.radius)
        along = np.abs(point.y - np.float32((self.top + self.bottom) / 2)) - np.float32((self.top - self.bottom) / 2)
        gap: Floats = np.minimum(np.maximum(around, along), 0) + np.hypot(np.maximum(around, 0), np.maximum(along, 0))
        return gap

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        r = self.radius
        return (self.x - r, self.bottom, self.z - r), (self.x + r, self.top, self.z + r)


@dataclass(frozen=True)
class Torus:
    """A ring standing upright, facing z."""

    centre: tuple[float, float, float]
    ring: float
    tube: float

    def near(self, point: Vectors) -> Floats:
        x, y, z = (p - np.float32(c) for p, c in zip(point, self.centre, strict=True))
        gap: Floats = np.hypot(np.hypot(x, y) - np.float32(self.ring), z) - np.float32(self.tube)
        return gap

    def meet(self, origin: Vectors, ray: Vectors) -> Floats:
        reach = self.ring + self.tube
        hull = Ball(self.centre, (reach, reach, self.tube * 1.7 + reach * 0.3))
        entry = hull.meet(origin, ray)
        result = np.full(entry.shape, NEVER, np.float32)
        index = np.nonzero(np.isfinite(entry))
        if not len(index[0]):
            return result
        start = Vectors(*(np.broadcast_to(part, entry.shape)[index] for part in origin))
        way = Vectors(*(np.broadcast_to(part, entry.shape)[index] for part in ray))
        t = np.where(hull.near(start) < 0, np.float32(CLEARANCE * 4), entry[index])
        for _ in range(26):
            gap = self.near(Vectors(start.x + way.x * t, start.y + way.y * t, start.z + way.z * t))
            t = t + gap
        result[index] = np.where((gap < 4e-3) & (t > CLEARANCE) & (t < 60), t, NEVER)
        return result

    def normal(self, point: Vectors) -> Vectors:
        x, y, z = (p - np.float32(c) for p, c in zip(point, self.centre, strict=True))
        around = np.maximum(np.hypot(x, y), 1e-6)
        rest = (around - np.float32(self.ring)) / around
        return Vectors(x * rest, y * rest, z)

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        (x, y, z), r = self.centre, self.ring + self.tube
        return (x - r, y - r, z - self.tube), (x + r, y + r, z + self.tube)


@dataclass(frozen=True)
class ArchWall:
    """A wall facing z with arched openings: (centre x, half width, height where the round begins)."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    openings: tuple[tuple[float, float, float], ...]

    @property
    def _block(self) -> Box:
        return Box(self.low, self.high)

    def _open(self, x: Floats, y: Floats) -> np.ndarray:
        found = np.zeros(np.broadcast(x, y).shape, bool)
        for centre, half, spring in self.openings:
            found |= (np.abs(x - centre) < half) & (y < spring)
            found |= (x - centre) ** 2 + (y - spring) ** 2 < half * half
        return found

    def meet(self, origin: Vectors, ray: Vectors) -> Floats:
        entry = self._block.meet(origin, ray)
        x, y, z = (o + d * np.where(np.isfinite(entry), entry, 0) for o, d in zip(origin, ray, strict=True))
        on_face = np.abs(z - (self.low[2] + self.high[2]) / 2) > (self.high[2] - self.low[2]) / 2 - 1e-3
        best = np.where(on_face & self._open(x, y), NEVER, entry)
        for opening in self.openings:
            best = np.minimum(best, self._reveal(opening, origin, ray))
        return best

    def _reveal(self, opening: tuple[float, float, float], origin: Vectors, ray: Vectors) -> Floats:
        """Meet the inner faces of one opening."""
        centre, half, spring = opening
        best = np.full(np.broadcast(origin.x, ray.x).shape, NEVER, np.float32)
        x, y = origin.x - np.float32(centre), origin.y - np.float32(spring)
        a = np.maximum(ray.x * ray.x + ray.y * ray.y, 1e-9)
        b, c = x * ray.x + y * ray.y, x * x + y * y - np.float32(half * half)
        inside = b * b - a * c
        vault = (-b + np.sqrt(np.maximum(inside, 0))) / a
        candidates = [(vault, (inside > 0) & (origin.y + ray.y * vault >= spring))]
        for face in (centre - half, centre + half):
            t = (np.float32(face) - origin.x) / _safe(ray.x)
            height = origin.y + ray.y * t
            towards = (ray.x > 0) == (face > centre)
            candidates.append((t, towards & (height < spring) & (height > self.low[1])))
        for t, good in candidates:
            depth = origin.z + ray.z * t
            good = good & (t > CLEARANCE) & (depth > self.low[2]) & (depth < self.high[2])
            best = np.where(good & (t < best), t, best)
        return best

    def normal(self, point: Vectors) -> Vectors:
        nx, ny, nz = self._block.normal(point)
        within = (point.z > self.low[2] + 2e-3) & (point.z < self.high[2] - 2e-3)
        for centre, half, spring in self.openings:
            x, y = point.x - np.float32(centre), np.maximum(point.y - np.float32(spring), 0)
            reveal = within & (np.abs(np.hypot(x, y) - half) < 4e-3) & (np.abs(x) < half + 4e-3)
            nx = np.where(reveal, -x / np.float32(half), nx)
            ny = np.where(reveal, -y / np.float32(half), ny)
            nz = np.where(reveal, 0, nz)
        return Vectors(nx, ny, nz)

    def near(self, point: Vectors) -> Floats:
        bound = self._block.near(point)
        for centre, half, spring in self.openings:
            x, y = np.abs(point.x - np.float32(centre)), np.maximum(point.y - np.float32(spring), 0)
            bound = np.maximum(bound, np.float32(half) - np.hypot(x, y))
        return bound

    def bounds(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        return self.low, self.high

"""Trace a view of a few solids and shade it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Bytes, Colour, Floats
from studio.simulator.painting.fields import coloured, resized

from .camera import Camera
from .shapes import NEVER, Shape, Vectors

# Shade is traced on every second pixel and smoothed up: a quarter of the rays, and softer edges for nothing.
SHADE_STEP = 2
# Directions of the sun's disc; neighbouring pixels take different ones and the blur joins them.
SUN_SAMPLES = 4
SHADE_REACHES = (0.07, 0.2, 0.5)
FAR = 400.0


@dataclass(frozen=True)
class Thing:
    """A solid and its colour."""

    shape: Shape
    colour: Colour


@dataclass(frozen=True)
class Light:
    """The sun (direction towards it, colour, strength, softness), ambient light from above and below, and lamps."""

    towards: tuple[float, float, float]
    colour: Colour
    strength: float
    above: Colour
    below: Colour
    softness: float = 0.035
    lamps: tuple[tuple[tuple[float, float, float], Colour, float], ...] = ()


def linear(colour: Colour) -> Floats:
    """Decode sRGB."""
    return ((np.array(colour, np.float32) / 255) ** np.float32(2.2)).astype(np.float32)


def render(
    things: Sequence[Thing],
    camera: Camera,
    light: Light,
    sky: Bytes,
    size: tuple[int, int],
    *,
    floor: tuple[float, Colour] | None = None,
    downward: bool = False,
) -> tuple[Floats, Floats]:
    """Give linear light (h, w, 3) and distances (h, w); floor: level and colour; sky: a table from below."""
    width, height = size
    rays = camera.rays(width, height, downward=downward)
    distance, hit = _first(things, camera, rays, size, downward)
    place = Vectors(*(np.asarray(value, np.float32) for value in camera.place))
    if floor is not None:
        level = (np.float32(floor[0]) - place.y) / np.where(rays.y < -1e-5, rays.y, NEVER)
        below = (rays.y < -1e-5) & (level < distance) & (level < FAR) & (level > 0)
        distance, hit = np.where(below, level, distance), np.where(below, len(things), hit)
    seen = np.where(np.isfinite(distance), distance, 0)
    point = Vectors(*(o + d * seen for o, d in zip(place, rays, strict=True)))
    normal, colour = _surface(things, floor, hit, point, rays)
    shade, open_sky = _shading(things, light, hit, point, normal)
    picture = colour * _received(light, normal, point, shade, open_sky)
    beyond = coloured(np.clip(np.abs(rays.y) * 1.5 + 0.02, 0, 1), sky).astype(np.float32) / 255
    away = hit < 0
    picture[away] = beyond[away] ** np.float32(2.2)
    haze = (1 - np.exp(-np.minimum(seen, FAR) * 0.006))[..., None] * (~away)[..., None]
    horizon = (sky[2].astype(np.float32) / 255) ** np.float32(2.2)
    picture = picture + (horizon - picture) * haze
    return soft_edges(picture, hit), distance


def _first(
    things: Sequence[Thing], camera: Camera, rays: Vectors, size: tuple[int, int], downward: bool
) -> tuple[Floats, np.ndarray]:
    width, height = size
    distance = np.full((height, width), NEVER, np.float32)
    hit = np.full((height, width), -1, np.int16)
    place = Vectors(*(np.asarray(value, np.float32) for value in camera.place))
    for index, thing in enumerate(things):
        window = camera.window(thing.shape, width, height, downward=downward)
        if window is None:
            continue
        t = thing.shape.meet(place, Vectors(*(part[window] for part in rays)))
        nearer = t < distance[window]
        distance[window] = np.where(nearer, t, distance[window])
        hit[window] = np.where(nearer, index, hit[window])
    return distance, hit


def _surface(
    things: Sequence[Thing], floor: tuple[float, Colour] | None, hit: np.ndarray, point: Vectors, rays: Vectors
) -> tuple[Vectors, Floats]:
    normal = Vectors(np.zeros_like(point.x), np.ones_like(point.x), np.zeros_like(point.x))
    colour = np.zeros((*hit.shape, 3), np.float32)
    if floor is not None:
        colour[hit == len(things)] = linear(floor[1])
    for index, thing in enumerate(things):
        where = np.nonzero(hit == index)
        if not len(where[0]):
            continue
        parts = thing.shape.normal(Vectors(*(part[where] for part in point)))
        length = np.sqrt(parts.x**2 + parts.y**2 + parts.z**2) + 1e-9
        facing = -np.sign(sum(part * ray[where] for part, ray in zip(parts, rays, strict=True)))
        for target, part in zip(normal, parts, strict=True):
            target[where] = part / length * facing
        colour[where] = linear(thing.colour)
    return normal, colour


def _shading(
    things: Sequence[Thing], light: Light, hit: np.ndarray, point: Vectors, normal: Vectors
) -> tuple[Floats, Floats]:
    """Give how much sun (0..1) and how much open sky (0..1) reaches each point."""
    height, width = hit.shape
    step = (slice(None, None, SHADE_STEP), slice(None, None, SHADE_STEP))
    small = hit[step]
    solid = np.nonzero(small >= 0)
    at = Vectors(*(part[step][solid] for part in point))
    out = Vectors(*(part[step][solid] for part in normal))
    lifted = Vectors(*(a + n * np.float32(4e-3) for a, n in zip(at, out, strict=True)))
    # Where nothing stands the values only bleed into edges: middling ones show least.
    sun, open_sky = np.full(small.shape, 0.4, np.float32), np.full(small.shape, 0.7, np.float32)
    sun[solid] = _sunlit(things, light, solid, lifted, out)
    shade = np.ones(len(at.x), np.float32)
    for reach, weight in zip(SHADE_REACHES, (2.6, 1.1, 0.5), strict=True):
        probe = Vectors(*(a + n * np.float32(reach) for a, n in zip(at, out, strict=True)))
        gap = np.full(len(at.x), reach, np.float32)
        for thing in things:
            gap = np.minimum(gap, thing.shape.near(probe))
        shade -= np.clip(reach - gap, 0, reach) * np.float32(weight)
    open_sky[solid] = np.clip(shade, 0.16, 1)
    return _spread(sun, width, height, 2), _spread(open_sky, width, height, 0)


def _sunlit(
    things: Sequence[Thing], light: Light, solid: tuple[np.ndarray, ...], lifted: Vectors, out: Vectors
) -> Floats:
    towards = np.array(light.towards) / np.linalg.norm(light.towards)
    side = np.cross(towards, (0.3, 0.9, 0.1))
    side /= np.linalg.norm(side)
    up = np.cross(side, towards)
    phase = (solid[0] % 2 * 2 + solid[1] % 2).astype(np.float32)
    total = np.zeros(len(lifted.x), np.float32)
    facing = out.x * towards[0] + out.y * towards[1] + out.z * towards[2] > 0
    index = np.nonzero(facing)[0]
    start = Vectors(*(part[index] for part in lifted))
    for sample in range(SUN_SAMPLES):
        angle = (sample + phase[index] / 4) * np.float32(np.pi / 2) + 0.4
        radius = light.softness * np.sqrt(((sample * 2 + phase[index]) % 4 + 0.6) / 4.6)
        ray = [
            (towards[axis] + (np.cos(angle) * side[axis] + np.sin(angle) * up[axis]) * radius).astype(np.float32)
            for axis in range(3)
        ]
        blocked = np.zeros(len(index), bool)
        for thing in things:
            clear = np.nonzero(~blocked)[0]
            if not len(clear):
                break
            part = thing.shape.meet(
                Vectors(*(value[clear] for value in start)), Vectors(*(value[clear] for value in ray))
            )
            blocked[clear] = np.isfinite(part)
        total[index] += ~blocked
    return total / SUN_SAMPLES


def _spread(field: Floats, width: int, height: int, passes: int) -> Floats:
    for _ in range(passes):
        padded = np.pad(field, 1, mode="edge")
        rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
        field = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return np.clip(resized(field, width, height), 0, 1)


def _received(light: Light, normal: Vectors, point: Vectors, sun: Floats, open_sky: Floats) -> Floats:
    towards = np.array(light.towards, np.float32)
    towards /= np.linalg.norm(towards)
    facing = np.clip(normal.x * towards[0] + normal.y * towards[1] + normal.z * towards[2], 0, 1)
    total: Floats = (facing * sun)[..., None] * (linear(light.colour) * np.float32(light.strength))
    upward = (normal.y * 0.5 + 0.5)[..., None]
    total += (linear(light.below) * (1 - upward) + linear(light.above) * upward) * open_sky[..., None]
    back = np.clip(-normal.x * towards[0] - normal.z * towards[2], 0, 1) * open_sky
    total += back[..., None] * (linear(light.colour) * np.float32(light.strength * 0.05))
    for place, colour, power in light.lamps:
        x, y, z = (np.float32(p) - at for p, at in zip(place, point, strict=True))
        span = x * x + y * y + z * z
        lit = np.clip((x * normal.x + y * normal.y + z * normal.z) / np.sqrt(span + 1e-6), 0, 1)
        total += (lit * np.float32(power) / (span + 0.12) * open_sky)[..., None] * linear(colour)
    return total


def soft_edges(picture: Floats, hit: np.ndarray) -> Floats:
    """Average where different things meet, in place of more rays."""
    edge = np.zeros(hit.shape, bool)
    down, across = hit[1:] != hit[:-1], hit[:, 1:] != hit[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    rows, columns = np.nonzero(edge)
    height, width = hit.shape
    total = np.zeros((len(rows), 3), np.float32)
    for row_step, column_step, weight in ((0, 0, 0.36), (0, 1, 0.16), (0, -1, 0.16), (1, 0, 0.16), (-1, 0, 0.16)):
        total += picture[np.clip(rows + row_step, 0, height - 1), np.clip(columns + column_step, 0, width - 1)] * weight
    picture[rows, columns] = total
    return picture


def developed(light: Floats, exposure: float = 1.0) -> Image.Image:
    """Map linear light to a picture with soft highlights."""
    exposed = light * np.float32(exposure)
    toned = exposed * (1 + exposed / 7) / (1 + exposed * np.float32(0.72)) * np.float32(1.12)
    encoded = np.clip(toned, 0, 1) ** np.float32(1 / 2.2) * 255
    return Image.fromarray(encoded.astype(np.uint8))

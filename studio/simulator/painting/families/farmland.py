"""Fields of flowers from the air, in exact stripes."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, Floats, blend, lighter, rgb, turned
from studio.simulator.painting.fields import Random, as_image, clouds, grid, smoothstep, working_size
from studio.simulator.painting.sheet import Pen, Point, Sheet
from studio.simulator.painting.words import Scene

FIELD_PIXELS = 1_300_000
_BLOOMS = {
    "tulip": ("#d6303f", "#f0603a", "#f6b52e", "#f7d9dd", "#c9387f", "#7b2f86", "#f2909f", "#faf0e4", "#e5473a"),
    "lavender": ("#7a63b8", "#8f78c9", "#6a55a5", "#a58fd6", "#7f6abf"),
    "vineyard": ("#5f7f3a", "#7a9440", "#8fa552", "#4f6f36"),
    "crop": ("#d9b84a", "#c9a23f", "#8fae4a", "#a8bd5c", "#6f8f43", "#e2cc74", "#b98f45"),
}
_SOIL = {"tulip": "#5d7a3c", "lavender": "#8d8a5a", "vineyard": "#b08a5c", "crop": "#8a7748"}


def paint_farmland(scene: Scene, rng: Random) -> Image.Image:
    """Paint parcels of parallel rows, the ways between them, and what drives there."""
    kind = next(
        (name for name in ("lavender", "vineyard") if scene.has(name)),
        "tulip" if scene.has("tulip", "tulips", "flower", "flowers") else "crop",
    )
    colours = [rgb(code) for code in _BLOOMS[kind]]
    if scene.accent and not scene.has("tractor"):
        colours = [scene.accent, *(turned(scene.accent, shift) for shift in (-24, 18, 36)), rgb("#f3e8d2")]
    soil = rgb(_SOIL[kind])
    angle = (
        float(rng.choice([0.0, math.pi / 2]))
        if scene.flag("symmetrical")
        else float(rng.choice([-1, 1])) * float(rng.uniform(0.25, 0.95))
    )
    width, height = working_size(*scene.size, FIELD_PIXELS)
    picture, track = _paint_rows(scene, rng, width, height, angle, colours, soil)
    sheet = Sheet(*scene.size, soil)
    sheet.fill(as_image(picture).resize(sheet.size, Image.Resampling.LANCZOS))
    if scene.has("tractor", "harvest", "machine") or rng.random() < 0.5:
        yellow = scene.accent or rgb("#f2c230")
        _draw_tractor(sheet, track, angle, yellow)
    sheet.vignette(0.12)
    return sheet.image


def _paint_rows(
    scene: Scene, rng: Random, width: int, height: int, angle: float, colours: list[Colour], soil: Colour
) -> tuple[np.ndarray, Point]:
    x, y = grid(width, height)
    right, bottom = width / min(width, height), height / min(width, height)
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    dx, dy = x - np.float32(right / 2), y - np.float32(bottom / 2)
    along, across = dx * cosine + dy * sine, dy * cosine - dx * sine
    reach = math.hypot(right, bottom) / 2 + 0.05
    edges, tints = _bands(rng, reach, colours)
    index = np.clip(np.searchsorted(edges, across.ravel()).reshape(across.shape) - 1, 0, len(tints) - 1)
    cut = float(rng.uniform(-0.3, 0.3)) * reach
    beyond = along > cut
    second = np.roll(tints, 3, axis=0)
    picture: Floats = np.where(beyond[..., None], second[index], tints[index]).astype(np.float32)
    rows = 0.0125
    phase = np.abs((across / np.float32(rows)) % 1 - 0.5) * 2
    bed = smoothstep(0.92, 0.55, phase)
    unit = min(width, height)
    speckle = clouds((width, height), unit * 0.0035, rng, octaves=2)
    patch = clouds((width, height), unit * 0.3, rng, octaves=4)
    picture *= (1 + 0.075 * speckle + 0.035 * patch)[..., None]
    earth = np.array(blend(soil, (60, 48, 30), 0.25), np.float32) * (1 + 0.05 * speckle)[..., None]
    picture = earth + (picture - earth) * bed[..., None]
    picture *= (1.0 - 0.13 * np.clip(((across / np.float32(rows)) % 1) - 0.5, 0, 1) * 2)[..., None]
    gap = (
        np.min(np.abs(across[..., None] - edges[None, None, 1:-1:4]), axis=-1)
        if len(edges) > 6
        else np.ones_like(across)
    )
    way = smoothstep(0.011, 0.008, gap)
    verge = smoothstep(0.017, 0.013, gap)
    green, sand = np.array((104, 132, 70), np.float32), np.array((203, 184, 146), np.float32)
    picture += (green * (1 + 0.06 * speckle)[..., None] - picture) * verge[..., None]
    picture += (sand * (1 + 0.03 * speckle)[..., None] - picture) * way[..., None]
    picture = _canal(picture, along - np.float32(cut), speckle, green, across)
    near = edges[int(np.argmin(np.abs(edges + 0.03)))] + 0.055
    place = float(rng.uniform(-0.3, -0.12))
    spot = (
        right / 2 + (cut + place) * float(cosine) - near * float(sine),
        bottom / 2 + (cut + place) * float(sine) + near * float(cosine),
    )
    spot = (min(max(spot[0], right * 0.22), right * 0.78), min(max(spot[1], bottom * 0.22), bottom * 0.78))
    light = 1.05 - 0.1 * (x / right) - 0.04 * (y / bottom)
    return picture * light[..., None], spot


def _bands(rng: Random, reach: float, colours: list[Colour]) -> tuple[np.ndarray, np.ndarray]:
    edges, tints = [-reach], []
    last = -1
    while edges[-1] < reach:
        pick = int(rng.integers(len(colours)))
        if pick == last:
            pick = (pick + 1) % len(colours)
        last = pick
        edges.append(edges[-1] + float(rng.choice([0.0625, 0.075, 0.1, 0.125, 0.05])))
        tints.append(colours[pick])
    return np.array(edges, np.float32), np.array(tints, np.uint8)


def _canal(
    picture: np.ndarray, off: np.ndarray, speckle: np.ndarray, green: np.ndarray, across: np.ndarray
) -> np.ndarray:
    gap = np.abs(off)
    bank, water = smoothstep(0.028, 0.024, gap), smoothstep(0.0165, 0.0145, gap)
    blue = np.array((74, 112, 126), np.float32) * (1.02 + 0.1 * np.sin(across * 9 + speckle * 0.3))[..., None]
    picture = picture + (green * (1 + 0.07 * speckle)[..., None] - picture) * bank[..., None]
    shadow = smoothstep(0.004, 0.0, np.abs(off + 0.014))
    result: np.ndarray = picture + (blue * (1 - 0.3 * shadow[..., None]) - picture) * water[..., None]
    return result


def _draw_tractor(sheet: Sheet, centre: Point, angle: float, yellow: Colour) -> None:
    size = 0.03
    cosine, sine = math.cos(angle), math.sin(angle)

    def at(along: float, across: float, lift: float = 0.0) -> Point:
        return (
            centre[0] + (along * cosine - across * sine) * size + lift * size * 0.75,
            centre[1] + (along * sine + across * cosine) * size + lift * size * 0.6,
        )

    def block(pen: Pen, a: float, b: float, c: float, d: float, fill: Colour | int, lift: float = 0.0) -> None:
        pen.polygon([at(a, b, lift), at(c, b, lift), at(c, d, lift), at(a, d, lift)], fill)

    box = (centre[0] - 0.4, centre[1] - 0.4, centre[0] + 0.4, centre[1] + 0.4)
    with sheet.stencil(rgb("#7d6a45"), opacity=0.4, soften=0.002, box=box) as pen:
        for lane in (-0.62, 0.62):
            block(pen, -12, lane - 0.16, -1, lane + 0.16, 255)
    with sheet.stencil((20, 24, 18), opacity=0.5, soften=0.0035, box=box) as pen:
        block(pen, -1.5, -0.95, 1.7, 0.95, 255, 1.0)
    dark = (34, 34, 36)
    with sheet.pen(box) as pen:
        block(pen, -3.0, -1.5, -2.2, 1.5, blend(yellow, dark, 0.55))
        block(pen, -2.3, -0.1, -1.0, 0.1, dark)
        for side in (-1, 1):
            block(pen, -1.25, side * 0.62, 0.15, side * 1.0, dark)
            block(pen, -1.15, side * 0.7, 0.05, side * 0.78, (62, 62, 62))
            block(pen, 0.95, side * 0.5, 1.6, side * 0.76, dark)
        block(pen, -1.05, -0.56, 0.3, 0.56, yellow)
        block(pen, 0.2, -0.4, 1.75, 0.4, yellow)
        block(pen, 0.2, 0.18, 1.75, 0.4, lighter(yellow, -0.12))
        block(pen, 0.55, -0.08, 1.5, 0.02, lighter(yellow, -0.2))
        block(pen, -0.8, -0.46, 0.22, 0.46, (46, 58, 66))
        block(pen, -0.72, -0.38, 0.05, 0.36, lighter(yellow, 0.05))
        block(pen, -0.72, 0.1, 0.05, 0.36, lighter(yellow, -0.04))
        pen.circle(*at(0.75, -0.3), size * 0.1, dark)

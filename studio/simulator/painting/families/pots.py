"""Turned pots and fruit, shaded from the directions of their surface."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from studio.simulator.painting.colour import Colour, Floats, as_lch, blend, lch, lighter
from studio.simulator.painting.fields import Random, as_image, clouds
from studio.simulator.painting.sheet import Point, Sheet, around, spline

# The table is seen from a little above: a circle of radius 1 looks this tall.
TILT = 0.2


# Radius at equal steps from foot to rim, as a share of the height.
_PROFILES: dict[str, tuple[float, ...]] = {
    "vase": (0.15, 0.25, 0.33, 0.36, 0.33, 0.24, 0.14, 0.1, 0.105, 0.14),
    "bottle": (0.165, 0.18, 0.18, 0.18, 0.178, 0.15, 0.08, 0.055, 0.052, 0.062),
    "jug": (0.2, 0.29, 0.34, 0.35, 0.32, 0.26, 0.22, 0.22, 0.25),
    "bowl": (0.5, 0.86, 1.1, 1.24, 1.32, 1.36),
    "cup": (0.3, 0.4, 0.46, 0.49, 0.5, 0.5),
    "teapot": (0.44, 0.6, 0.69, 0.72, 0.7, 0.62, 0.5, 0.34, 0.26),
    "lid": (0.98, 0.9, 0.7, 0.36, 0.2, 0.26, 0.3, 0.22, 0.02),
    "apple": (0.24, 0.42, 0.51, 0.545, 0.56, 0.555, 0.53, 0.47, 0.36, 0.14),
    "pear": (0.18, 0.36, 0.41, 0.39, 0.31, 0.22, 0.17, 0.13, 0.03),
    "lemon": (0.24, 0.46, 0.58, 0.64, 0.66, 0.65, 0.6, 0.5, 0.36, 0.12),
    "candle": (0.11, 0.11, 0.11, 0.11, 0.11, 0.1),
}


_HOLLOW = frozenset({"vase", "bottle", "jug", "bowl", "cup"})


@dataclass(frozen=True)
class Pot:
    """A turned object standing on the table: kind, centre and foot in units, height, colour and gloss."""

    kind: str
    x: float
    foot: float
    height: float
    colour: Colour
    gloss: float = 0.25

    def radius(self, share: Floats) -> Floats:
        """Give the radius at shares 0..1 of the height."""
        profile = _PROFILES[self.kind]
        knots = np.linspace(0, 1, len(profile))
        fine = np.linspace(0, 1, 160)
        path = np.interp(fine, knots, profile)
        kernel = np.hanning(23)
        smooth = np.convolve(np.pad(path, 11, mode="reflect", reflect_type="odd"), kernel / kernel.sum(), "valid")
        return (np.interp(share, fine, smooth) * self.height).astype(np.float32)


def paint_pot(sheet: Sheet, pot: Pot, rng: Random, side: float) -> None:
    """Shade a turned form from the directions of its surface."""
    share = np.linspace(0, 1, 90, dtype=np.float32)
    widths = pot.radius(share)
    rim, foot = float(widths[-1]), float(widths[0])
    top = pot.foot - pot.height
    reach = float(widths.max()) + 0.01
    left, right = int((pot.x - reach) * sheet.unit), int((pot.x + reach) * sheet.unit) + 2
    upper, lower = int((top - rim * TILT - 0.01) * sheet.unit), int((pot.foot + reach * TILT) * sheet.unit) + 3
    left, upper = max(0, left), max(0, upper)
    right, lower = min(sheet.width, right), min(sheet.height, lower)
    if right - left < 2 or lower - upper < 2:
        return
    columns = (np.arange(left, right, dtype=np.float32)[None, :] + 0.5) / sheet.unit - np.float32(pot.x)
    rows = (np.arange(upper, lower, dtype=np.float32)[:, None] + 0.5) / sheet.unit
    rise = np.float32(pot.foot) - rows + columns * 0
    local = rise
    for _ in range(3):
        radius = pot.radius(np.clip(local / pot.height, 0, 1))
        local = rise + np.float32(TILT) * np.sqrt(np.maximum(radius * radius - columns * columns, 0))
    at = np.clip(local / pot.height, 0, 1)
    radius = np.maximum(pot.radius(at), 1e-4)
    slope = (pot.radius(np.clip(at + 0.01, 0, 1)) - pot.radius(np.clip(at - 0.01, 0, 1))) / np.float32(
        0.02 * pot.height
    )
    nx = np.clip(columns / radius, -1, 1)
    nz = np.sqrt(1 - nx * nx)
    length = np.sqrt(1 + slope * slope)
    nx, ny, nz = nx / length, -slope / length, nz / length
    picture = _lit(pot, rng, side, nx, ny, nz, at)
    full = Image.new("RGB", sheet.size)
    full.paste(as_image(picture), (left, upper))
    box = (left / sheet.unit, upper / sheet.unit, right / sheet.unit, lower / sheet.unit)
    with sheet.stencil(full, soften=0.0005, box=box) as pen:
        outline = [(pot.x - float(r), pot.foot - float(s) * pot.height) for s, r in zip(share, widths, strict=True)]
        back = [(pot.x + float(r), pot.foot - float(s) * pot.height) for s, r in zip(share, widths, strict=True)]
        pen.polygon([*outline, *reversed(back)], 255)
        pen.ellipse(pot.x, pot.foot, foot, foot * TILT, 255)
        if pot.kind in _HOLLOW:
            pen.ellipse(pot.x, top, rim, rim * TILT, 255)
    if pot.kind in _HOLLOW:
        _open_mouth(sheet, pot, rim, top, side)


def _lit(pot: Pot, rng: Random, side: float, nx: Floats, ny: Floats, nz: Floats, at: Floats) -> Floats:
    key = np.array((side * 0.72, 0.42, 0.55))
    key /= np.linalg.norm(key)
    facing = nx * np.float32(key[0]) + ny * np.float32(key[1]) + nz * np.float32(key[2])
    soft = np.clip(facing * 0.72 + 0.28, 0, 1) ** np.float32(1.25)
    bounce = np.clip(-ny * 0.6 - nx * np.float32(side) * 0.45, 0, 1) * 0.16
    edge = np.clip(1 - nz, 0, 1) ** 3 * 0.1
    rings = np.sin(at * 150 + 3 * np.sin(at * 17)) * (0.012 if pot.kind in _HOLLOW or pot.kind == "teapot" else 0.0)
    height, width = at.shape
    mottle = clouds((width, height), max(3.0, width * 0.12), rng, octaves=5, gain=0.65) * 0.022
    tone = 0.2 + 0.94 * soft + bounce - edge + rings + mottle
    half = np.array((side * 0.6, 0.5, 0.85))
    half /= np.linalg.norm(half)
    gleam = np.clip(nx * np.float32(half[0]) + ny * np.float32(half[1]) + nz * np.float32(half[2]), 0, 1)
    shine = (gleam**26) * pot.gloss * 105
    lightness, chroma, hue = as_lch(pot.colour)
    shadow = np.array(lch(lightness * 0.3, chroma * 0.7, hue - 12), np.float32)
    body = np.array(lch(min(0.93, lightness + 0.05), chroma, hue), np.float32)
    mixed: Floats = shadow + (body - shadow) * np.clip(tone, 0, 1.12)[..., None] + shine[..., None]
    return mixed


def _open_mouth(sheet: Sheet, pot: Pot, rim: float, top: float, side: float) -> None:
    inside = blend(pot.colour, (16, 12, 12), 0.62)
    with sheet.pen((pot.x - rim, top - rim * 0.4, pot.x + rim, top + rim * 0.4)) as pen:
        pen.ellipse(pot.x, top, rim, rim * TILT, lighter(pot.colour, 0.05))
        pen.ellipse(pot.x, top + rim * 0.01, rim * 0.92, rim * TILT * 0.88, inside)
        if pot.kind in ("bowl", "cup"):
            pen.ellipse(
                pot.x - side * rim * 0.12,
                top + rim * TILT * 0.16,
                rim * 0.74,
                rim * TILT * 0.66,
                blend(pot.colour, (16, 12, 12), 0.42),
            )


def _tube(sheet: Sheet, path: list[Point], widths: list[float], colour: Colour, side: float) -> None:
    """Draw a round, tapering tube: dark first, then narrower and lighter towards the light."""
    smooth = spline(path, closed=False, steps=14)
    spread = np.interp(np.linspace(0, 1, len(smooth)), np.linspace(0, 1, len(widths)), widths)
    lightness, chroma, hue = as_lch(colour)
    with sheet.pen(around(smooth, max(widths) * 1.2)) as pen:
        for step in range(9):
            t = step / 8
            tone = lch(lightness * (0.4 + 0.66 * t), chroma * (0.75 + 0.25 * t), hue - 10 * (1 - t))
            for (x, y), radius in zip(smooth, spread, strict=True):
                shift = float(radius) * 0.34 * t
                pen.circle(x + side * shift, y - shift * 0.8, float(radius) * (1 - 0.62 * t), tone)


def paint_handle(sheet: Sheet, pot: Pot, side: float) -> None:
    reach = float(pot.radius(np.array([0.5], np.float32))[0])
    away = -side
    x, h = pot.x + away * reach, pot.height
    low, high = (0.28, 0.74) if pot.kind == "cup" else (0.34, 0.86)
    bow = h * 0.3
    path = [
        (x - away * 0.02 * h, pot.foot - high * h),
        (x + away * bow * 0.75, pot.foot - (high - 0.03) * h),
        (x + away * bow, pot.foot - (high + low) / 2 * h),
        (x + away * bow * 0.5, pot.foot - (low + 0.04) * h),
        (x - away * 0.02 * h, pot.foot - low * h),
    ]
    thick = h * (0.05 if pot.kind == "cup" else 0.036)
    _tube(sheet, path, [thick, thick, thick * 0.9, thick], pot.colour, side)


def paint_teapot(sheet: Sheet, pot: Pot, rng: Random, side: float) -> None:
    h, x, foot = pot.height, pot.x, pot.foot
    away = -side
    body = replace(pot, height=h * 0.76)
    tall = body.height
    handle = [
        (x + away * 0.33 * tall, foot - 0.83 * tall),
        (x + away * 0.82 * tall, foot - 1.02 * tall),
        (x + away * 1.1 * tall, foot - 0.76 * tall),
        (x + away * 1.0 * tall, foot - 0.42 * tall),
        (x + away * 0.6 * tall, foot - 0.24 * tall),
    ]
    _tube(sheet, handle, [tall * 0.055, tall * 0.062, tall * 0.062, tall * 0.055, tall * 0.045], pot.colour, side)
    spout = [
        (x + side * 0.5 * tall, foot - 0.3 * tall),
        (x + side * 0.82 * tall, foot - 0.42 * tall),
        (x + side * 0.96 * tall, foot - 0.72 * tall),
        (x + side * 1.16 * tall, foot - 0.98 * tall),
    ]
    _tube(sheet, spout, [tall * 0.17, tall * 0.125, tall * 0.082, tall * 0.06], pot.colour, side)
    with sheet.pen() as pen:
        pen.ellipse(
            x + side * 1.165 * tall, foot - 1.0 * tall, tall * 0.058, tall * 0.03, blend(pot.colour, (14, 10, 10), 0.6)
        )
    paint_pot(sheet, body, rng, side)
    rim = float(body.radius(np.array([0.9], np.float32))[0])
    with sheet.stencil((14, 9, 8), opacity=0.5, soften=0.004, box=around([(x, foot - tall * 0.94)], rim * 1.1)) as pen:
        pen.ellipse(x, foot - tall * 0.94, rim * 1.02, rim * TILT * 1.1, 255)
    paint_pot(sheet, Pot("lid", x, foot - tall * 0.945, rim * 0.92, lighter(pot.colour, 0.015), pot.gloss), rng, side)

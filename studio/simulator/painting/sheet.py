"""A sheet of final size to paint on: gradients, stencils, antialiased drawing, glow and grain.

All coordinates are in units of the short side, from the top left corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from .colour import Colour, Floats, lighter, ramp
from .fields import Random, as_image, blurred

Point = tuple[float, float]
Points = Sequence[Point]
Box = tuple[float, float, float, float]
# Shapes are drawn at twice the size and averaged: four samples a pixel are enough for soft edges.
OVERSAMPLING = 2
GRAIN_TILE = 768


class Pen:
    """Draw in units on an enlarged image."""

    def __init__(self, image: Image.Image, unit: float, origin: tuple[int, int] = (0, 0)) -> None:
        self._draw = ImageDraw.Draw(image)
        self.unit = unit
        self._left, self._top = origin

    def _scaled(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.unit - self._left, y * self.unit - self._top) for x, y in points]

    def polygon(self, points: Points, fill: Colour | int) -> None:
        """Fill a polygon."""
        self._draw.polygon(self._scaled(points), fill=fill)

    def line(self, points: Points, fill: Colour | int, width: float, *, round_ends: bool = False) -> None:
        """Draw a polyline; width in units, never thinner than half a final pixel."""
        scaled = self._scaled(points)
        pixels = max(1, round(width * self.unit))
        self._draw.line(scaled, fill=fill, width=pixels, joint="curve")
        if round_ends and pixels > 2:
            for x, y in (scaled[0], scaled[-1]):
                self._draw.ellipse([x - pixels / 2, y - pixels / 2, x + pixels / 2, y + pixels / 2], fill=fill)

    def rectangle(self, left: float, top: float, right: float, bottom: float, fill: Colour | int) -> None:
        """Fill a rectangle."""
        (x0, y0), (x1, y1) = self._scaled([(left, top), (right, bottom)])
        self._draw.rectangle([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)], fill=fill)

    def ellipse(self, x: float, y: float, across: float, down: float, fill: Colour | int) -> None:
        """Fill an upright ellipse given its centre and half axes."""
        (x0, y0), (x1, y1) = self._scaled([(x - abs(across), y - abs(down)), (x + abs(across), y + abs(down))])
        self._draw.ellipse([x0, y0, x1, y1], fill=fill)

    def circle(self, x: float, y: float, radius: float, fill: Colour | int) -> None:
        """Fill a circle."""
        self.ellipse(x, y, radius, radius, fill)

    def ring(self, x: float, y: float, radius: float, width: float, fill: Colour | int) -> None:
        """Draw a circle's line, centred on the radius."""
        (x0, y0), (x1, y1) = self._scaled(
            [(x - radius - width / 2, y - radius - width / 2), (x + radius + width / 2, y + radius + width / 2)]
        )
        self._draw.ellipse([x0, y0, x1, y1], outline=fill, width=max(1, round(width * self.unit)))

    def pie(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour | int) -> None:
        """Fill a slice between two angles in degrees, clockwise from the right."""
        (x0, y0), (x1, y1) = self._scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.pieslice([x0, y0, x1, y1], start, end, fill=fill)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        fill: Colour | int,
        *,
        anchor: str = "la",
        weight: float = 0.0,
    ) -> None:
        """Set a line of type; weight is extra stroke as a share of the size."""
        font = ImageFont.load_default(max(4, size * self.unit))
        stroke = size * self.unit * weight
        self._draw.text(self._scaled([(x, y)])[0], words, fill, font, anchor=anchor, stroke_width=stroke)

    def text_width(self, words: str, size: float, *, weight: float = 0.0) -> float:
        """Measure a line of type in units."""
        font = ImageFont.load_default(max(4, size * self.unit))
        return float(font.getlength(words)) / self.unit + 2 * size * weight


def around(points: Points, margin: float = 0.0) -> Box:
    """Give the box around some points."""
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across) - margin, min(down) - margin, max(across) + margin, max(down) + margin


def spline(points: Points, *, closed: bool = True, steps: int = 12) -> list[Point]:
    """Round a polygon with a Catmull-Rom curve through its points."""
    count = len(points)
    knots = np.array(points, np.float64)
    take = [(np.arange(count) + shift) % count for shift in (-1, 0, 1, 2)]
    if not closed:
        take = [np.clip(np.arange(count - 1) + shift, 0, count - 1) for shift in (-1, 0, 1, 2)]
    before, here, after, beyond = (knots[index][:, None, :] for index in take)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * here
        + (after - before) * t
        + (2 * before - 5 * here + 4 * after - beyond) * t * t
        + (3 * here - before - 3 * after + beyond) * t * t * t
    )
    smooth = [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]
    return smooth if closed else [*smooth, points[-1]]


class Sheet:
    """An RGB picture in the making."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.image = Image.new("RGB", (width, height), ground)
        self.width, self.height = width, height
        self.unit = min(width, height)
        self.right, self.bottom = width / self.unit, height / self.unit

    @property
    def size(self) -> tuple[int, int]:
        """Give width and height in pixels."""
        return self.width, self.height

    def gradient(self, colours: Sequence[Colour], at: Sequence[float] | None = None) -> Image.Image:
        """Make a full-size picture of a vertical gradient, dithered against banding."""
        column = ramp(colours, max(2, self.height), at)[:, None, :]
        return Image.fromarray(column).resize(self.size, Image.Resampling.NEAREST)

    def fill(self, paint: Colour | Image.Image) -> None:
        """Cover everything."""
        self.image.paste(paint, (0, 0, self.width, self.height))

    def _pixels(self, box: Box | None, margin: float = 0.0) -> tuple[int, int, int, int]:
        """Turn a box in units into whole pixels within the sheet, at least one."""
        if box is None:
            return 0, 0, self.width, self.height
        left, top = (int((edge - margin) * self.unit) - 1 for edge in box[:2])
        right, bottom = (math.ceil((edge + margin) * self.unit) + 1 for edge in box[2:])
        left, top = min(max(0, left), self.width - 1), min(max(0, top), self.height - 1)
        return left, top, max(left + 1, min(right, self.width)), max(top + 1, min(bottom, self.height))

    @contextmanager
    def pen(self, box: Box | None = None) -> Iterator[Pen]:
        """Draw in colour, antialiased, over what is there; a box (in units) spares the work elsewhere."""
        left, top, right, bottom = self._pixels(box)
        factor = OVERSAMPLING
        part = self.image if box is None else self.image.crop((left, top, right, bottom))
        large = part.resize((part.width * factor, part.height * factor), Image.Resampling.NEAREST)
        yield Pen(large, self.unit * factor, (left * factor, top * factor))
        self.image.paste(large.reduce(factor), (left, top))

    @contextmanager
    def stencil(
        self,
        paint: Colour | Image.Image,
        *,
        opacity: float = 1.0,
        soften: float = 0.0,
        box: Box | None = None,
    ) -> Iterator[Pen]:
        """Draw a shape with 255 (and holes with 0) and lay paint through it; soften and box in units.

        A picture as paint covers the whole sheet, even if it is smaller.
        """
        left, top, right, bottom = self._pixels(box, soften * 3)
        factor = OVERSAMPLING
        large = Image.new("L", ((right - left) * factor, (bottom - top) * factor), 0)
        yield Pen(large, self.unit * factor, (left * factor, top * factor))
        mask = blurred(large.reduce(factor), soften * self.unit)
        if opacity < 1:
            mask = mask.point([round(value * opacity) for value in range(256)])
        if isinstance(paint, Image.Image):
            if paint.size != self.size:
                paint = paint.resize(self.size, Image.Resampling.BICUBIC)
            paint = paint.crop((left, top, right, bottom))
        self.image.paste(paint, (left, top, right, bottom), mask)

    def lay(self, paint: Colour | Image.Image, mask: Image.Image, *, opacity: float = 1.0) -> None:
        """Cover what the mask shows; mask and picture may be smaller than the sheet."""
        if mask.size != self.size:
            mask = mask.resize(self.size, Image.Resampling.BICUBIC)
        if opacity < 1:
            mask = mask.point([round(value * opacity) for value in range(256)])
        if isinstance(paint, Image.Image) and paint.size != self.size:
            paint = paint.resize(self.size, Image.Resampling.BICUBIC)
        self.image.paste(paint, (0, 0, self.width, self.height), mask)

    def shadow(
        self, mask: Image.Image, offset: Point, blur: float, strength: float, colour: Colour = (0, 0, 0)
    ) -> None:
        """Cast a soft shadow of a full-size mask, displaced by an offset in units."""
        moved = Image.new("L", mask.size, 0)
        moved.paste(mask, (round(offset[0] * self.unit), round(offset[1] * self.unit)))
        self.lay(colour, blurred(moved, blur * self.unit), opacity=strength)

    @contextmanager
    def paper(self, colour: Colour, box: Box | None = None) -> Iterator[Pen]:
        """Cut a piece of paper with 255 and glue it on, with its shadow and a lit upper edge."""
        left, top, right, bottom = self._pixels(box, 0.045)
        factor = OVERSAMPLING
        large = Image.new("L", ((right - left) * factor, (bottom - top) * factor), 0)
        yield Pen(large, self.unit * factor, (left * factor, top * factor))
        mask = large.reduce(factor)
        part = Sheet(right - left, bottom - top, (0, 0, 0))
        part.image, part.unit = self.image.crop((left, top, right, bottom)), self.unit
        part.shadow(mask, (0.004, 0.009), 0.008, 0.5, (12, 8, 20))
        part.lay(lighter(colour, 0.05), mask)
        below = Image.new("L", mask.size, 0)
        below.paste(mask, (0, max(1, round(0.0018 * self.unit))))
        part.lay(colour, ImageChops.multiply(mask, below))
        self.image.paste(part.image, (left, top))

    def glow(self, lights: Iterable[tuple[float, float, float, Colour, float]]) -> None:
        """Add light: (x, y, reach, colour, strength) each, fading over the reach; the sum is screened."""
        shrink = max(1, self.unit // 256)
        columns, rows = math.ceil(self.width / shrink), math.ceil(self.height / shrink)
        x = (np.arange(columns, dtype=np.float32) + 0.5) * shrink / self.unit
        y = (np.arange(rows, dtype=np.float32) + 0.5) * shrink / self.unit
        total = np.zeros((rows, columns, 3), np.float32)
        for centre_x, centre_y, reach, colour, strength in lights:
            span_x = slice(*np.searchsorted(x, [centre_x - 3.2 * reach, centre_x + 3.2 * reach]))
            span_y = slice(*np.searchsorted(y, [centre_y - 3.2 * reach, centre_y + 3.2 * reach]))
            distance = np.hypot(x[None, span_x] - centre_x, y[span_y, None] - centre_y) / np.float32(reach)
            fall: Floats = np.exp(-(distance**1.25) * 1.6) - np.float32(math.exp(-(3.2**1.25) * 1.6))
            total[span_y, span_x] += (
                np.clip(fall, 0, 1)[..., None] * np.array(colour, np.float32) * np.float32(strength)
            )
        soft = 255 * (1 - np.exp(-total / 255))
        self.screen(as_image(soft))

    def screen(self, light: Image.Image) -> None:
        """Add light as a projector would."""
        self.image = ImageChops.screen(self.image, light.resize(self.size, Image.Resampling.BICUBIC))

    def multiply(self, shade: Image.Image) -> None:
        """Darken as a glaze would."""
        shade = shade.convert("RGB").resize(self.size, Image.Resampling.BICUBIC)
        self.image = ImageChops.multiply(self.image, shade)

    def vignette(self, strength: float = 0.16) -> None:
        """Darken the corners a little."""
        y, x = np.mgrid[-1:1:64j, -1:1:64j]
        fall = 1 - strength * np.clip(np.hypot(x, y) - 0.55, 0, 1) ** 1.5 * 1.6
        self.multiply(as_image(fall * 255))


def grained(image: Image.Image, rng: Random, amount: float) -> Image.Image:
    """Add film grain with a standard deviation in levels; it also hides banding."""
    noise = np.clip(rng.standard_normal((GRAIN_TILE, GRAIN_TILE), dtype=np.float32) * amount + 128.5, 0, 255)
    tile = Image.fromarray(noise.astype(np.uint8))
    cover = Image.new("L", image.size)
    for top in range(0, image.height, GRAIN_TILE):
        for left in range(0, image.width, GRAIN_TILE):
            cover.paste(tile, (left, top))
    return ImageChops.add(image, Image.merge("RGB", (cover, cover, cover)), 1, -128)

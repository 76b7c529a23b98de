"""Media: watercolour, ink drawing, flat poster."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageOps

from .fields import Random, as_image, as_mask, blurred, clouds, grid, smoothstep, working_size

WASH_PIXELS = 260_000


def as_watercolour(image: Image.Image, rng: Random) -> Image.Image:
    """Flood soft washes with dark rims on toothed paper."""
    size = working_size(*image.size, WASH_PIXELS)
    small = image.resize(size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(5))
    light = small.convert("L")
    rims = ImageOps.autocontrast(light.filter(ImageFilter.FIND_EDGES).filter(ImageFilter.GaussianBlur(1.2)), cutoff=2)
    wash = np.asarray(small.filter(ImageFilter.GaussianBlur(1.5)), np.float32)
    pool = clouds(size, min(size) * 0.1, rng, octaves=5)
    paper = np.array((250, 246, 237), np.float32)
    thin = np.clip(0.2 + 0.11 * pool, 0, 0.6)[..., None]
    washed = wash + (paper - wash) * thin
    washed *= (1 - 0.2 * np.asarray(rims, np.float32) / 255)[..., None]
    x, y = grid(*size)
    inset = np.minimum(np.minimum(x, float(x.max()) - x), np.minimum(y, float(y.max()) - y))
    ragged = smoothstep(0.012, 0.05, inset + 0.014 * clouds(size, min(size) * 0.05, rng, octaves=4))
    washed = paper + (washed - paper) * ragged[..., None]
    tooth = 246 + clouds(image.size, 3.2, rng, octaves=2) * 4.5
    return ImageChops.multiply(
        as_image(washed).resize(image.size, Image.Resampling.BICUBIC),
        as_image(tooth).convert("RGB"),
    )


def as_ink(image: Image.Image, rng: Random) -> Image.Image:
    """Draw the edges and darks in ink on paper, as a dodged pencil layer with washes."""
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    unit = min(image.size)
    grey = blurred(grey, unit * 0.0012)
    soft = np.asarray(blurred(grey, max(2.0, unit * 0.006)), np.float32)
    values = np.asarray(grey, np.float32)
    lines = np.clip(values / np.maximum(soft, 12) * 255, 0, 255)
    wash = np.clip(np.round(soft / 255 * 4) / 4, 0, 1) * 90 + 165
    drawn = np.clip((lines - 120) * 1.9, 0, 255) * wash / 255
    tooth = clouds(working_size(*image.size, 500_000), 3.0, rng, octaves=2)
    page = as_image(drawn)
    tint = ImageOps.colorize(page, (24, 24, 34), (248, 243, 232), mid=(128, 124, 122))
    return ImageChops.multiply(
        tint, as_image(248 + tooth * 4).resize(image.size, Image.Resampling.BICUBIC).convert("RGB")
    )


def as_flat(image: Image.Image, colours: int = 6) -> Image.Image:
    """Reduce to a few flat inks with smooth edges."""
    size = working_size(*image.size, 200_000)
    small = (
        image.resize(size, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.MedianFilter(5))
    )
    flat = small.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = np.array(flat.getpalette(), np.uint8).reshape(-1, 3)
    labels = np.asarray(flat)
    result = Image.new("RGB", image.size, tuple(palette[0].tolist()))
    order = sorted(range(int(labels.max()) + 1), key=lambda label: -int((labels == label).sum()))
    for label in order:
        mask = as_mask((labels == label).astype(np.float32)).filter(ImageFilter.GaussianBlur(1.6))
        large = mask.resize(image.size, Image.Resampling.BICUBIC)
        crisp = large.point([max(0, min(255, round((value - 112) * 8))) for value in range(256)])
        lively = tuple(min(255, round(channel * 1.06)) for channel in palette[label].tolist())
        result.paste(lively, mask=crisp)
    return result

"""Paint, edit and split the simulator's stand-in pictures: numpy and Pillow, no network, no Django.

Everything is deterministic: the same words, salt and size give the same pixels.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from .edits import edited
from .families import GRAIN, PAINTERS, USUAL_GRAIN
from .layering import PaintedLayer, split
from .mark import marked
from .sheet import grained
from .words import digest, understand

__all__ = ["PaintedLayer", "edit", "layers", "paint"]

# Families are painted at least this large and shrunk, so that tiny pictures need no special care in them.
SMALLEST_SIDE = 96
# A thread of a picture is not enlarged beyond this many pixels for it.
MOST_ENLARGED = 1_000_000


def paint(prompt: str, *, width: int, height: int, style: str = "auto", salt: str = "") -> Image.Image:
    """Paint an RGB picture of exactly width x height pixels; `style` is "auto" or "manga"."""
    scale = _enlargement(width, height)
    scene = understand(prompt, round(width * scale), round(height * scale), salt, style=style)
    image = PAINTERS[scene.family](scene, scene.random())
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    grain = GRAIN.get(scene.family, USUAL_GRAIN)
    if grain:
        image = grained(image, np.random.default_rng(digest("grain", prompt, salt)), grain)
    return marked(image)


def edit(source: Image.Image, prompt: str, *, style: str = "auto", salt: str = "") -> Image.Image:
    """Change a picture as the words ask; RGB, the size of the source, recognisably derived from it."""
    image = _opaque(source)
    scale = _enlargement(*image.size)
    if scale > 1:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    result = edited(image, prompt, style, salt)
    if result.size != source.size:
        result = result.resize(source.size, Image.Resampling.LANCZOS)
    return marked(result)


def layers(source: Image.Image, prompt: str = "", *, salt: str = "", count: int | None = None) -> list[PaintedLayer]:
    """Split into RGBA layers, front to back, the last one opaque; drawn from last to first they give the source."""
    return split(_opaque(source), prompt, salt, count)


def _enlargement(width: int, height: int) -> float:
    wanted = SMALLEST_SIDE / min(width, height)
    return max(1.0, min(wanted, math.sqrt(MOST_ENLARGED / (width * height))))


def _opaque(source: Image.Image) -> Image.Image:
    """Give an RGB copy, transparent parts on white."""
    if source.mode == "RGB":
        return source.copy()
    if "A" in source.getbands() or "transparency" in source.info:
        over = source.convert("RGBA")
        ground = Image.new("RGB", source.size, (255, 255, 255))
        ground.paste(over, mask=over.getchannel("A"))
        return ground
    return source.convert("RGB")

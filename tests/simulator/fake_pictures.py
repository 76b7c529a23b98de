"""Pictures for tests: plain colours, so that a picture takes no time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from PIL import Image

from studio.simulator.pictures import PaintedLayer


def paint(prompt: str, *, width: int, height: int, style: str, number: int) -> Image.Image:
    if prompt == "crash the painter":
        raise RuntimeError("the painter crashed, as the test wanted")
    return Image.new("RGB", (width, height), _colour(f"{prompt}{style}{number}"))


def edit(
    source: Image.Image, prompt: str, *, style: str, number: int, references: Sequence[Image.Image] = ()
) -> Image.Image:
    return Image.blend(source, Image.new("RGB", source.size, _colour(f"{prompt}{style}{number}")), 0.5)


def layers(source: Image.Image, prompt: str) -> list[PaintedLayer]:
    width, height = source.size
    box = (width // 4, height // 4, width // 2, height // 2)
    front = source.crop(box).convert("RGBA")
    return [
        PaintedLayer(front, "subject", "hard", box[0], box[1]),
        PaintedLayer(source.convert("RGBA"), "background", "none", 0, 0),
    ]


def _colour(text: str) -> tuple[int, int, int]:
    digest = hashlib.sha256(text.encode()).digest()
    return digest[0], digest[1], digest[2]

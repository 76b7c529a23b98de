"""A painter for tests: plain colours, so that a picture takes no time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from PIL import Image


@dataclass
class PaintedLayer:
    image: Image.Image
    label: str
    description: str
    alpha_hint: str
    x: int
    y: int
    canvas_width: int
    canvas_height: int


def paint(prompt: str, *, width: int, height: int, style: str, salt: str) -> Image.Image:
    if prompt == "crash the painter":
        raise RuntimeError("the crayon broke, as the test wanted")
    return Image.new("RGB", (width, height), _colour(prompt + style + salt))


def edit(source: Image.Image, prompt: str, *, style: str, salt: str) -> Image.Image:
    return Image.blend(source, Image.new("RGB", source.size, _colour(prompt + style + salt)), 0.5)


def layers(source: Image.Image, prompt: str, *, salt: str) -> list[PaintedLayer]:
    width, height = source.size
    box = (width // 4, height // 4, width // 2, height // 2)
    front = source.crop(box).convert("RGBA")
    back = source.convert("RGBA")
    return [
        PaintedLayer(front, "subject", f"The subject, {prompt}", "hard", box[0], box[1], width, height),
        PaintedLayer(back, "background", "All that is behind", "none", 0, 0, width, height),
    ]


def _colour(text: str) -> tuple[int, int, int]:
    digest = hashlib.sha256(text.encode()).digest()
    return digest[0], digest[1], digest[2]

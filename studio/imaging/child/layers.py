"""Layers: drawn together, compared with their source and cut out; layer_files.py writes them.

The task's source is a plan, a JSON file that names the layers' files front first and where each lies (LayerPlan).
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from studio.imaging.child.decode import open_picture
from studio.imaging.child.encode import webp
from studio.imaging.child.resize import normalize, shrink
from studio.imaging.limits import MAX_SIDE

# Importing it registers it; Pillow does not look for others (see decode.py).
_ENCODERS = (PngImagePlugin,)

PROOF_SIDE = 1024  # pixels: what the page shows of the comparison
STRONGER = 16  # how many times a difference is made stronger, so that an eye sees it
# Level 1 takes a quarter of the time of 6 and writes about a sixth more.
PNG_LEVEL = 1
# A PNG whose pixels are RGB or RGBA in 8 bits, and what before them changes how they look or how many there are.
_PLAIN_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_PLAIN_FORMS = (b"\x08\x02", b"\x08\x06")
_OTHER_CHUNKS = (b"iCCP", b"acTL", b"eXIf", b"tRNS", b"gAMA", b"cICP")
_LONGEST_PREFACE = 64 * 1024


class Output(Protocol):
    """Where the task may write (tasks.OutputFolder)."""

    @property
    def folder(self) -> Path: ...
    @property
    def prefix(self) -> str: ...
    def write(self, ending: str, data: bytes, picture: Image.Image) -> dict[str, Any]: ...


class PlannedLayer(NamedTuple):
    """One layer of a plan, in pixels of the canvas; `opacity` is 0 to 1."""

    file: Path
    name: str
    x: int
    y: int
    width: int
    height: int
    opacity: float
    hidden: bool

    def png(self, pixels: Image.Image) -> bytes:
        """The layer as a PNG: its own bytes where they hold these pixels, because packing takes most of the time."""
        with self.file.open("rb") as file:
            header = file.read(len(_PLAIN_HEADER) + 13)
        size, form = header[16:24], header[24:26]
        plain = header.startswith(_PLAIN_HEADER) and form in _PLAIN_FORMS
        if plain and size == struct.pack(">II", self.width, self.height):
            data = self.file.read_bytes()
            if not any(chunk in data[:_LONGEST_PREFACE] for chunk in _OTHER_CHUNKS):
                return data
        return to_png(pixels)

    def pixels(self) -> Image.Image:
        """Decode it as RGBA, in the size that its place has."""
        with open_picture(self.file) as opened:
            picture = normalize(opened, MAX_SIDE).picture.convert("RGBA")
        size = (self.width, self.height)
        return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


class LayerPlan(NamedTuple):
    """What a task is asked for: the canvas, its layers front first, and the source or the kind of file."""

    width: int
    height: int
    layers: list[PlannedLayer]
    kind: str
    source: Path | None
    # What its files say of AI (studio/embedding).
    marked_as: str = ""

    @classmethod
    def read(cls, path: Path) -> LayerPlan:
        plan = json.loads(path.read_text())
        layers = [
            PlannedLayer(
                file=Path(one["file"]),
                name=one["name"],
                x=one["x"],
                y=one["y"],
                width=one["width"],
                height=one["height"],
                opacity=one["opacity"] / 100,
                hidden=one["hidden"],
            )
            for one in plan["layers"]
        ]
        source = Path(plan["source"]) if plan.get("source") else None
        return cls(plan["width"], plan["height"], layers, plan.get("kind", ""), source, plan.get("marked_as", ""))

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def visible(self) -> list[PlannedLayer]:
        return [layer for layer in self.layers if not layer.hidden]

    @property
    def whole(self) -> list[PlannedLayer]:
        """Every layer, shown at 100 %, whatever people changed."""
        return [layer._replace(opacity=1.0, hidden=False) for layer in self.layers]


def compare(source: Path, output: Output, _sizes: list[int]) -> dict[str, Any]:
    """Draw all layers together and say how far that is from the source, of 255."""
    plan = LayerPlan.read(source)
    together = draw(plan.size, plan.whole).convert("RGB")
    reply: dict[str, Any] = {"average": 0.0, "greatest": 0}
    small = shrink(together, PROOF_SIDE)
    shown = small
    if plan.source is not None:
        with open_picture(plan.source) as opened:
            original = normalize(opened, MAX_SIDE).picture.convert("RGB")
        if original.size != together.size:
            original = original.resize(together.size, Image.Resampling.LANCZOS)
        apart = np.abs(np.asarray(original, np.int16) - np.asarray(together, np.int16))
        reply = {"average": round(float(apart.mean()), 3), "greatest": int(apart.max())}
        strong = Image.fromarray(np.minimum(apart * STRONGER, 255).astype(np.uint8), "RGB")
        shown = shrink(strong, PROOF_SIDE)
    return {
        **reply,
        "files": [
            output.write("together.webp", webp(small), small),
            output.write("difference.webp", webp(shown), shown),
        ],
    }


# ---- Drawing


class Canvas:
    """Layers drawn one over the other, the last in front, in floating point and premultiplied: rounding after each of
    forty layers would add up to more than one of 255.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._pixels = np.zeros((size[1], size[0], 4), np.float32)  # all four 0 to 255

    def put(self, layer: PlannedLayer, pixels: Image.Image) -> None:
        """Draw a layer over what is there; what lies beside the canvas is left out."""
        left, top = max(0, layer.x), max(0, layer.y)
        right, bottom = min(self.size[0], layer.x + layer.width), min(self.size[1], layer.y + layer.height)
        if layer.hidden or layer.opacity <= 0 or left >= right or top >= bottom:
            return
        over = np.asarray(pixels.crop((left - layer.x, top - layer.y, right - layer.x, bottom - layer.y)))
        alpha = over[..., 3:] * np.float32(layer.opacity / 255)
        under = self._pixels[top:bottom, left:right]
        under *= 1 - alpha
        under[..., :3] += over[..., :3] * alpha
        under[..., 3:] += alpha * 255

    def picture(self) -> Image.Image:
        alpha = self._pixels[..., 3:]
        return self._rounded(self._pixels[..., :3] * (np.float32(255) / np.where(alpha > 0, alpha, np.float32(1))))

    def on_white(self) -> Image.Image:
        """The colours as they look on white, beside the alpha: how a PSD keeps the picture of its layers."""
        return self._rounded(self._pixels[..., :3] + (255 - self._pixels[..., 3:]))

    def _rounded(self, colours: NDArray[Any]) -> Image.Image:
        whole = np.concatenate((colours, self._pixels[..., 3:]), axis=2)
        return Image.fromarray((whole + 0.5).clip(0, 255).astype(np.uint8), "RGBA")


def draw(size: tuple[int, int], layers: Sequence[PlannedLayer]) -> Image.Image:
    """Draw the layers that are shown, the first in front, as RGBA."""
    canvas = Canvas(size)
    for layer in reversed(layers):
        canvas.put(layer, layer.pixels())
    return canvas.picture()


def cut_out(plan: LayerPlan) -> Image.Image:
    """The plan's one layer with its alpha: cut to what shows of it, or at its place on the whole canvas."""
    [layer] = plan.layers
    pixels = layer.pixels()
    if plan.kind == "trimmed":
        return pixels.crop(pixels.getchannel("A").getbbox() or (0, 0, 1, 1))
    canvas = Image.new("RGBA", plan.size)
    canvas.paste(pixels, (layer.x, layer.y))
    return canvas


def to_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=PNG_LEVEL)
    return file.getvalue()

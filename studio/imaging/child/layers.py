"""Layers: drawn together, compared with their source, cut out, and written as PSD, OpenRaster and zip.

The task's source is a plan, a JSON file that names the layers' files front first and where each lies (LayerPlan).
"""

from __future__ import annotations

import io
import json
import os
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol
from xml.etree import ElementTree

import numpy as np
from PIL import Image, PngImagePlugin

from studio.imaging.child.decode import STORED, open_picture
from studio.imaging.child.encode import webp
from studio.imaging.child.resize import normalize, shrink
from studio.imaging.limits import MAX_SIDE

# Importing it registers it; Pillow does not look for others (see decode.py).
_ENCODERS = (PngImagePlugin,)

# Read by our own processes and their group, by nobody else.
_FILE_MODE = 0o640
PROOF_SIDE = 1024  # pixels: what the page shows of the comparison
STRONGER = 16  # how many times a difference is made stronger, so that an eye sees it
THUMBNAIL_SIDE = 256  # pixels, as OpenRaster says
# Level 1 takes a quarter of the time of 6 and writes about a sixth more.
PNG_LEVEL = 1
LONGEST_PSD_NAME = 255  # characters
# A PNG whose pixels are RGB or RGBA in 8 bits, and what before them changes how they look or how many there are.
_PLAIN_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_PLAIN_FORMS = (b"\x08\x02", b"\x08\x06")
_OTHER_CHUNKS = (b"iCCP", b"acTL", b"eXIf", b"tRNS", b"gAMA", b"cICP")
_LONGEST_PREFACE = 64 * 1024
# What XML cannot hold.
_NO_XML = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
ORA_TYPE = b"image/openraster"
README = """The layers of a picture, front first: 00 is the frontmost.
layers.json has the name, place (x, y from the top left, in pixels), size, opacity (0 to 1) and visibility of each.
"""


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
        return _png(pixels)

    def pixels(self) -> Image.Image:
        """Decode it as RGBA, in the size that its place has."""
        with open_picture(self.file, STORED) as opened:
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

    @classmethod
    def read(cls, path: Path) -> LayerPlan:
        plan = json.loads(path.read_text())
        layers = [
            PlannedLayer(
                Path(one["file"]),
                one["name"],
                *(one[key] for key in ("x", "y", "width", "height")),
                one["opacity"] / 100,
                one["hidden"],
            )
            for one in plan["layers"]
        ]
        source = Path(plan["source"]) if plan.get("source") else None
        return cls(plan["width"], plan["height"], layers, plan.get("kind", ""), source)

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
        with open_picture(plan.source, STORED) as opened:
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


def export(source: Path, output: Output, _sizes: list[int]) -> dict[str, Any]:
    """Write the layers as the plan's kind of file."""
    plan = LayerPlan.read(source)
    if plan.kind in {"trimmed", "placed"}:
        picture = cut_out(plan)
        return output.write("export.png", _png(picture), picture)
    # Straight to the disk: in memory it would stand beside the layers it is made of.
    path = output.folder / f"{output.prefix}export.{plan.kind}"
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w+b") as file:
        WRITERS[plan.kind](plan, file)
        file.flush()
        os.fsync(file.fileno())
    return {"file": path.name, "width": plan.width, "height": plan.height, "bytes": path.stat().st_size}


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
        colours = self._pixels[..., :3] * (255 / np.where(alpha > 0, alpha, 1))
        whole = np.concatenate((colours, alpha), axis=2)
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


# ---- Files of layers


def write_psd(plan: LayerPlan, file: IO[bytes]) -> None:
    """Write a Photoshop document: pixel layers with their alpha, and the picture they make."""
    # Loaded here: the other tasks start without it.
    from psd_tools import PSDImage

    canvas = Canvas(plan.size)

    class Document(PSDImage):
        def _update_preview(self) -> None:
            """Store the picture that is drawn here: drawing it there takes longer than all the rest."""
            planes = [plane.tobytes() for plane in canvas.picture().split()]
            self._record.image_data.set_data(planes, self._record.header)

    document = Document.new("RGBA", plan.size)
    for layer in reversed(plan.layers):
        pixels = layer.pixels()
        canvas.put(layer, pixels)
        made = document.create_pixel_layer(pixels, top=layer.y, left=layer.x, opacity=round(layer.opacity * 255))
        # By the setter, which also takes what the old field of a name cannot hold.
        made.name = layer.name[:LONGEST_PSD_NAME]
        made.visible = not layer.hidden
    document.save(file)


def write_ora(plan: LayerPlan, file: IO[bytes]) -> None:
    """Write an OpenRaster file (version 0.0.6): the type first and unpacked, the stack, the layers, the merged picture."""
    image = ElementTree.Element("image", version="0.0.6", w=str(plan.width), h=str(plan.height), xres="72", yres="72")
    tree = ElementTree.SubElement(image, "stack")
    canvas = Canvas(plan.size)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry("mimetype"), ORA_TYPE)
        for number, layer in reversed(list(enumerate(plan.layers))):
            pixels = layer.pixels()
            canvas.put(layer, pixels)
            name = f"data/layer{number:03}.png"
            described = {
                "name": _NO_XML.sub("", layer.name),
                "src": name,
                "x": str(layer.x),
                "y": str(layer.y),
                "opacity": f"{layer.opacity:.4g}",
                "visibility": "hidden" if layer.hidden else "visible",
                "composite-op": "svg:src-over",
            }
            tree.insert(0, ElementTree.Element("layer", described))
            archive.writestr(_entry(name), layer.png(pixels))
        archive.writestr(_entry("stack.xml"), ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True))
        merged = canvas.picture()
        archive.writestr(_entry("mergedimage.png"), _png(merged))
        archive.writestr(_entry("Thumbnails/thumbnail.png"), _png(shrink(merged, THUMBNAIL_SIDE)))


def write_zip(plan: LayerPlan, file: IO[bytes]) -> None:
    """Write a PNG of each layer and a JSON that says what belongs where."""
    described = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for layer, name in zip(plan.layers, _file_names(plan.layers), strict=True):
            archive.writestr(_entry(name), layer.png(layer.pixels()))
            described.append(
                {
                    "file": name,
                    "name": layer.name,
                    "x": layer.x,
                    "y": layer.y,
                    "width": layer.width,
                    "height": layer.height,
                    "opacity": round(layer.opacity, 2),
                    "visible": not layer.hidden,
                }
            )
        whole = {"width": plan.width, "height": plan.height, "order": "front to back", "layers": described}
        archive.writestr(_entry("layers.json"), json.dumps(whole, ensure_ascii=False, indent=2), zipfile.ZIP_DEFLATED)
        archive.writestr(_entry("README.txt"), README)


WRITERS: dict[str, Callable[[LayerPlan, IO[bytes]], None]] = {"psd": write_psd, "ora": write_ora, "zip": write_zip}


def _entry(name: str) -> zipfile.ZipInfo:
    """A member without a time of its own: the same layers give the same bytes."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o644 << 16
    return info


def _file_names(layers: Sequence[PlannedLayer]) -> Iterator[str]:
    """Number the files from the front and add what every file system takes of the name."""
    for number, layer in enumerate(layers):
        words = "".join(letter if letter.isalnum() else "-" for letter in layer.name)
        short = "-".join(part for part in words.split("-") if part).encode()[:80].decode(errors="ignore")
        yield f"{number:02}-{short or 'layer'}.png"


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=PNG_LEVEL)
    return file.getvalue()

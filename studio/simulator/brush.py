"""The painter's own process: one JSON order a line comes in, one JSON answer a line goes out.

It is a process so that the server stays small and quick: Pillow and numpy are loaded only here, at low priority. It
ends when its input closes, so it never outlives the server. A painter that breaks ends the process with its traceback;
the server sees the end of the output, fails that job and starts another process for the next.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Protocol, cast

from PIL import Image, UnidentifiedImageError

from studio.simulator.outcomes import FAILURES
from studio.simulator.pixels import SIZES, choose_ratio, edit_size, layering_size

# What the service reads (luma-api.md section 3.9); Pillow is never allowed to guess beyond it.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A picture of 50 megapixels takes 150 MB here; the service's own limit is unpublished.
MOST_PIXELS = 50_000_000
MOST_LAYERS = 10
JPEG_QUALITY = 92
# Painted pictures are smooth; level 3 is nearly as small as 6 in a third of the time.
PNG_LEVEL = 3
NICENESS = 10


class Layer(Protocol):
    """One painted layer: an RGBA image cropped to what is visible, and where it goes."""

    image: Image.Image
    label: str
    description: str
    alpha_hint: str
    x: int
    y: int
    canvas_width: int
    canvas_height: int


class Painter(Protocol):
    """What the module named by `Options.painter` offers."""

    def paint(self, prompt: str, *, width: int, height: int, style: str, salt: str) -> Image.Image:
        """Paint a new picture."""

    def edit(self, source: Image.Image, prompt: str, *, style: str, salt: str) -> Image.Image:
        """Change a picture and keep its size."""

    def layers(self, source: Image.Image, prompt: str, *, salt: str) -> list[Layer]:
        """Split a picture, front to back."""


class UnusableInputError(Exception):
    """An input image cannot be used; `code` is the job's failure code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def main() -> None:
    """Answer orders until the input closes."""
    os.nice(NICENESS)
    # Anything a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order; return `{"outputs": [...]}`, or the code and reason of a failure."""
    try:
        images = [open_input(Path(path)) for path in order["inputs"]]
        outputs = [] if order["type"] == "inspect" else _paint(order, images)
    except UnusableInputError as error:
        return {"failure_code": error.code, "failure_reason": FAILURES[error.code].reason}
    return {"outputs": outputs}


def open_input(path: Path) -> Image.Image:
    """Decode an input image to RGB; raise UnusableInputError."""
    try:
        image = Image.open(path, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnusableInputError("unsupported_format") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnusableInputError("corrupt_input") from error
    if image.width * image.height > MOST_PIXELS:
        raise UnusableInputError("image_too_large")
    if getattr(image, "is_animated", False):
        raise UnusableInputError("unsupported_format")
    try:
        return _flatten(image)
    except (OSError, ValueError, SyntaxError) as error:
        raise UnusableInputError("corrupt_input") from error


def _flatten(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on white; the service answers without alpha."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(ground, rgba).convert("RGB")
    return image.convert("RGB")


def _paint(order: dict[str, Any], images: list[Image.Image]) -> list[dict[str, Any]]:
    painter = cast("Painter", importlib.import_module(order["painter"]))
    folder = Path(order["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    if order["type"] == "layering":
        return _split(order, painter, images[0], folder)
    prompt, style, salt = order["prompt"], order["style"], order["salt"]
    if order["type"] == "image_edit":
        source = images[0].resize(edit_size(*images[0].size))
        picture = painter.edit(source, prompt, style=style, salt=salt)
    else:
        width, height = SIZES[order["aspect_ratio"] or choose_ratio(prompt, style)]
        picture = painter.paint(prompt, width=width, height=height, style=style, salt=salt)
    name = "output.jpg" if order["output_format"] == "jpeg" else "output.png"
    _save(picture.convert("RGB"), folder / name, "jpeg" if order["as_jpeg"] else order["output_format"])
    return [{"name": name}]


def _split(order: dict[str, Any], painter: Painter, source: Image.Image, folder: Path) -> list[dict[str, Any]]:
    canvas = source.resize(layering_size(*source.size, order["resolution"]))
    outputs = []
    for index, layer in enumerate(painter.layers(canvas, order["prompt"], salt=order["salt"])[:MOST_LAYERS]):
        meta: dict[str, Any] = {
            "index": index,
            "label": layer.label,
            "description": layer.description,
            "alpha_hint": layer.alpha_hint,
        }
        picture = layer.image
        if order["bounds"]:
            meta["bounds"] = {
                "x": layer.x,
                "y": layer.y,
                "width": picture.width,
                "height": picture.height,
                "canvas_width": layer.canvas_width,
                "canvas_height": layer.canvas_height,
            }
        else:
            picture = Image.new("RGBA", (layer.canvas_width, layer.canvas_height))
            picture.paste(layer.image, (layer.x, layer.y))
        name = f"layer{index}.png"
        _save(picture, folder / name, "png")
        outputs.append({"name": name, "layer": meta})
    return outputs


def _save(picture: Image.Image, path: Path, image_format: str | None) -> None:
    if image_format == "jpeg":
        picture.save(path, "JPEG", quality=JPEG_QUALITY)
    else:
        picture.save(path, "PNG", compress_level=PNG_LEVEL)


if __name__ == "__main__":
    main()

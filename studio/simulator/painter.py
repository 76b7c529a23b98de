"""The painter process: read one JSON task a line, write one JSON answer a line.

A process of its own keeps the server small and responsive: Pillow is loaded only here, at low priority. It ends when
its input closes, so it never outlives the server. An exception ends it with a traceback; the server then fails that
job and starts another process for the next.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from PIL import Image, UnidentifiedImageError

from studio.simulator.outcomes import FAILURES
from studio.simulator.pixels import SIZES, choose_ratio, layering_size

# What the service reads (luma-api.md section 3.9); Pillow is never allowed to guess beyond it.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A picture of 50 megapixels takes 150 MB here; the service's own limit is unpublished.
MOST_PIXELS = 50_000_000
MOST_LAYERS = 10
JPEG_QUALITY = 92
# Half of the time of a picture is compression; level 1 is nearly as small as 6 in a third of the time.
PNG_LEVEL = 1
NICENESS = 10


class UnusableInputError(Exception):
    """An input image cannot be used; `code` is the job's failure code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def main() -> None:
    """Answer tasks until the input closes."""
    os.nice(NICENESS)
    # Anything a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def answer(task: dict[str, Any]) -> dict[str, Any]:
    """Run one task; return `{"outputs": [...]}`, or the code and reason of a failure."""
    try:
        images = [open_input(Path(path)) for path in task["inputs"]]
        outputs = [] if task["type"] == "inspect" else _paint(task, images)
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


def _paint(task: dict[str, Any], images: list[Image.Image]) -> list[dict[str, Any]]:
    pictures = importlib.import_module(task["pictures"])
    folder = Path(task["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    if task["type"] == "layering":
        return _split(task, pictures, images[0], folder)
    prompt, style, number = task["prompt"], task["style"], task["number"]
    if task["type"] == "image_edit":
        picture = pictures.edit(images[0], prompt, style=style, number=number)
    else:
        width, height = SIZES[task["aspect_ratio"] or choose_ratio(prompt, style)]
        picture = pictures.paint(prompt, width=width, height=height, style=style, number=number)
    name = "output.jpg" if task["output_format"] == "jpeg" else "output.png"
    _save(picture.convert("RGB"), folder / name, "jpeg" if task["as_jpeg"] else task["output_format"])
    return [{"name": name}]


def _split(task: dict[str, Any], pictures: ModuleType, source: Image.Image, folder: Path) -> list[dict[str, Any]]:
    canvas = source.resize(layering_size(*source.size, task["resolution"]))
    outputs = []
    for index, layer in enumerate(pictures.layers(canvas, task["prompt"])[:MOST_LAYERS]):
        meta: dict[str, Any] = {
            "index": index,
            "label": layer.label,
            "description": f"{layer.label.capitalize()} of the picture",
            "alpha_hint": layer.alpha_hint,
        }
        picture = layer.image
        if task["bounds"]:
            meta["bounds"] = {
                "x": layer.x,
                "y": layer.y,
                "width": picture.width,
                "height": picture.height,
                "canvas_width": canvas.width,
                "canvas_height": canvas.height,
            }
        else:
            picture = Image.new("RGBA", (canvas.width, canvas.height))
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

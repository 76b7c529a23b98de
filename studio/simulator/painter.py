"""The painter process: read one JSON task a line, write one JSON answer a line.

A process of its own keeps the server small and responsive: Pillow is loaded only here, at low priority. It ends when
its input closes, so it never outlives the server. An exception ends it with a traceback; the server then fails that
job and starts another process for the next.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

from PIL import Image, UnidentifiedImageError

from studio.simulator.outcomes import FAILURES

# Every size is about 4.19 megapixels and a multiple of 32: "2K", as the pricing page calls it.
SIZES = {
    "3:1": (3360, 1248),
    "2:1": (2912, 1440),
    "16:9": (2784, 1504),
    "3:2": (2464, 1696),
    "1:1": (2048, 2048),
    "2:3": (1696, 2464),
    "9:16": (1504, 2784),
    "1:2": (1440, 2912),
    "1:3": (1248, 3360),
}
LAYERING_SIDES = {"1k": 1024, "2k": 2048}

# Without a ratio the model chooses one from the prompt; a few words are enough to make that visible.
RATIO_WORDS = (
    ("1:1", "logo|icon|avatar|sticker|square|album"),
    ("2:3", "portrait|poster|book cover|person|woman|man|tower"),
    ("9:16", "phone|story|wallpaper for mobile"),
    ("2:1", "panorama|panoramic|skyline|banner"),
    ("3:2", "photo|photograph|still life"),
)
USUAL_RATIO = "16:9"
# What the service reads (luma-api.md section 3.9); Pillow is never allowed to guess beyond it.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A picture of 50 megapixels takes 150 MB here; the service's own limit is unpublished.
MOST_PIXELS = 50_000_000
MOST_LAYERS = 10
BOUNDS = ("x", "y", "width", "height", "canvas_width", "canvas_height")
JPEG_QUALITY = 92
NICENESS = 10


class UnusableInputError(Exception):
    """An input image cannot be used; its argument is the job's failure code."""


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
        code = error.args[0]
        return {"failure_code": code, "failure_reason": FAILURES[code].reason}
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
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def _paint(task: dict[str, Any], images: list[Image.Image]) -> list[dict[str, Any]]:
    pictures = importlib.import_module(task["pictures"])
    folder = Path(task["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    if task["type"] == "layering":
        return _split(task, pictures, images[0], folder)
    prompt, style, number = task["prompt"], task["style"], task["number"]
    if task["type"] == "image_edit":
        picture = pictures.edit(images[0], prompt, style=style, number=number, references=images[1:])
    else:
        # A task of an earlier release has no size.
        width, height = task.get("size") or SIZES[task["aspect_ratio"] or choose_ratio(prompt, style)]
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
            bounds = (layer.x, layer.y, *picture.size, *canvas.size)
            meta["bounds"] = dict(zip(BOUNDS, bounds, strict=True))
        else:
            picture = Image.new("RGBA", canvas.size)
            picture.paste(layer.image, (layer.x, layer.y))
        name = f"layer{index}.png"
        _save(picture, folder / name, "png")
        outputs.append({"name": name, "layer": meta})
    return outputs


def choose_ratio(prompt: str, style: str) -> str:
    """Choose a ratio for a prompt that came without one; a manga page is portrait."""
    if style == "manga":
        return "2:3"
    for ratio, words in RATIO_WORDS:
        if re.search(rf"\b(?:{words})\b", prompt, re.IGNORECASE):
            return ratio
    return USUAL_RATIO


def layering_size(width: int, height: int, resolution: str) -> tuple[int, int]:
    """Return the canvas of a split picture: its longer side is 1024 or 2048 pixels."""
    scale = LAYERING_SIDES[resolution] / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _save(picture: Image.Image, path: Path, image_format: str | None) -> None:
    if image_format == "jpeg":
        picture.save(path, "JPEG", quality=JPEG_QUALITY)
    else:
        # Two thirds of the time of a picture is compression; this is the quickest that keeps it small.
        picture.save(path, "PNG", compress_level=1, compress_type=zlib.Z_RLE)


if __name__ == "__main__":
    main()

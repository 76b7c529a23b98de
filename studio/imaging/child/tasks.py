"""What a child can be asked to do. Each task decodes its picture once and returns the fields of the reply."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from studio.imaging.child.decode import Opened, open_picture
from studio.imaging.child.encode import Encoded, average_colour, encode, placeholder, webp
from studio.imaging.child.resize import Normalized, normalize, shrink
from studio.imaging.limits import API_BYTES, KEPT_BYTES, KEPT_SIDE, MAX_SIDE
from studio.imaging.sizes import UPLOAD_SIZES, first_size, sizes_for

# Read by our own processes and their group, by nobody else.
_FILE_MODE = 0o640

_MEGABYTE = 1024 * 1024

# Kinds that people write in another way than Pillow.
_SHOWN_KINDS = {"WEBP": "WebP", "HEIF": "HEIC"}

# Flat graphics come as these, and JPEG would fray their edges.
_DRAWN = frozenset({"PNG", "GIF"})

# By quarter turns to the right; Pillow turns to the left.
_QUARTERS = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}

# Sent as they are when small enough: the API reads a still GIF too, but ours may move.
_SENDABLE = frozenset({"JPEG", "PNG", "WEBP"})


class OutputFolder(NamedTuple):
    """A folder and the prefix of every name this child may use in it; the parent deletes leftovers by that prefix."""

    folder: Path
    prefix: str

    def write(self, ending: str, data: bytes, picture: Image.Image) -> dict[str, Any]:
        """Write a new file, synced to the disk; return its name and what it holds."""
        name = self.prefix + ending
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return {"file": name, "width": picture.width, "height": picture.height, "bytes": len(data)}


def accept(source: Path, output: OutputFolder, sizes: list[int]) -> dict[str, Any]:
    """Turn an upload into what we keep, with its first renditions."""
    with open_picture(source) as opened:
        opened.check_first_frame()
        normalized = normalize(opened, KEPT_SIDE)
    kept = _encoded(opened, normalized)
    return {
        **output.write(f"kept.{kept.format}", kept.data, kept.picture),
        "sha256": hashlib.sha256(kept.data).hexdigest(),
        "format": kept.format,
        "changes": _changes(opened, normalized, kept),
        **_appearance(kept.picture),
        "renditions": _renditions(kept.picture, sizes, kept.picture.size, output),
    }


def measure(source: Path, output: OutputFolder, _sizes: list[int]) -> dict[str, Any]:
    """Decode a download wholly, with all its frames; say what it is and make the rendition that is shown first."""
    with open_picture(source) as opened:
        opened.check_first_frame()
        size = first_size(opened.width, opened.height)
        normalized = normalize(opened, size)
        opened.check_other_frames()
    return {
        "format": opened.format,
        "width": opened.upright_size[0],
        "height": opened.upright_size[1],
        **_appearance(normalized.picture),
        "renditions": _renditions(normalized.picture, [size], opened.upright_size, output),
    }


def renditions(source: Path, output: OutputFolder, sizes: list[int]) -> dict[str, Any]:
    """Make the renditions that a picture of this size has."""
    with open_picture(source) as opened:
        wanted = set(sizes) & set(sizes_for(opened.width, opened.height))
        if not wanted:
            return {"renditions": []}
        normalized = normalize(opened, max(wanted))
    return {"renditions": _renditions(normalized.picture, wanted, opened.upright_size, output)}


def for_sending(source: Path, output: OutputFolder, _sizes: list[int]) -> dict[str, Any]:
    """Bring a stored picture below what the API advises, or leave it as it is."""
    size = source.stat().st_size
    with open_picture(source) as opened:
        if opened.kind in _SENDABLE and not opened.is_animated and size < KEPT_BYTES:
            width, height = opened.upright_size
            return {"file": "", "format": opened.kind.lower(), "width": width, "height": height, "bytes": size}
        normalized = normalize(opened, KEPT_SIDE)
    sent = _encoded(opened, normalized)
    return {**output.write(f"sent.{sent.format}", sent.data, sent.picture), "format": sent.format}


def refit(source: Path, output: OutputFolder, wanted: list[int]) -> dict[str, Any]:
    """Encode a stored picture anew as `wanted`: its long side in pixels, its bytes, and 1 for a JPEG without alpha."""
    side, limit, is_plain = wanted
    with open_picture(source) as opened:
        normalized = normalize(opened, side)
    picture = normalized.picture
    if is_plain and picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    sent = encode(picture, prefer_png=not is_plain and opened.kind in _DRAWN, limit=limit)
    return {**output.write(f"sent.{sent.format}", sent.data, sent.picture), "format": sent.format}


def crop(source: Path, output: OutputFolder, wanted: list[int]) -> dict[str, Any]:
    """Turn a stored picture and cut it as `wanted`: quarter turns to the right, then left, top, width and height.

    The place is in pixels of the turned picture. What comes of it is what an upload would be kept as.
    """
    quarters, left, top, width, height = wanted
    with open_picture(source) as opened:
        opened.check_first_frame()
        picture = normalize(opened, MAX_SIDE).picture
    if quarters:
        picture = picture.transpose(_QUARTERS[quarters])
    whole = picture.size
    picture = picture.crop((left, top, min(left + width, picture.width), min(top + height, picture.height)))
    kept = encode(shrink(picture, KEPT_SIDE), prefer_png=opened.kind in _DRAWN)
    turned = ["", "turned right", "turned upside down", "turned left"][quarters]
    cut = f"cropped from {whole[0]} × {whole[1]} to {picture.width} × {picture.height} px"
    return {
        **output.write(f"kept.{kept.format}", kept.data, kept.picture),
        "sha256": hashlib.sha256(kept.data).hexdigest(),
        "format": kept.format,
        "changes": [*([turned] if turned else []), *([cut] if picture.size != whole else [])],
        **_appearance(kept.picture),
        "renditions": _renditions(kept.picture, UPLOAD_SIZES, kept.picture.size, output),
    }


def compare_layers(source: Path, output: OutputFolder, sizes: list[int]) -> dict[str, Any]:
    """Draw the layers of a plan together and measure how far that is from their source."""
    from studio.imaging.child import layers  # numpy: the other tasks start without it

    return layers.compare(source, output, sizes)


def export_layers(source: Path, output: OutputFolder, sizes: list[int]) -> dict[str, Any]:
    """Write the layers of a plan as one file."""
    from studio.imaging.child import layer_files

    return layer_files.export(source, output, sizes)


TASKS: dict[str, Callable[[Path, OutputFolder, list[int]], dict[str, Any]]] = {
    "accept": accept,
    "measure": measure,
    "renditions": renditions,
    "for_sending": for_sending,
    "refit": refit,
    "crop": crop,
    "compare_layers": compare_layers,
    "export_layers": export_layers,
}


def _encoded(opened: Opened, normalized: Normalized) -> Encoded:
    # A drawing over the limit is really a photograph: trying it as PNG first would cost a second.
    may_stay_png = opened.kind in _DRAWN and opened.source.stat().st_size < KEPT_BYTES
    return encode(normalized.picture, prefer_png=may_stay_png)


def _appearance(picture: Image.Image) -> dict[str, Any]:
    return {
        "has_alpha": picture.mode == "RGBA",
        "placeholder": placeholder(picture),
        "colour": average_colour(picture),
    }


def _renditions(
    picture: Image.Image, sizes: Iterable[int], whole: tuple[int, int], output: OutputFolder
) -> list[dict[str, Any]]:
    """Make each rendition from the next larger one; return them smallest first."""
    made = []
    for size in sorted(set(sizes) & set(sizes_for(*whole)), reverse=True):
        picture = shrink(picture, size)
        made.append({"size": size, **output.write(f"{size}.webp", webp(picture), picture)})
    return made[::-1]


def _changes(opened: Opened, normalized: Normalized, kept: Encoded) -> list[str]:
    """Name what was changed, in the order of the work."""
    changes = []
    long_side, size = max(kept.picture.size), opened.source.stat().st_size
    if opened.kind != kept.format.upper():
        changes.append(f"converted from {_SHOWN_KINDS.get(opened.kind, opened.kind)}")
    if opened.is_animated:
        changes.append("first frame only")
    if opened.stored_orientation != 1:
        changes.append("turned upright")
    if normalized.colours:
        changes.append(normalized.colours)
    before = max(opened.width, opened.height)
    if long_side < before:
        changes.append(f"made smaller: {before} → {long_side} px")
    elif size > API_BYTES:
        changes.append(f"made smaller: {size / _MEGABYTE:.0f} → {len(kept.data) / _MEGABYTE:.1f} MB")
    if normalized.removed:
        changes.append(f"{normalized.removed} removed")
    return changes + opened.facts.dropped

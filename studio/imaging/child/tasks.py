"""What a child can be asked to do. Each task decodes its picture once and returns the fields of the reply."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from studio.imaging.child.developing import Developed, develop, shrink
from studio.imaging.child.encoding import average_colour, encode, placeholder, webp
from studio.imaging.child.frames import check_first_frame, check_other_frames
from studio.imaging.child.opening import STORED, UPLOADS, Opened, opened_picture
from studio.imaging.child.writing import Desk
from studio.imaging.ladder import first_size, sizes_for
from studio.imaging.limits import KEPT_BYTES, KEPT_SIDE

_SHOWN_KINDS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "TIFF": "TIFF",
    "AVIF": "AVIF",
    "HEIF": "HEIC",
}

# Flat graphics come as these, and JPEG would fray their edges.
_DRAWN = frozenset({"PNG", "GIF"})

# Sent as they are when small enough: the API reads a still GIF too, but ours may move.
_SENDABLE = frozenset({"JPEG", "PNG", "WEBP"})


def accept(source: Path, desk: Desk, sizes: list[int]) -> dict[str, Any]:
    """Turn an upload into what we keep, with its first renditions."""
    with opened_picture(source, UPLOADS) as opened:
        check_first_frame(opened)
        developed = develop(opened, KEPT_SIDE)
    kept = encode(developed.picture, prefer_png=_may_stay_png(opened, source))
    return {
        "file": desk.write(f"kept.{kept.format}", kept.data),
        "sha256": hashlib.sha256(kept.data).hexdigest(),
        "format": kept.format,
        "width": kept.picture.width,
        "height": kept.picture.height,
        "bytes": len(kept.data),
        "changes": _changes(opened, developed, kept.format.upper(), max(kept.picture.size)),
        **_looks(kept.picture),
        "renditions": _ladder(kept.picture, sizes, kept.picture.size, desk),
    }


def measure(source: Path, desk: Desk, _sizes: list[int]) -> dict[str, Any]:
    """Decode a download wholly, with all its frames; say what it is and make the rendition that is shown first."""
    with opened_picture(source, STORED) as opened:
        check_first_frame(opened)
        size = first_size(opened.width, opened.height)
        developed = develop(opened, size)
        check_other_frames(opened)
    return {
        "format": opened.kind.lower(),
        "width": opened.upright_size[0],
        "height": opened.upright_size[1],
        **_looks(developed.picture),
        "renditions": _ladder(developed.picture, [size], opened.upright_size, desk),
    }


def renditions(source: Path, desk: Desk, sizes: list[int]) -> dict[str, Any]:
    """Make the renditions that a picture of this size has."""
    with opened_picture(source, STORED) as opened:
        wanted = set(sizes) & set(sizes_for(opened.width, opened.height))
        if not wanted:
            return {"renditions": []}
        developed = develop(opened, max(wanted))
    return {"renditions": _ladder(developed.picture, wanted, opened.upright_size, desk)}


def for_sending(source: Path, desk: Desk, _sizes: list[int]) -> dict[str, Any]:
    """Bring a stored picture below what the API advises, or leave it as it is."""
    size = source.stat().st_size
    with opened_picture(source, STORED) as opened:
        if opened.kind in _SENDABLE and not opened.is_animated and size < KEPT_BYTES:
            width, height = opened.upright_size
            return {"file": "", "format": opened.kind.lower(), "width": width, "height": height, "bytes": size}
        developed = develop(opened, KEPT_SIDE)
    sent = encode(developed.picture, prefer_png=_may_stay_png(opened, source))
    return {
        "file": desk.write(f"sent.{sent.format}", sent.data),
        "format": sent.format,
        "width": sent.picture.width,
        "height": sent.picture.height,
        "bytes": len(sent.data),
    }


TASKS: dict[str, Callable[[Path, Desk, list[int]], dict[str, Any]]] = {
    "accept": accept,
    "measure": measure,
    "renditions": renditions,
    "for_sending": for_sending,
}


def _may_stay_png(opened: Opened, source: Path) -> bool:
    # A drawing over the limit is a photograph in disguise: trying it as PNG first would cost a second.
    return opened.kind in _DRAWN and source.stat().st_size < KEPT_BYTES


def _looks(picture: Image.Image) -> dict[str, Any]:
    return {
        "has_alpha": picture.mode == "RGBA",
        "placeholder": placeholder(picture),
        "colour": average_colour(picture),
    }


def _ladder(picture: Image.Image, sizes: Iterable[int], whole: tuple[int, int], desk: Desk) -> list[dict[str, Any]]:
    """Make each rendition from the next larger one; return them smallest first."""
    made = []
    for size in sorted(set(sizes) & set(sizes_for(*whole)), reverse=True):
        picture = shrink(picture, size)
        data = webp(picture)
        made.append(
            {
                "size": size,
                "file": desk.write(f"{size}.webp", data),
                "width": picture.width,
                "height": picture.height,
                "bytes": len(data),
            }
        )
    return made[::-1]


def _changes(opened: Opened, developed: Developed, kept_kind: str, long_side: int) -> list[str]:
    """Say what was changed, in the order of the work."""
    told = []
    if opened.kind != kept_kind:
        told.append(f"converted from {_SHOWN_KINDS[opened.kind]}")
    if opened.is_animated:
        told.append("first frame only")
    if opened.is_turned:
        told.append("turned upright")
    if developed.colours_converted:
        told.append("colours converted to sRGB")
    before = max(opened.width, opened.height)
    if long_side < before:
        told.append(f"made smaller: {before} → {long_side} px")
    if developed.removed:
        told.append(f"{developed.removed} removed")
    return told

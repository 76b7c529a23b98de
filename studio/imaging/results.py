"""What the calls return. Every path is a new file under a temporary name: move it or delete it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple


class MadeRendition(NamedTuple):
    """One WebP copy. `size` names it (see `sizes_for`); `width` and `height` are its pixels."""

    size: int
    path: Path
    width: int
    height: int
    bytes: int


class Accepted(NamedTuple):
    """An upload as we keep it: upright, sRGB, without metadata, at most KEPT_SIDE pixels and KEPT_BYTES bytes."""

    path: Path
    sha256: str
    format: Literal["jpeg", "png"]
    width: int
    height: int
    bytes: int
    # True when at least one pixel is not opaque.
    has_alpha: bool
    # A data URI of at most 250 characters, and the average colour as #rrggbb.
    placeholder: str
    colour: str
    # Sentences for the person, in the order of the work.
    changes: tuple[str, ...]
    renditions: tuple[MadeRendition, ...]


class Measured(NamedTuple):
    """A downloaded picture that decodes wholly. `width` and `height` are as a browser shows it, in pixels."""

    format: Literal["jpeg", "png", "webp", "gif"]
    width: int
    height: int
    has_alpha: bool
    placeholder: str
    colour: str
    # Of size 512, or 256 when the picture is no larger than that.
    rendition: MadeRendition


class Wire(NamedTuple):
    """What to send to the API. `path` is the source itself when nothing had to change."""

    path: Path
    media_type: Literal["image/jpeg", "image/png", "image/webp"]
    width: int
    height: int
    bytes: int


class ComparedLayers(NamedTuple):
    """How far all layers together are from their source, of 255, and both as WebP: together, and the difference."""

    average: float
    greatest: int
    together: Path
    difference: Path

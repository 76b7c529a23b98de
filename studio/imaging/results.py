"""What the calls return. Every path is a new file under a temporary name: move it or delete it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

MeasuredFormat = Literal["jpeg", "png", "webp", "gif", "tiff", "avif", "heic"]


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

    format: MeasuredFormat
    width: int
    height: int
    has_alpha: bool
    placeholder: str
    colour: str
    # Of size 512, or 256 when the picture is no larger than that.
    rendition: MadeRendition


class Region(NamedTuple):
    """A part of an edit that differs, in pixels of its source; `ppm` millionths of the picture changed in it."""

    x: int
    y: int
    width: int
    height: int
    ppm: int


class ComparedEdit(NamedTuple):
    """How an edit lies on its source. The regions are the largest first; their maps have at most 1,024 px a side."""

    # "everywhere": one region, the whole picture; "other_shape": nothing can be laid on anything, and there is no map.
    verdict: Literal["found", "everywhere", "same", "other_shape"]
    # Move the edit so far to lay it on its source.
    dx: int
    dy: int
    # How much of what can be told apart lines up then, in percent.
    lining: int
    regions: tuple[Region, ...]
    # Changes too small or too many to be listed.
    unlisted: int
    # PNGs: how much each pixel differs, in grey; the number of its region in red, and in green how much of the pixel
    # that takes. None without a map.
    difference: Path | None
    numbers: Path | None


class Composed(NamedTuple):
    """A source with parts of an edit laid in, as PNG. `areas` counts the parts."""

    path: Path
    sha256: str
    width: int
    height: int
    bytes: int
    has_alpha: bool
    placeholder: str
    colour: str
    areas: int
    rendition: MadeRendition

    @property
    def format(self) -> Literal["png"]:
        return "png"

    @property
    def renditions(self) -> tuple[MadeRendition]:
        return (self.rendition,)


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

"""From a reply's fields to results, each value checked against what our own child could have written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from studio.imaging.errand import Errand
from studio.imaging.ladder import SIZES
from studio.imaging.limits import KEPT_SIDE, MAX_BYTES
from studio.imaging.reply import Fields, Garbled
from studio.imaging.results import Accepted, MadeRendition, Measured, Wire

if TYPE_CHECKING:
    from typing import Literal

_PLACEHOLDER = "data:image/webp;base64,[A-Za-z0-9+/]+=*"
_LONGEST_PLACEHOLDER = 250
_COLOUR = "#[0-9a-f]{6}"
_LONGEST_CHANGE = 120


def read_accepted(errand: Errand[Any], fields: Fields) -> Accepted:
    path, size = fields.file(errand.into, errand.prefix)
    return Accepted(
        path=path,
        sha256=fields.matching("sha256", "[0-9a-f]{64}", 64),
        format=cast("Literal['jpeg', 'png']", fields.matching("format", "jpeg|png", 4)),
        width=fields.whole("width", 1, KEPT_SIDE),
        height=fields.whole("height", 1, KEPT_SIDE),
        bytes=size,
        has_alpha=fields.flag("has_alpha"),
        placeholder=fields.matching("placeholder", _PLACEHOLDER, _LONGEST_PLACEHOLDER),
        colour=fields.matching("colour", _COLOUR, 7),
        changes=fields.texts("changes", _LONGEST_CHANGE),
        renditions=tuple(read_renditions(errand, fields)),
    )


def read_measured(errand: Errand[Any], fields: Fields) -> Measured:
    made = read_renditions(errand, fields)
    if len(made) != 1:
        raise Garbled(f"{len(made)} renditions")
    return Measured(
        format=cast("Literal['jpeg', 'png', 'webp', 'gif']", fields.matching("format", "jpeg|png|webp|gif", 4)),
        width=fields.side("width"),
        height=fields.side("height"),
        has_alpha=fields.flag("has_alpha"),
        placeholder=fields.matching("placeholder", _PLACEHOLDER, _LONGEST_PLACEHOLDER),
        colour=fields.matching("colour", _COLOUR, 7),
        rendition=made[0],
    )


def read_renditions(errand: Errand[Any], fields: Fields) -> list[MadeRendition]:
    return [_rendition(errand.into, errand.prefix, each) for each in fields.each("renditions")]


def read_wire(errand: Errand[Any], fields: Fields) -> Wire:
    if fields.text("file", 80):
        path, size = fields.file(errand.into, errand.prefix)
    else:
        path, size = errand.source, fields.whole("bytes", 1, MAX_BYTES)
    kind = fields.matching("format", "jpeg|png|webp", 4)
    return Wire(
        path=path,
        media_type=cast("Literal['image/jpeg', 'image/png', 'image/webp']", f"image/{kind}"),
        width=fields.side("width"),
        height=fields.side("height"),
        bytes=size,
    )


def _rendition(into: Path, prefix: str, fields: Fields) -> MadeRendition:
    path, written = fields.file(into, prefix)
    return MadeRendition(
        size=fields.whole("size", SIZES[0], SIZES[-1]),
        path=path,
        width=fields.whole("width", 1, SIZES[-1]),
        height=fields.whole("height", 1, SIZES[-1]),
        bytes=written,
    )

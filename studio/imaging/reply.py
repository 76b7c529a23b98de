"""Validate the child's JSON reply: a compromised decoder may send anything, so no value is used unchecked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal, cast, get_args

from studio.imaging.limits import KEPT_SIDE, MAX_BYTES, MAX_SIDE
from studio.imaging.results import (
    Accepted,
    ComparedEdit,
    ComparedLayers,
    Composed,
    MadeRendition,
    Measured,
    MeasuredFormat,
    Region,
    Wire,
)
from studio.imaging.sizes import SIZES

_LONGEST_TEXT = 250
_LONGEST_CHANGE = 120
_LONGEST_LIST = 16
_PLACEHOLDER = "data:image/webp;base64,[A-Za-z0-9+/]+=*"
_COLOUR = "#[0-9a-f]{6}"


class InvalidReply(Exception):
    """The reply is not one that our own child writes."""


class Reply:
    """A JSON object whose values are handed out only when they have the expected type, range and length.

    `into` and `prefix` say which files the child was allowed to write. Every method raises `InvalidReply`.
    """

    def __init__(self, values: Any, into: Path, prefix: str) -> None:
        if not isinstance(values, dict):
            raise InvalidReply("not an object")
        self._values, self._into, self._prefix = values, into, prefix

    @classmethod
    def parse(cls, data: bytes, into: Path, prefix: str) -> Reply:
        try:
            values = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InvalidReply("not JSON") from error
        return cls(values, into, prefix)

    def has(self, key: str) -> bool:
        return key in self._values

    def integer(self, key: str, least: int, most: int) -> int:
        value = self._values.get(key)
        if type(value) is not int or not least <= value <= most:
            raise InvalidReply(f"{key} {value!r}")
        return value

    def number(self, key: str, least: float, most: float) -> float:
        value = self._values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise InvalidReply(f"{key} {value!r}")
        return float(value)

    def boolean(self, key: str) -> bool:
        value = self._values.get(key)
        if type(value) is not bool:
            raise InvalidReply(f"{key} {value!r}")
        return value

    def text(self, key: str, most: int = _LONGEST_TEXT) -> str:
        return _short_text(key, self._values.get(key), most)

    def matching(self, key: str, pattern: str) -> str:
        value = self.text(key)
        if not re.fullmatch(pattern, value):
            raise InvalidReply(f"{key} {value[:80]!r}")
        return value

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        return tuple(_short_text(key, value, most) for value in self._list(key))

    def objects(self, key: str) -> list[Reply]:
        return [Reply(value, self._into, self._prefix) for value in self._list(key)]

    def file(self) -> tuple[Path, int]:
        """Return the file named by `file`, which must be one the child was allowed to write, and its size in bytes."""
        name = self.matching("file", re.escape(self._prefix) + r"[a-z0-9]+\.(jpeg|png|webp|psd|ora|zip)")
        path = self._into / name
        size = self.integer("bytes", 1, 2**31)
        if path.is_symlink() or not path.is_file() or path.stat().st_size != size:
            raise InvalidReply(f"file {name}")
        return path, size

    def _list(self, key: str) -> list[Any]:
        values = self._values.get(key)
        if not isinstance(values, list) or len(values) > _LONGEST_LIST:
            raise InvalidReply(f"{key} is not a short list")
        return values


def _short_text(key: str, value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise InvalidReply(f"{key} is not a short text")
    return value


def read_accepted(reply: Reply) -> Accepted:
    path, size = reply.file()
    return Accepted(
        path=path,
        sha256=reply.matching("sha256", "[0-9a-f]{64}"),
        format=cast("Literal['jpeg', 'png']", reply.matching("format", "jpeg|png")),
        width=reply.integer("width", 1, KEPT_SIDE),
        height=reply.integer("height", 1, KEPT_SIDE),
        bytes=size,
        has_alpha=reply.boolean("has_alpha"),
        placeholder=reply.matching("placeholder", _PLACEHOLDER),
        colour=reply.matching("colour", _COLOUR),
        changes=reply.texts("changes", _LONGEST_CHANGE),
        renditions=tuple(read_renditions(reply)),
    )


def read_measured(reply: Reply) -> Measured:
    return Measured(
        format=cast("MeasuredFormat", reply.matching("format", "|".join(get_args(MeasuredFormat)))),
        width=reply.integer("width", 1, MAX_SIDE),
        height=reply.integer("height", 1, MAX_SIDE),
        has_alpha=reply.boolean("has_alpha"),
        placeholder=reply.matching("placeholder", _PLACEHOLDER),
        colour=reply.matching("colour", _COLOUR),
        rendition=read_rendition(reply),
    )


def read_renditions(reply: Reply) -> list[MadeRendition]:
    return [_read_rendition(each) for each in reply.objects("renditions")]


def read_rendition(reply: Reply) -> MadeRendition:
    """Read the only one there is."""
    made = read_renditions(reply)
    if len(made) != 1:
        raise InvalidReply(f"{len(made)} renditions")
    return made[0]


def _read_rendition(reply: Reply) -> MadeRendition:
    path, written = reply.file()
    return MadeRendition(
        size=reply.integer("size", SIZES[0], SIZES[-1]),
        path=path,
        width=reply.integer("width", 1, SIZES[-1]),
        height=reply.integer("height", 1, SIZES[-1]),
        bytes=written,
    )


def read_compared_edit(reply: Reply) -> ComparedEdit:
    files = [each.file()[0] for each in reply.objects("files")]
    verdict = reply.matching("verdict", "found|everywhere|same|other_shape")
    if len(files) != (0 if verdict == "other_shape" else 2):
        raise InvalidReply(f"{len(files)} maps")
    return ComparedEdit(
        verdict=cast("Literal['found', 'everywhere', 'same', 'other_shape']", verdict),
        dx=reply.integer("dx", -MAX_SIDE, MAX_SIDE),
        dy=reply.integer("dy", -MAX_SIDE, MAX_SIDE),
        lining=reply.integer("lining", 0, 100),
        regions=tuple(_read_region(each) for each in reply.objects("regions")),
        unlisted=reply.integer("unlisted", 0, 10_000),
        difference=files[0] if files else None,
        numbers=files[1] if files else None,
    )


def _read_region(reply: Reply) -> Region:
    return Region(
        x=reply.integer("x", 0, MAX_SIDE),
        y=reply.integer("y", 0, MAX_SIDE),
        width=reply.integer("width", 1, MAX_SIDE),
        height=reply.integer("height", 1, MAX_SIDE),
        ppm=reply.integer("ppm", 0, 1_000_000),
    )


def read_composed(reply: Reply) -> Composed:
    path, size = reply.file()
    return Composed(
        path=path,
        sha256=reply.matching("sha256", "[0-9a-f]{64}"),
        width=reply.integer("width", 1, MAX_SIDE),
        height=reply.integer("height", 1, MAX_SIDE),
        bytes=size,
        has_alpha=reply.boolean("has_alpha"),
        placeholder=reply.matching("placeholder", _PLACEHOLDER),
        colour=reply.matching("colour", _COLOUR),
        areas=reply.integer("areas", 1, 10_000),
        rendition=read_rendition(reply),
    )


def read_wire(reply: Reply, source: Path) -> Wire:
    """Read what to send: the new file, or `source` itself when the child names none."""
    path, size = reply.file() if reply.text("file") else (source, reply.integer("bytes", 1, MAX_BYTES))
    kind = reply.matching("format", "jpeg|png|webp")
    return Wire(
        path=path,
        media_type=cast("Literal['image/jpeg', 'image/png', 'image/webp']", f"image/{kind}"),
        width=reply.integer("width", 1, MAX_SIDE),
        height=reply.integer("height", 1, MAX_SIDE),
        bytes=size,
    )


def read_compared_layers(reply: Reply) -> ComparedLayers:
    files = [each.file()[0] for each in reply.objects("files")]
    if len(files) != 2:
        raise InvalidReply(f"{len(files)} files")
    return ComparedLayers(reply.number("average", 0, 255), reply.integer("greatest", 0, 255), *files)

"""The shape of an ImageRef: exactly one of four kinds (luma-api.md section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from studio.simulator.errors import ApiError

RefKind = Literal["url", "data", "generation_id", "file_id"]
KINDS: tuple[RefKind, ...] = ("url", "data", "generation_id", "file_id")


@dataclass(frozen=True, kw_only=True)
class Ref:
    """One input image as the caller named it; `place` is `source` or `image_ref[n]`, the prefix of every complaint."""

    place: str
    kind: RefKind
    value: str
    media_type: str | None


def parse_ref(value: object, place: str) -> Ref:
    """Read one ImageRef; raise ApiError 400."""
    if not isinstance(value, dict):
        raise ApiError(400, f"{place}: must be an object")
    given: list[RefKind] = [kind for kind in KINDS if value.get(kind) is not None]
    if len(given) != 1:
        excess = "both" if given else "neither"
        raise ApiError(400, f"{place}: provide either 'url' or 'data', not {excess}")
    kind = given[0]
    media_type = value.get("media_type")
    if not isinstance(value[kind], str):
        raise ApiError(400, f"{place}: '{kind}' must be a string")
    if media_type is not None and not isinstance(media_type, str):
        raise ApiError(400, f"{place}: 'media_type' must be a string")
    if kind == "data" and not media_type:
        raise ApiError(400, f"{place}: 'media_type' is required with 'data'")
    return Ref(place=place, kind=kind, value=cast("str", value[kind]), media_type=media_type)

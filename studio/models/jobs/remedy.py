"""What one more try sends otherwise, after Luma did not accept a picture: a smaller copy, or a plain JPEG.

A remedy is stored as JSON: for the position of each picture (0 the source, n reference @n) how it is to be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from studio.imaging.limits import KEPT_BYTES, KEPT_SIDE
from studio.models.requests.input import Input

Fault = Literal["size", "format"]

# Smaller than this nothing of a picture is left to work from.
LEAST_SIDE, LEAST_BYTES = 256, 32_000


class Fit(TypedDict):
    """How one picture is sent: long side in pixels, bytes at most, whether as JPEG without alpha, and for which fault."""

    side: int
    bytes: int
    plain: bool
    fault: Fault


def find(fault: Fault, inputs: Iterable[Input], fit: Mapping[str, Fit]) -> dict[str, Fit]:
    """Return how each of these pictures may be sent otherwise than it was; empty where nothing is left to do."""
    found = {}
    for entry in inputs:
        position = str(entry.position)
        sent = fit.get(position) or _as_stored(entry)
        if fault == "format" and not sent["plain"]:
            found[position] = Fit(side=sent["side"], bytes=KEPT_BYTES, plain=True, fault=fault)
        elif fault == "size" and sent["side"] > LEAST_SIDE:
            smaller = max(LEAST_BYTES, sent["bytes"] // 2)
            found[position] = Fit(
                side=max(LEAST_SIDE, sent["side"] // 2), bytes=smaller, plain=sent["plain"], fault=fault
            )
    return found


def _as_stored(entry: Input) -> Fit:
    picture = entry.picture
    side = min(KEPT_SIDE, max(picture.width, picture.height))
    return Fit(side=side, bytes=min(KEPT_BYTES, picture.bytes), plain=False, fault="size")


def words(remedy: Mapping[str, Fit]) -> str:
    """Say what the try will do: `Send the source at most 1024 px wide or high`, `Send @2 as JPEG, …`."""
    which = " and ".join("the source" if position == "0" else f"@{position}" for position in sorted(remedy, key=int))
    if is_conversion(remedy):
        return f"Send {which} as JPEG, transparency as white"
    side = max(one["side"] for one in remedy.values())
    return f"Send {which} with at most {side} px a side"


def is_conversion(remedy: Mapping[str, Fit]) -> bool:
    return all(one["fault"] == "format" for one in remedy.values())

"""Why a picture cannot be used, as a slug for code and a sentence for a designer."""

from __future__ import annotations

from math import ceil
from typing import Literal, get_args

from studio.imaging.limits import LIMITS, MAX_BYTES, MAX_PIXELS, MAX_SIDE

Reason = Literal[
    "not_a_picture",
    "empty",
    "too_many_bytes",
    "too_many_pixels",
    "too_long_side",
    "too_complex",
    "broken",
    "took_too_long",
    "bad_mask",
    "nothing_kept",
    "other_shape",
]
REASONS: frozenset[str] = frozenset(get_args(Reason))

_MEGABYTE = 1024 * 1024
_MEGAPIXEL = 1_000_000


class Unusable(Exception):
    """The picture is at fault, not the machine. `sentence` says what is wrong, the limit, and what to do.

    `kind`: what the file is, where that is known and Studio does not read it ("a BMP").
    """

    def __init__(self, reason: Reason, sentence: str, kind: str = "") -> None:
        super().__init__(sentence)
        self.reason: Reason = reason
        self.sentence = sentence
        self.kind = kind


def not_a_picture() -> Unusable:
    return Unusable(
        "not_a_picture",
        "This file is not a picture Studio can read. Use JPEG, PNG, WebP, GIF, HEIC, AVIF or TIFF.",
    )


def empty() -> Unusable:
    return Unusable("empty", "This file is empty. Export or download it again.")


def too_many_bytes(size: int) -> Unusable:
    return Unusable(
        "too_many_bytes",
        f"{ceil(size / _MEGABYTE)} MB is more than the limit of {MAX_BYTES // _MEGABYTE}. "
        "Make the picture smaller, or save it as JPEG.",
    )


def too_many_pixels(pixels: int) -> Unusable:
    return Unusable(
        "too_many_pixels",
        f"{ceil(pixels / _MEGAPIXEL)} megapixels is more than the limit of {MAX_PIXELS // _MEGAPIXEL}. "
        "Make the picture smaller and try again.",
    )


def too_long_side(side: int) -> Unusable:
    return Unusable(
        "too_long_side",
        f"A side of {side} pixels is more than the limit of {MAX_SIDE}. Crop the picture or make it smaller.",
    )


def too_complex() -> Unusable:
    return Unusable(
        "too_complex",
        "This picture is too complex to open safely. Open it in an image editor and save it as a plain JPEG or PNG.",
    )


def broken() -> Unusable:
    return Unusable("broken", "This picture is damaged or incomplete. Export or download it again.")


def took_too_long() -> Unusable:
    return Unusable(
        "took_too_long",
        f"Opening this picture takes more than {LIMITS.cpu_seconds} seconds of computing. "
        "Make it smaller, or save it as a plain JPEG or PNG.",
    )


def bad_mask() -> Unusable:
    return Unusable("bad_mask", "The mask doesn't fit this picture. Reload the page and paint it again.")


def nothing_kept() -> Unusable:
    return Unusable("nothing_kept", "Nothing of the edit is kept yet. Take a region or paint over a part.")


def other_shape() -> Unusable:
    return Unusable(
        "other_shape",
        "The edit has another shape than the layer, so it can't take its place. Edit the layer once more.",
    )

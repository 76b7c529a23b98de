"""Bring any mode a file may have to 8-bit sRGB, with alpha only where a pixel is not opaque."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence
from typing import Any, cast

from PIL import Image, ImageChops, ImageCms

from studio.imaging.child import icc
from studio.imaging.child.facts import Facts
from studio.imaging.child.hdr import tone_map
from studio.imaging.child.spaces import HDR, Signal, from_cicp, profile
from studio.imaging.unusable import broken

# Colour spaces of profiles by the mode their pixels have; a profile of another space is not for this picture.
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}

_SIXTEEN_BITS = 65_535

CONVERTED = "colours converted to sRGB"
# Colours by which a profile is judged: every grey, and a grid of nine values per channel.
_STEPS = (*range(0, 255, 32), 255)
_SAMPLES = {"L": bytes(range(256)), "RGB": bytes(c for r in _STEPS for g in _STEPS for b in _STEPS for c in (r, g, b))}
_ROUNDING = 1


def expand(picture: Image.Image, facts: Facts) -> Image.Image:
    """Unfold palettes, bits and depths: L, RGB, CMYK or LAB, and LA or RGBA only when alpha matters."""
    mode = picture.mode
    if facts.covered:
        return _covered(picture.convert("RGBA"), facts.covered)
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _eight_bits(picture, facts.grey_table)
    if mode == "LA":
        return _without_idle_alpha(picture)
    if picture.has_transparency_data:
        return _without_idle_alpha(picture.convert("RGBA"))
    if mode in ("L", "RGB", "CMYK", "LAB"):
        return picture
    return picture.convert("L" if mode == "1" else "RGB")


def to_srgb(picture: Image.Image, facts: Facts) -> tuple[Image.Image, str]:
    """Convert to RGB or RGBA by what the file says of its colours; also say what was done."""
    if picture.mode in ("RGBA", "LA"):
        colours, change = to_srgb(picture.convert(picture.mode[:-1]), facts)
        colours.putalpha(picture.getchannel("A"))
        return colours, change
    if facts.signal and facts.is_signal_first:
        return _by_signal(picture, facts.signal)
    if picture.mode == "LAB":
        return _by_profile(picture, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if facts.profile:
        try:
            return _by_file(picture, facts.profile, facts)
        except (ImageCms.PyCMSError, OSError, AttributeError, ValueError, IndexError, struct.error):
            facts.drop("unusable colour profile ignored")
    if facts.signal and picture.mode in ("L", "RGB"):
        return _by_signal(picture, facts.signal)
    return picture.convert("RGB"), CONVERTED if picture.mode == "CMYK" else ""


def own_profile(facts: Facts) -> ImageCms.ImageCmsProfile | None:
    """Return the RGB profile by which a file's colours count; None where another fact does, or that of sRGB would."""
    if not facts.profile or (facts.signal and facts.is_signal_first):
        return None
    try:
        if _hdr_signal(facts.profile):
            return None
        described = ImageCms.ImageCmsProfile(io.BytesIO(facts.profile))
        is_rgb = described.profile.xcolor_space.strip() == "RGB"
        changes = is_rgb and _by_profile(Image.new("RGB", (1, 1)), described)[1]
    except (ImageCms.PyCMSError, OSError, AttributeError, ValueError, IndexError, struct.error):
        return None
    return described if changes else None


def _by_file(picture: Image.Image, profile: bytes, facts: Facts) -> tuple[Image.Image, str]:
    """Convert by the file's own profile. Raises ValueError when it is not for such pixels, or another when damaged."""
    described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = _PROFILE_MODES.get(described.profile.xcolor_space.strip())
    if mode == "RGB" and picture.mode == "L":
        picture = picture.convert("RGB")
    elif mode == "L" and picture.mode == "RGB" and facts.may_be_grey and _is_grey(picture):
        picture = picture.getchannel("R")
    if mode != picture.mode:
        raise ValueError(mode)
    signal = _hdr_signal(profile)
    return _by_signal(picture, signal) if signal else _by_profile(picture, described)


def _by_profile(picture: Image.Image, described: ImageCms.ImageCmsProfile) -> tuple[Image.Image, str]:
    """Convert, unless the profile changes no colour by more than rounding does; its name says nothing."""
    transform = ImageCms.buildTransform(described, ImageCms.createProfile("sRGB"), picture.mode, "RGB")
    sample = _SAMPLES.get(picture.mode)
    if sample is not None:
        before = Image.frombytes(picture.mode, (len(sample) // len(picture.mode), 1), sample)
        after = ImageCms.applyTransform(before, transform)
        changed = ImageChops.difference(before.convert("RGB"), after or before).getextrema()
        if max(highest for _, highest in cast("list[tuple[int, int]]", changed)) <= _ROUNDING:
            return picture.convert("RGB"), ""
    converted = ImageCms.applyTransform(picture, transform)
    if converted is None:
        raise ValueError("not converted")
    return converted, CONVERTED


def _by_signal(picture: Image.Image, signal: Signal) -> tuple[Image.Image, str]:
    picture = picture.convert("RGB")
    if signal.hdr:
        return tone_map(picture, signal), f"tone-mapped from HDR ({HDR[signal.hdr]}) to SDR"
    return _by_profile(picture, profile(signal))


def _hdr_signal(data: bytes) -> Signal | None:
    """Read the numbers that an ICC profile of version 4.4 adds, where they mean HDR."""
    start, size = icc.tags(data).get(b"cicp", (0, 0))
    if size >= 12 and data[start + 9] in HDR:
        return from_cicp(data[start + 8], data[start + 9])
    return None


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    return not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(red, blue).getbbox()


def _covered(picture: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Clear what the first frame of a GIF does not cover, as browsers show it."""
    alpha = Image.new("L", picture.size)
    alpha.paste(picture.getchannel("A").crop(box), box)
    picture.putalpha(alpha)
    return _without_idle_alpha(picture)


def _without_idle_alpha(picture: Image.Image) -> Image.Image:
    lowest, _ = cast("tuple[int, int]", picture.getchannel("A").getextrema())
    return picture if lowest < 255 else picture.convert("L" if picture.mode == "LA" else "RGB")


def _eight_bits(picture: Image.Image, table: Sequence[int]) -> Image.Image:
    """Scale one deep channel to 8 bits: 16-bit files by their full range, others by the values that occur."""
    transparent: Any = picture.info.get("transparency")
    deep = picture if picture.mode == "F" else picture.convert("I")
    if table:
        grey = deep.point(table, "L")
    else:
        low, high = _range(deep)
        scale = 255 / (high - low)
        grey = deep.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
    if not isinstance(transparent, int) or picture.mode == "F":
        return grey
    opaque = deep.point([0 if value == transparent else 255 for value in range(_SIXTEEN_BITS + 1)], "L")
    return _without_idle_alpha(Image.merge("RGBA", (grey, grey, grey, opaque)))


def _range(deep: Image.Image) -> tuple[float, float]:
    low, high = cast("tuple[float, float]", deep.getextrema())
    if not math.isfinite(low + high):
        raise broken()
    if low >= 0 and high <= (1 if deep.mode == "F" else _SIXTEEN_BITS):
        return 0, 1 if deep.mode == "F" else _SIXTEEN_BITS
    return low, max(high, low + 1)

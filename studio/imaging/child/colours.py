"""Bring any mode a file may have to 8-bit sRGB, with alpha only where a pixel is not opaque."""

from __future__ import annotations

import io
import math
from typing import Any, cast

from PIL import Image, ImageCms

from studio.imaging.unusable import broken

# Colour spaces of profiles by the mode their pixels have; a profile of another space is not for this picture.
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}

_SIXTEEN_BITS = 65_535


def expand(picture: Image.Image) -> Image.Image:
    """Unfold palettes, bits and depths: the result is L, RGB, RGBA, CMYK or LAB, and RGBA only when it matters."""
    mode = picture.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _eight_bits(picture)
    if picture.has_transparency_data:
        return _without_idle_alpha(picture.convert("RGBA"))
    if mode in ("L", "RGB", "CMYK", "LAB"):
        return picture
    return picture.convert("L" if mode == "1" else "RGB")


def to_srgb(picture: Image.Image, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Convert to RGB or RGBA by the file's colour profile; also say whether the colours were converted."""
    if picture.mode == "RGBA":
        colours, converted = to_srgb(picture.convert("RGB"), profile)
        if converted:
            colours.putalpha(picture.getchannel("A"))
            return colours, True
        return picture, False
    described = profile_of(picture.mode, profile)
    if described is not None:
        converted_picture = ImageCms.profileToProfile(
            picture, described, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
        if converted_picture is not None:
            return converted_picture, True
    return picture.convert("RGB"), picture.mode == "CMYK"


def profile_of(mode: str, profile: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """Read the profile to convert by; None when there is none, it is damaged, not for this mode, or sRGB itself."""
    if mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if not profile:
        return None
    try:
        described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = described.profile.xcolor_space.strip()
        is_srgb = ImageCms.getProfileDescription(described).startswith("sRGB")
    except (ImageCms.PyCMSError, OSError, AttributeError):
        return None
    return described if _PROFILE_MODES.get(space) == mode and not is_srgb else None


def _without_idle_alpha(picture: Image.Image) -> Image.Image:
    lowest, _ = cast("tuple[int, int]", picture.getchannel("A").getextrema())
    return picture if lowest < 255 else picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale one deep channel to 8 bits: 16-bit files by their full range, others by the values that occur."""
    transparent: Any = picture.info.get("transparency")
    deep = picture if picture.mode == "F" else picture.convert("I")
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

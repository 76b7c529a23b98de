"""The curves of an ICC profile that is made of three colorants, or of one grey: to apply them with more than 8 bits."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Curve = Callable[[Floats], Floats]

_MOST_TAGS = 200
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_GREY_CURVE = b"kTRC"
# How many numbers each kind of parametric curve has.
_PARAMETERS = (1, 3, 4, 5, 7)
# Exponent, gain and offset before it, the slope of the straight part and where that ends.
SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def tags(profile: bytes) -> dict[bytes, tuple[int, int]]:
    """Return where each tag stands and how long it is. Raises `struct.error` for a cut profile."""
    (count,) = struct.unpack(">I", profile[128:132])
    entries = (
        struct.unpack(">4sII", profile[at : at + 12]) for at in range(132, 132 + 12 * min(count, _MOST_TAGS), 12)
    )
    return {name: (start, size) for name, start, size in entries}


def curves(profile: bytes) -> list[Curve] | None:
    """Return one curve for each channel; None when the profile is made in another way."""
    try:
        found = tags(profile)
        names = _CURVES if profile[16:20] == b"RGB " else (_GREY_CURVE,)
        if profile[16:20] not in (b"RGB ", b"GRAY") or b"A2B0" in found or not found.keys() >= set(names):
            return None
        return [_curve(profile[slice(start, start + size)]) for start, size in (found[name] for name in names)]
    except (struct.error, ValueError, IndexError):
        return None


def with_srgb_curves(profile: bytes) -> bytes:
    """Return the same colorants with the curve of sRGB in the place of their own."""
    curve = b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *(round(value * 65_536) for value in SRGB))
    changed = bytearray(profile + bytes(-len(profile) % 4))
    start = len(changed)
    for at in range(132, 132 + 12 * len(tags(profile)), 12):
        if bytes(changed[at : at + 4]) in (*_CURVES, _GREY_CURVE):
            struct.pack_into(">II", changed, at + 4, start, len(curve))
    changed += curve
    struct.pack_into(">I", changed, 0, len(changed))
    return bytes(changed)


def to_srgb_code(light: Floats) -> Floats:
    """Encode light from 0 to 1 as sRGB does."""
    import numpy as np

    bright = 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    encoded: Floats = np.where(light <= 0.0031308, light * 12.92, bright)
    return encoded


def _curve(body: bytes) -> Curve:
    import numpy as np

    if body[:4] == b"curv":
        (count,) = struct.unpack(">I", body[8:12])
        if count == 0:
            return lambda coded: coded
        points = np.frombuffer(body[12 : 12 + 2 * count], ">u2").astype(np.float64)
        if count == 1:
            return parametric(float(points[0]) / 256)
        return lambda coded: np.interp(coded, np.linspace(0, 1, len(points)), points / 65_535)
    if body[:4] != b"para":
        raise ValueError(body[:4])
    (kind,) = struct.unpack(">H", body[8:10])
    count = _PARAMETERS[kind]
    values = [value / 65_536 for value in struct.unpack(f">{count}i", body[12 : 12 + 4 * count])]
    return _parametric_of(kind, values)


def _parametric_of(kind: int, values: list[float]) -> Curve:
    if kind == 0:
        return parametric(values[0])
    exponent, gain, offset = values[:3]
    if kind in (1, 2):
        rest = values[3] if kind == 2 else 0.0
        return parametric(exponent, gain, offset, 0.0, -offset / gain, rest, rest)
    return parametric(*values)


def parametric(
    exponent: float,
    gain: float = 1.0,
    offset: float = 0.0,
    slope: float = 0.0,
    end: float = 0.0,
    above: float = 0.0,
    below: float = 0.0,
) -> Curve:
    """Return a power curve with a straight part up to `end`."""
    import numpy as np

    def decode(coded: Floats) -> Floats:
        power = np.maximum(gain * coded + offset, 0) ** exponent + above
        decoded: Floats = np.where(coded >= end, power, slope * coded + below)
        return decoded

    return decode

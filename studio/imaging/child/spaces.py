"""Colour spaces named by numbers in a file (ITU-T H.273, PNG gAMA and cHRM), as profiles."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, NamedTuple

from PIL import ImageCms

from studio.imaging.child import icc

if TYPE_CHECKING:
    from collections.abc import Sequence

Matrix = tuple[tuple[float, ...], ...]

_D65 = (0.3127, 0.3290)
_C = (0.310, 0.316)
# White, red, green and blue as x and y, by number of H.273 table 2.
_PRIMARIES = {
    1: (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06),
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    10: (1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
# By number of H.273 table 3: exponent, and where it is not all, what `icc.SRGB` has too. Video curves (1, 6, 11, 14, 15)
# are shown as BT.1886 asks, which browsers follow.
_CURVES: dict[int, tuple[float, ...]] = {
    **dict.fromkeys((1, 6, 11, 14, 15), (2.4,)),
    4: (2.2,),
    5: (2.8,),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0913),
    8: (1.0,),
    13: icc.SRGB,
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}
_VIDEO_CURVES = frozenset({1, 6, 11, 14, 15})
PQ, HLG = 16, 18
HDR = {PQ: "PQ", HLG: "HLG"}
BT_709, BT_2020 = _PRIMARIES[1], _PRIMARIES[9]

# PNG writes "about sRGB" as this exponent without primaries; within 5 % browsers change nothing.
_USUAL_GAMMA = 0.45455
_NEAR = 0.05
# Beyond these a value is an accident: the picture would be black or white.
_GAMMAS = (0.01, 10.0)
_NO_AREA = 1e-4

_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_D50_XYZ = (0.9642, 1.0, 0.8249)


class Signal(NamedTuple):
    """A space by its numbers: exactly one of `primaries` by number or `chromaticities`, with a transfer curve."""

    chromaticities: tuple[float, ...]
    curve: tuple[float, ...]
    # 16 for PQ, 18 for HLG, else 0 and `curve` holds.
    hdr: int = 0
    # Of PQ: the brightest light in nits, where the file names it.
    peak: float = 0.0


def from_cicp(primaries: int, transfer: int) -> Signal | None:
    """Read the numbers of a PNG; None when they name no space, as browsers see it."""
    chromaticities = _PRIMARIES.get(primaries)
    if chromaticities is None or (transfer not in _CURVES and transfer not in HDR):
        return None
    if transfer in HDR:
        return Signal(chromaticities, (), transfer)
    return Signal(chromaticities, _CURVES[transfer])


def from_nclx(primaries: int, transfer: int) -> Signal:
    """Read the numbers of an AVIF or HEIC, where what is left open and what video uses mean sRGB."""
    chromaticities = _PRIMARIES.get(primaries, BT_709)
    if transfer in HDR:
        return Signal(chromaticities, (), transfer)
    is_usual = transfer in _VIDEO_CURVES or transfer not in _CURVES
    return Signal(chromaticities, icc.SRGB if is_usual else _CURVES[transfer])


def from_gamma(gamma: float, chromaticities: Sequence[float] | None) -> Signal | None:
    """Read gAMA, the exponent of encoding, and cHRM; None when they mean sRGB or nothing."""
    if not _GAMMAS[0] <= gamma <= _GAMMAS[1]:
        return None
    if chromaticities is not None:
        found = tuple(chromaticities)
        return Signal(found, (1 / gamma,)) if _is_sane(found) else None
    if abs(gamma / _USUAL_GAMMA - 1) < _NEAR:
        return None
    return Signal(_PRIMARIES[1], (1 / gamma,))


def profile(signal: Signal) -> ImageCms.ImageCmsProfile:
    """Write the space as an ICC profile of three colorants and one curve."""
    columns = tuple(zip(*_to_d50(signal.chromaticities), strict=True))
    curve = b"para" + bytes(4) + struct.pack(">HH", 0 if len(signal.curve) == 1 else 3, 0)
    curve += b"".join(_fixed(value) for value in signal.curve)
    tags = {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve, b"wtpt": _xyz(_D50_XYZ)}
    tags |= {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
    tags[b"desc"] = b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2, 28) + b"\0x" + bytes(2)
    tags[b"cprt"] = tags[b"desc"]
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    header = header + bytes(12) + b"acsp" + bytes(28) + b"".join(map(_fixed, _D50_XYZ))
    return ImageCms.ImageCmsProfile(io.BytesIO(header.ljust(128, b"\0") + table + body))


def between(start: tuple[float, ...], end: tuple[float, ...]) -> Matrix:
    """Compute the matrix from linear RGB of these primaries to that of those."""
    return _product(_inverse(_to_d50(end)), _to_d50(start))


def _is_sane(chromaticities: tuple[float, ...]) -> bool:
    """Whether these points span a triangle around a white that exists."""
    white_x, white_y, red_x, red_y, green_x, green_y, blue_x, blue_y = chromaticities
    area = (red_x - blue_x) * (green_y - blue_y) - (green_x - blue_x) * (red_y - blue_y)
    if not (abs(area) > _NO_AREA and white_y > _NO_AREA and white_x + white_y < 1):
        return False
    return all(0 <= value <= 1 for value in chromaticities) and all(gain > 0 for gain in _gains(chromaticities))


def _to_d50(chromaticities: tuple[float, ...]) -> Matrix:
    """Compute the matrix from linear RGB to XYZ at ICC's white."""
    gains = _gains(chromaticities)
    to_xyz = tuple(
        tuple(value * gain for value, gain in zip(row, gains, strict=True)) for row in _points(chromaticities)
    )
    cone_from = _apply(_BRADFORD, _white(chromaticities))
    cone_to = _apply(_BRADFORD, _D50_XYZ)
    scaled = tuple(
        tuple(value * to / start for value in row) for row, start, to in zip(_BRADFORD, cone_from, cone_to, strict=True)
    )
    return _product(_product(_inverse(_BRADFORD), scaled), to_xyz)


def _points(chromaticities: tuple[float, ...]) -> Matrix:
    pairs = [(chromaticities[at], chromaticities[at + 1]) for at in (2, 4, 6)]
    return tuple(zip(*((x, y, 1 - x - y) for x, y in pairs), strict=True))


def _gains(chromaticities: tuple[float, ...]) -> tuple[float, ...]:
    return _apply(_inverse(_points(chromaticities)), _white(chromaticities))


def _white(chromaticities: tuple[float, ...]) -> tuple[float, ...]:
    x, y = chromaticities[:2]
    return x / y, 1.0, (1 - x - y) / y


def _apply(matrix: Matrix, vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = tuple(zip(*right, strict=True))
    return tuple(_apply(columns, row) for row in left)


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return tuple(tuple(value / determinant for value in row) for row in rows)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", max(-(2**31), min(2**31 - 1, round(value * 65_536))))


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))

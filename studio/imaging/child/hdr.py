"""Bring HDR (PQ, HLG) to the range of an ordinary screen, as Chromium shows it there (SMPTE ST 2094-50, BT.2408)."""

from __future__ import annotations

import os
from math import log2
from typing import TYPE_CHECKING, Any

from PIL import Image

from studio.imaging.child.spaces import BT_709, BT_2020, PQ, Signal, between

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]

# Diffuse white, and the peak that is assumed where a file names none.
_WHITE_NITS = 203.0
_PEAK_NITS = 1000.0
_MOST_NITS = 10_000.0
# A picture of the usual peak, or a brighter one, has its diffuse white at this share of the range.
_WHITE_SHOWN = 0.5
# The middle point of the curve above diffuse white lies at this share of the way to its corner.
_KNEE = 0.65
# Pixels at a time: some megabytes, whatever the picture.
_BAND = 1 << 17
# Steps of the table that encodes light for the screen, fine enough for its steep beginning.
_STEPS = 1 << 14


def tone_map(picture: Image.Image, signal: Signal) -> Image.Image:
    """Convert 8-bit RGB in PQ or HLG to 8-bit sRGB."""
    # It would reserve address space for a thread per processor.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import numpy as np

    coded = np.arange(256, dtype=np.float32) / 255
    decoded = (_pq_light(coded) if signal.hdr == PQ else _hlg_scene(coded)).astype(np.float32)
    to_2020 = np.array(between(signal.chromaticities, BT_2020), np.float32).T
    to_srgb = np.array(between(BT_2020, BT_709), np.float32).T
    screen = np.linspace(0, 1, _STEPS + 1)
    encoded = np.where(screen <= 0.0031308, screen * 12.92, 1.055 * screen ** (1 / 2.4) - 0.055)
    table = np.round(encoded * 255).astype(np.uint8)
    pixels = np.frombuffer(picture.tobytes(), np.uint8).reshape(-1, 3)
    shown = np.empty_like(pixels)
    for start in range(0, len(pixels), _BAND):
        light = decoded[pixels[start : start + _BAND]]
        light = light if signal.hdr == PQ else _hlg_light(light)
        light = np.maximum(light @ to_2020, 0) / _WHITE_NITS
        brightest = np.maximum(light.max(axis=1, keepdims=True), np.float32(1e-9))
        light = (light * (_compress(brightest, signal.peak or _PEAK_NITS) / brightest)) @ to_srgb
        shown[start : start + _BAND] = table[np.round(np.clip(light, 0, 1) * _STEPS).astype(np.int32)]
    return Image.frombytes("RGB", picture.size, shown.tobytes())


def _pq_light(coded: Floats) -> Floats:
    """Compute nits from PQ (SMPTE ST 2084)."""
    import numpy as np

    root = coded.astype(np.float64) ** (1 / 78.84375)
    share: Floats = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    return _MOST_NITS * share


def _hlg_scene(coded: Floats) -> Floats:
    """Compute the light of the scene, 0 to 1, from HLG (BT.2100)."""
    import numpy as np

    bright = (np.exp((coded - 0.55991073) / 0.17883277) + 0.28466892) / 12
    scene: Floats = np.where(coded <= 0.5, coded**2 / 3, bright)
    return scene


def _hlg_light(scene: Floats) -> Floats:
    """Compute the nits of a screen of 1,000."""
    import numpy as np

    luminance = np.maximum(scene @ np.array([[0.2627], [0.6780], [0.0593]], np.float32), np.float32(1e-9))
    light: Floats = _PEAK_NITS * scene * luminance**0.2
    return light


def _compress(light: Floats, peak_nits: float) -> Floats:
    """Compress light, 1 at diffuse white, to 0 to 1."""
    import numpy as np

    peak = min(max(peak_nits, _WHITE_NITS), _MOST_NITS) / _WHITE_NITS
    white = 1 - (1 - _WHITE_SHOWN) * min(1.0, log2(peak) / log2(_PEAK_NITS / _WHITE_NITS))
    middle_in, middle_out = (1 - _KNEE) + _KNEE / white, (1 - _KNEE) * white + _KNEE
    # Find where on the Bezier curve from (1, white) over the middle to (peak, 1) this light is.
    square, linear = 1 - 2 * middle_in + peak, 2 * (middle_in - 1)
    above = np.clip(light - 1, 0, peak - 1)
    along = 2 * above / (linear + np.sqrt(linear**2 + 4 * square * above) + np.float32(1e-9))
    curved: Floats = (1 - along) ** 2 * white + 2 * along * (1 - along) * middle_out + along**2
    return np.where(light <= 1, light * np.float32(white), np.minimum(curved, 1))

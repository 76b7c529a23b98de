"""More than 8 bits per channel: fractions in a TIFF, and 16 bits with a curve that 8 bits are too few for."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import chunk, float_tiff, raw_png

Accept = Callable[[bytes], imaging.Accepted]

UNNAMED = "no colour profile: values read as sRGB"
CONVERTED = "colours converted to sRGB"
# Eight columns of eight pixels each, dark and bright.
SHADES = (2, 4, 8, 16, 60, 128, 200, 250)


def light(level: float) -> float:
    level /= 255
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def columns(values: list[float], samples: int = 3) -> Any:
    return np.repeat(np.tile(np.array(values, np.float32), (24, 1)), 8, axis=1)[..., None].repeat(samples, axis=2)


def shades(kept: imaging.Accepted) -> list[int]:
    with Image.open(kept.path) as picture:
        return [picture.convert("RGB").getpixel((x * 8 + 4, 12))[1] for x in range(8)]  # type: ignore[index]


def is_near(found: list[int], wanted: tuple[int, ...], most: int = 1) -> bool:
    return all(abs(a - b) <= most for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize(("packing", "tile", "planar"), [("none", 0, False), ("deflate", 16, True), ("lzw", 16, False)])
def test_a_tiff_of_fractions_is_read_however_it_is_packed(
    accept: Accept, bits: int, order: str, predictor: int, packing: str, tile: int, planar: bool
) -> None:
    values = columns([shade / 255 for shade in SHADES])
    how = {"bits": bits, "order": order, "predictor": predictor, "packing": packing, "tile": tile, "planar": planar}
    kept = accept(float_tiff(values, **how))  # type: ignore[arg-type]
    assert kept.changes == ("converted from TIFF", UNNAMED)
    # As a JPEG.
    assert is_near(shades(kept), SHADES, 3)


@pytest.mark.parametrize(("samples", "has_alpha"), [(1, False), (2, True), (3, False), (4, True)])
def test_grey_colour_and_alpha_may_be_fractions(accept: Accept, samples: int, has_alpha: bool) -> None:
    kept = accept(float_tiff(np.full((20, 20, samples), 0.5)))
    with Image.open(kept.path) as picture:
        assert picture.getpixel((9, 9)) == (128,) * (4 if has_alpha else 3)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_fractions_of_light_keep_their_dark_shades(accept: Accept) -> None:
    values = columns([light(shade) for shade in SHADES])
    kept = accept(float_tiff(values, tags={34675: (7, pictures.linear_rgb_profile())}))
    assert kept.changes == ("converted from TIFF", CONVERTED)
    assert is_near(shades(kept), SHADES, 3)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        (float("nan"), "values that are no numbers shown as black"),
        (float("inf"), "values that are no numbers shown as black"),
        (7.5, "values above white or below black cut"),
        (-0.5, "values above white or below black cut"),
    ],
)
def test_a_few_values_that_no_screen_shows_are_named(accept: Accept, odd: float, sentence: str) -> None:
    kept = accept(float_tiff(columns([odd, *(shade / 255 for shade in SHADES[1:])])))
    assert kept.changes == ("converted from TIFF", sentence, UNNAMED)
    assert is_near(shades(kept)[2:], SHADES[2:], 3)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_another_scale_is_named(accept: Accept) -> None:
    kept = accept(float_tiff(columns([float(shade) for shade in (0, 36, 73, 109, 146, 182, 219, 255)])))
    assert kept.changes == ("converted from TIFF", "brightness scaled to the values that occur", UNNAMED)
    assert is_near(shades(kept), (0, 36, 73, 109, 146, 182, 219, 255), 3)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_fractions_are_turned_upright_too(accept: Accept) -> None:
    kept = accept(float_tiff(np.full((20, 40, 3), 0.5), tags={274: (3, b"\6\0")}))
    assert (kept.width, kept.height) == (20, 40)
    assert "turned upright" in kept.changes


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("share", [10, 50, 90])
@pytest.mark.parametrize("packing", ["none", "deflate", "lzw"])
def test_cut_fractions_are_damage(refused: Callable[[bytes], str], share: int, packing: str) -> None:
    data = float_tiff(pictures.np_noise(40, 40), packing=packing)
    assert refused(data[: len(data) * share // 100]) == "broken"


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_values_that_nobody_reads_are_not_called_damage(refused: Callable[[bytes], str]) -> None:
    whole_numbers = {339: (3, struct.pack("<3H", 1, 1, 1))}
    assert refused(float_tiff(np.full((20, 20, 3), 0.5), tags=whole_numbers)) == "too_complex"


def deep_png(values: list[float], *chunks: bytes) -> bytes:
    row = b"\0" + b"".join(struct.pack(">H", round(value * 65_535)) * 3 for value in values for _ in range(8))
    return raw_png(64, 24, 16, 2, row * 24, *chunks)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("named", ["gamma", "numbers", "profile"])
def test_deep_light_in_a_png_keeps_its_dark_shades(accept: Accept, named: str) -> None:
    told = {
        "gamma": chunk(b"gAMA", struct.pack(">I", 100_000)),
        "numbers": chunk(b"cICP", b"\1\x08\0\1"),
        "profile": chunk(b"iCCP", b"x\0\0" + zlib.compress(pictures.linear_rgb_profile())),
    }[named]
    kept = accept(deep_png([light(shade) for shade in SHADES], told))
    assert kept.changes == (CONVERTED,)
    assert is_near(shades(kept), SHADES)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_deep_light_in_grey_keeps_its_dark_shades(accept: Accept, kind: str) -> None:
    values = [round(light(shade) * 65_535) for shade in SHADES for _ in range(8)]
    picture = Image.frombytes("I;16", (64, 24), struct.pack("<64H", *values) * 24)
    file = io.BytesIO()
    picture.save(file, kind, icc_profile=pictures.linear_grey_profile())
    assert is_near(shades(accept(file.getvalue())), SHADES, 1 if kind == "PNG" else 3)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packing", ["none", "lzw"])
def test_deep_light_in_a_tiff_keeps_its_dark_shades(accept: Accept, order: str, packing: str) -> None:
    values = columns([light(shade) for shade in SHADES])
    whole = (values * 65_535 + 0.5).astype("<u2").view("<f2")
    tags = {339: (3, struct.pack(f"{order}3H", 1, 1, 1)), 34675: (7, pictures.linear_rgb_profile())}
    kept = accept(float_tiff(whole, bits=16, order=order, packing=packing, tags=tags))
    assert kept.changes == ("converted from TIFF", CONVERTED)
    assert is_near(shades(kept), SHADES, 3)

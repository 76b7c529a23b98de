"""Colours that a file names by numbers. What is expected was measured in Chromium 156, on a screen of sRGB."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import chunk, png_of, saved, with_nclx

Accept = Callable[[bytes], imaging.Accepted]
Colour = tuple[int, ...]

CONVERTED = "colours converted to sRGB"
PQ, HLG = "tone-mapped from HDR (PQ) to SDR", "tone-mapped from HDR (HLG) to SDR"
P3 = (0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)

# Primaries, transfer, what is stored, what a PNG shows, what an AVIF or HEIC shows, and the sentence.
SPACES: list[tuple[int, int, Colour, Colour, Colour, str]] = [
    (1, 13, (30, 200, 40), (30, 200, 40), (30, 200, 40), ""),
    (12, 13, (30, 200, 40), (0, 204, 0), (0, 204, 0), CONVERTED),
    (9, 13, (30, 200, 40), (0, 211, 0), (0, 211, 0), CONVERTED),
    (11, 17, (30, 200, 40), (0, 204, 0), (0, 204, 0), CONVERTED),
    (1, 8, (64, 64, 64), (137, 137, 137), (137, 137, 137), CONVERTED),
    (1, 4, (16, 16, 16), (7, 7, 7), (7, 7, 7), CONVERTED),
    (9, 16, (128, 128, 128), (132, 132, 132), (132, 132, 132), PQ),
    (9, 16, (64, 64, 64), (30, 30, 30), (30, 30, 30), PQ),
    (9, 16, (180, 180, 180), (242, 242, 242), (242, 242, 242), PQ),
    (9, 16, (255, 255, 255), (255, 255, 255), (255, 255, 255), PQ),
    (9, 16, (200, 150, 120), (255, 68, 41), (255, 68, 41), PQ),
    (1, 16, (90, 60, 40), (61, 26, 9), (61, 26, 9), PQ),
    (9, 18, (128, 128, 128), (99, 99, 99), (99, 99, 99), HLG),
    (9, 18, (192, 192, 192), (189, 189, 189), (189, 189, 189), HLG),
    (9, 18, (200, 150, 120), (227, 114, 93), (227, 114, 93), HLG),
]
# What the two kinds understand in different ways: video curves, and what is left open or has no meaning.
PNG_ONLY = [
    (1, 1, (20, 20, 100), (7, 7, 91), CONVERTED),
    (9, 14, (30, 200, 40), (0, 208, 0), CONVERTED),
    (2, 2, (30, 200, 40), (30, 200, 40), ""),
    (12, 2, (30, 200, 40), (30, 200, 40), ""),
    (2, 16, (128, 128, 128), (128, 128, 128), ""),
    (0, 255, (30, 200, 40), (30, 200, 40), ""),
]
BOXES_ONLY = [
    (1, 1, (20, 20, 100), (20, 20, 100), ""),
    (9, 14, (30, 200, 40), (0, 212, 0), CONVERTED),
    (2, 2, (30, 200, 40), (30, 200, 40), ""),
    (12, 2, (30, 200, 40), (0, 204, 0), CONVERTED),
    (2, 16, (128, 128, 128), (132, 132, 132), PQ),
]


def flat(colour: Colour, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (40, 40), colour if len(colour) > 1 else colour[0])


def middle(kept: imaging.Accepted) -> Colour:
    with Image.open(kept.path) as picture:
        return picture.convert("RGBA").getpixel((20, 20))  # type: ignore[return-value]


def is_near(found: Colour, wanted: Colour, most: int = 3) -> bool:
    return all(abs(a - b) <= most for a, b in zip(found[:3], wanted, strict=True))


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


def gamma(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def primaries(*points: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(point * 100_000) for point in points)))


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize(
    ("first", "second", "stored", "shown", "sentence"),
    [(first, second, stored, shown, told) for first, second, stored, shown, _, told in SPACES] + PNG_ONLY,
)
def test_the_numbers_of_a_png_are_followed(
    accept: Accept, first: int, second: int, stored: Colour, shown: Colour, sentence: str
) -> None:
    kept = accept(png_of(flat(stored), cicp(first, second)))
    assert kept.changes == ((sentence,) if sentence else ())
    assert is_near(middle(kept), shown), middle(kept)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(
    ("first", "second", "stored", "shown", "sentence"),
    [(first, second, stored, shown, told) for first, second, stored, _, shown, told in SPACES] + BOXES_ONLY,
)
def test_the_numbers_of_an_avif_or_heic_are_followed(
    accept: Accept, kind: str, first: int, second: int, stored: Colour, shown: Colour, sentence: str
) -> None:
    options = {"quality": 100, "subsampling": "4:4:4"} if kind == "AVIF" else {"quality": -1, "chroma": 444}
    kept = accept(with_nclx(saved(flat(stored), kind, **options), first, second))
    assert kept.changes[1:] == ((sentence,) if sentence else ())
    # The two encoders are a little off themselves, which a steep curve stretches.
    assert is_near(middle(kept), shown, 8), middle(kept)


def test_numbers_through_a_real_child(accept: Accept) -> None:
    """Arrays are loaded for HDR alone, within the child's limits."""
    assert is_near(middle(accept(png_of(flat((128, 128, 128)), cicp(9, 16)))), (132, 132, 132))


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize(("nits", "shown"), [(400, (187, 187, 187)), (4000, (153, 153, 153))])
def test_the_named_peak_of_hdr_is_followed(accept: Accept, nits: int, shown: Colour) -> None:
    peak = chunk(b"cLLI", struct.pack(">II", nits * 10_000, 100 * 10_000))
    assert is_near(middle(accept(png_of(flat((136, 136, 136)), cicp(9, 16), peak))), shown)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize(
    ("chunks", "stored", "shown"),
    [
        ((gamma(55_556),), (100, 100, 100), (119, 119, 119)),
        ((gamma(100_000),), (64, 64, 64), (137, 137, 137)),
        ((gamma(22_727),), (20, 20, 100), (0, 0, 34)),
        ((gamma(45_455),), (16, 16, 16), (16, 16, 16)),
        ((gamma(45_455), primaries(*SRGB)), (16, 16, 16), (7, 7, 7)),
        ((gamma(45_455), primaries(*P3)), (30, 200, 40), (0, 205, 0)),
        ((gamma(100_000), primaries(*P3)), (100, 20, 20), (181, 72, 76)),
        ((primaries(*P3),), (30, 200, 40), (30, 200, 40)),
        ((gamma(45_455), primaries(*[0.0] * 8)), (30, 200, 40), (30, 200, 40)),
        ((gamma(45_455), primaries(*[0.3] * 8)), (30, 200, 40), (30, 200, 40)),
        ((gamma(0),), (30, 200, 40), (30, 200, 40)),
        ((gamma(1),), (30, 200, 40), (30, 200, 40)),
        ((gamma(2**31),), (30, 200, 40), (30, 200, 40)),
        ((gamma(100_000), gamma(45_455)), (64, 64, 64), (137, 137, 137)),
        ((gamma(100_000), chunk(b"sRGB", b"\0")), (64, 64, 64), (64, 64, 64)),
    ],
)
def test_gamma_and_primaries_of_a_png_are_followed(
    accept: Accept, chunks: tuple[bytes, ...], stored: Colour, shown: Colour
) -> None:
    kept = accept(png_of(flat(stored), *chunks))
    assert is_near(middle(kept), shown), middle(kept)
    assert kept.changes == ((CONVERTED,) if stored != shown else ())


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("number", range(4))
def test_the_chunks_about_colour_have_an_order_of_rank(accept: Accept, number: int) -> None:
    """Without the first, the second decides, and so on; the order in the file says nothing."""
    profile = pictures.linear_rgb_profile()
    packed = chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))
    ranks = [cicp(12, 13), packed, chunk(b"sRGB", b"\0"), gamma(22_727)]
    shown = [(0, 204, 0), (96, 229, 110), (30, 200, 40), (0, 159, 1)]
    kept = accept(png_of(flat((30, 200, 40)), *reversed(ranks[number:])))
    assert is_near(middle(kept), shown[number]), middle(kept)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("late", [cicp(12, 13), gamma(100_000)])
def test_colours_named_behind_the_pixels_are_ignored(accept: Accept, late: bytes) -> None:
    assert middle(accept(png_of(flat((30, 200, 40)), after=late)))[:3] == (30, 200, 40)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        (cicp(12, 13, matrix=1), "damaged colour information ignored"),
        (cicp(12, 13, full=0), "colours marked as video range: shown as full range"),
        (chunk(b"cICP", b"\x0c"), "damaged colour information ignored"),
        (chunk(b"gAMA", b"\0"), "damaged colour information ignored"),
    ],
)
def test_numbers_that_a_png_cannot_have_are_named(accept: Accept, odd: bytes, sentence: str) -> None:
    kept = accept(png_of(flat((30, 200, 40)), odd))
    assert (kept.changes, middle(kept)[:3]) == ((sentence,), (30, 200, 40))


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_is_converted_and_keeps_its_alpha(accept: Accept, mode: str) -> None:
    kept = accept(png_of(flat((64, 90)[: len(mode)], mode), gamma(100_000)))
    assert is_near(middle(kept), (137, 137, 137))
    assert middle(kept)[3] == (90 if mode == "LA" else 255)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_profile_of_an_avif_outranks_its_numbers(accept: Accept) -> None:
    data = saved(flat((64, 64, 64)), "AVIF", quality=100, icc_profile=pictures.linear_rgb_profile())
    assert is_near(middle(accept(data)), (137, 137, 137))

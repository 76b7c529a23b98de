from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, corners, drawn, saved

Accept = Callable[[bytes], imaging.Accepted]


def middle(kept: imaging.Accepted) -> tuple[int, ...]:
    with Image.open(kept.path) as picture:
        assert picture.mode in ("RGB", "RGBA")
        pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def flat(mode: str, value: int | float | tuple[int, ...]) -> Image.Image:
    return Image.new(mode, (40, 40), value)


def test_a_foreign_profile_is_converted_to_srgb(accept: Accept) -> None:
    profile = pictures.linear_rgb_profile()
    expected = ImageCms.profileToProfile(
        flat("RGB", (60, 60, 60)),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    kept = accept(saved(flat("RGB", (60, 60, 60)), "PNG", icc_profile=profile))
    assert kept.changes == ("colours converted to sRGB",)
    assert expected is not None
    assert middle(kept) == expected.getpixel((0, 0))
    assert middle(kept) != (60, 60, 60)
    assert b"iCCP" not in kept.path.read_bytes()


def test_alpha_survives_a_conversion_of_colours(accept: Accept) -> None:
    data = saved(flat("RGBA", (60, 60, 60, 90)), "PNG", icc_profile=pictures.linear_rgb_profile())
    kept = accept(data)
    assert kept.changes == ("colours converted to sRGB",)
    assert middle(kept)[3] == 90
    assert middle(kept)[:3] != (60, 60, 60)


def test_srgb_itself_is_dropped_without_a_word(accept: Accept) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = accept(saved(flat("RGB", (60, 61, 62)), "PNG", icc_profile=profile))
    assert (kept.changes, middle(kept)) == ((), (60, 61, 62))
    assert b"iCCP" not in kept.path.read_bytes()


@pytest.mark.parametrize("profile", [b"no profile at all", pictures.lab_profile(), pictures.linear_grey_profile()])
def test_a_profile_that_does_not_fit_is_ignored_and_named(accept: Accept, profile: bytes) -> None:
    kept = accept(saved(flat("RGB", (60, 61, 62)), "PNG", icc_profile=profile))
    assert (kept.changes, middle(kept)) == (("unusable colour profile ignored",), (60, 61, 62))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printing_colours_become_screen_colours(accept: Accept, kind: str) -> None:
    kept = accept(saved(drawn(mode="CMYK"), kind))
    assert "colours converted to sRGB" in kept.changes
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT


def test_a_lab_tiff_becomes_screen_colours(accept: Accept) -> None:
    kept = accept(saved(flat("LAB", (255, 128, 128)), "TIFF"))
    assert all(value > 245 for value in middle(kept))


@pytest.mark.parametrize(("deep", "shallow"), [(0, 0), (32_896, 128), (65_535, 255)])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_cut(accept: Accept, kind: str, deep: int, shallow: int) -> None:
    kept = accept(saved(flat("I;16", deep), kind))
    assert all(abs(value - shallow) <= 1 for value in middle(kept))


def test_a_sixteen_bit_grey_that_is_declared_clear_is_clear(accept: Accept) -> None:
    picture = flat("I;16", 40_000)
    picture.putpixel((0, 0), 1_000)
    kept = accept(saved(picture, "PNG", transparency=40_000))
    assert kept.has_alpha
    assert middle(kept)[3] == 0


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 900.0)])
def test_numbers_for_brightness_fill_the_scale(accept: Accept, low: float, high: float) -> None:
    picture = flat("F", low)
    picture.paste(high, (20, 0, 40, 40))
    kept = accept(saved(picture, "TIFF"))
    with Image.open(kept.path) as shown:
        assert shown.convert("L").getextrema() == pytest.approx((0, 255), abs=2)


def test_brightness_that_is_not_a_number_is_damage(refused: Callable[[bytes], str]) -> None:
    assert refused(saved(flat("F", float("nan")), "TIFF")) == "broken"


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_becomes_rgb(accept: Accept, mode: str) -> None:
    kept = accept(saved(flat(mode, 255), "PNG"))
    assert middle(kept) == (255, 255, 255)


def test_a_clear_palette_entry_makes_a_clear_png(accept: Accept) -> None:
    palette = drawn().quantize(8)
    clear = palette.getpixel((0, 0))
    kept = accept(saved(palette, "PNG", transparency=clear))
    assert (kept.format, kept.has_alpha) == ("png", True)
    with Image.open(kept.path) as picture:
        assert picture.getpixel((0, 0))[3] == 0
        assert picture.getpixel((319, 0))[3] == 255


def test_a_clear_gif_stays_clear(accept: Accept) -> None:
    palette = drawn().quantize(8)
    kept = accept(saved(palette, "GIF", transparency=palette.getpixel((0, 0))))
    assert (kept.format, kept.has_alpha) == ("png", True)


def test_grey_with_alpha_keeps_it(accept: Accept) -> None:
    kept = accept(saved(flat("LA", (200, 77)), "PNG"))
    assert middle(kept) == (200, 200, 200, 77)


@pytest.mark.parametrize(("alpha", "kind"), [(255, "jpeg"), (254, "png")])
def test_alpha_matters_from_the_first_pixel_that_is_not_opaque(accept: Accept, alpha: int, kind: str) -> None:
    picture = flat("RGBA", (10, 20, 30, 255))
    picture.putpixel((3, 3), (10, 20, 30, alpha))
    kept = accept(saved(picture, "WEBP", lossless=True))
    assert (kept.format, kept.has_alpha) == (kind, kind == "png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_profile_is_judged_by_its_curves_and_not_by_its_name(accept: Accept, kind: str) -> None:
    profile = pictures.linear_rgb_profile(is_named_so=False)
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).startswith("sRGB")
    kept = accept(saved(flat("RGB", (64, 64, 64)), kind, icc_profile=profile))
    assert "colours converted to sRGB" in kept.changes
    assert all(abs(value - 137) <= 3 for value in middle(kept)[:3])


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "AVIF", "TIFF"])
@pytest.mark.parametrize("profile", ["grey", "rgb"])
def test_grey_is_converted_by_a_profile_of_grey_or_colour(accept: Accept, kind: str, profile: str) -> None:
    icc = pictures.linear_grey_profile() if profile == "grey" else pictures.linear_rgb_profile()
    kept = accept(saved(flat("L", 64), kind, icc_profile=icc))
    assert all(abs(value - 137) <= 4 for value in middle(kept)[:3])


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_grey_with_alpha_is_converted_by_a_grey_profile(accept: Accept) -> None:
    kept = accept(saved(flat("LA", (64, 90)), "PNG", icc_profile=pictures.linear_grey_profile()))
    assert kept.changes == ("colours converted to sRGB",)
    assert all(abs(value - 137) <= 1 for value in middle(kept)[:3])
    assert middle(kept)[3] == 90


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_profile_that_names_pq_is_tone_mapped(accept: Accept) -> None:
    """Such profiles (ICC 4.4) hold a tag with the numbers of H.273."""
    profile = bytearray(pictures.linear_rgb_profile())
    at = profile.index(b"chad", 128)
    start = int.from_bytes(profile[at + 4 : at + 8])
    profile[at : at + 4] = b"cicp"
    profile[start : start + 12] = b"cicp" + bytes(4) + bytes([9, 16, 0, 1])
    kept = accept(saved(flat("RGB", (128, 128, 128)), "PNG", icc_profile=bytes(profile)))
    assert kept.changes == ("tone-mapped from HDR (PQ) to SDR",)
    assert all(abs(value - 132) <= 3 for value in middle(kept))


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize(("left", "top"), [(0, 0), (10, 10), (40, 20)])
@pytest.mark.parametrize("ground", [0, 1])
def test_what_the_first_frame_of_a_gif_does_not_cover_is_clear(
    accept: Accept, left: int, top: int, ground: int
) -> None:
    picture = Image.new("P", (20, 20), 1)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    data = bytearray(saved(picture, "GIF"))
    data[6:10] = (60).to_bytes(2, "little") + (40).to_bytes(2, "little")
    data[11] = ground
    at = data.index(b",", 13)
    data[at + 1 : at + 5] = left.to_bytes(2, "little") + top.to_bytes(2, "little")
    kept = accept(bytes(data))
    assert (kept.width, kept.height, kept.format) == (60, 40, "png")
    with Image.open(kept.path) as shown:
        assert shown.getchannel("A").getbbox() == (left, top, left + 20, top + 20)
        assert shown.getpixel((left + 3, top + 3))[:2] == (0, 255)

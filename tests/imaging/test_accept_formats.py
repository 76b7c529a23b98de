from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, features

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, corners, drawn, saved

Accept = Callable[[bytes], imaging.Accepted]


@pytest.mark.parametrize(
    ("kind", "told"),
    [("JPEG", ()), ("WEBP", ("converted from WebP",)), ("TIFF", ("converted from TIFF",))],
)
def test_a_photograph_becomes_a_jpeg(accept: Accept, kind: str, told: tuple[str, ...]) -> None:
    kept = accept(saved(drawn(), kind))
    assert (kept.format, kept.width, kept.height, kept.has_alpha) == ("jpeg", 320, 240, False)
    assert kept.changes == told
    with Image.open(kept.path, formats=("JPEG",)) as picture:
        assert corners(picture) == UPRIGHT


def test_a_heic_is_read(accept: Accept) -> None:
    kept = accept(saved(drawn(), "HEIF", quality=80))
    assert (kept.format, kept.width, kept.height) == ("jpeg", 320, 240)
    assert kept.changes == ("converted from HEIC",)
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT


@pytest.mark.skipif(not features.check("avif"), reason="this build of Pillow reads no AVIF")
def test_an_avif_is_read(accept: Accept) -> None:
    kept = accept(saved(drawn(), "AVIF"))
    assert kept.changes == ("converted from AVIF",)
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT


def test_a_small_png_stays_png_without_a_word(accept: Accept) -> None:
    kept = accept(saved(drawn(), "PNG"))
    assert (kept.format, kept.changes) == ("png", ())
    with Image.open(kept.path) as picture:
        assert picture.mode == "RGB"
        assert picture.tobytes() == drawn().tobytes()


def test_a_large_png_photograph_becomes_a_jpeg(accept: Accept) -> None:
    kept = accept(saved(pictures.noise(1300, 1100), "PNG"))
    assert kept.format == "jpeg"
    assert kept.changes == ("converted from PNG",)


def test_a_phone_picture_with_a_second_image_counts_as_jpeg(accept: Accept) -> None:
    data = saved(drawn(), "MPO", save_all=True, append_images=[drawn(80, 60)])
    kept = accept(data)
    assert (kept.format, kept.width, kept.changes) == ("jpeg", 320, ())


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_only_the_first_frame_is_kept(accept: Accept, kind: str) -> None:
    later = [drawn().rotate(180), drawn().rotate(90)]
    kept = accept(saved(drawn(), kind, save_all=True, append_images=later))
    assert "first frame only" in kept.changes
    with Image.open(kept.path) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        assert corners(picture) == UPRIGHT


def test_the_name_of_a_kept_file_says_nothing_and_its_facts_are_true(accept: Accept, into: Path) -> None:
    kept = accept(saved(drawn(), "JPEG"))
    assert kept.path.parent == into
    assert kept.path.name.startswith(".making-")
    assert kept.bytes == kept.path.stat().st_size
    assert kept.sha256 == hashlib.sha256(kept.path.read_bytes()).hexdigest()
    assert kept.path.stat().st_mode & 0o007 == 0


def test_the_ending_of_a_name_is_not_believed(either_way: None, tmp_path: Path, into: Path) -> None:
    source = tmp_path / "vector.eps"
    source.write_bytes(saved(drawn(), "JPEG"))
    assert imaging.accept(source, into).format == "jpeg"


@pytest.mark.parametrize(("width", "height"), [(5000, 100), (100, 5000)])
def test_a_long_picture_is_made_smaller(accept: Accept, width: int, height: int) -> None:
    kept = accept(saved(drawn(width, height), "JPEG"))
    assert max(kept.width, kept.height) == 4096
    assert min(kept.width, kept.height) == 82
    assert kept.changes == ("made smaller: 5000 → 4096 px",)


def test_a_hair_thin_picture_keeps_a_pixel(accept: Accept) -> None:
    kept = accept(saved(drawn(9000, 1), "PNG"))
    assert (kept.width, kept.height) == (4096, 1)


def test_what_is_kept_stays_below_four_megabytes(accept: Accept) -> None:
    kept = accept(saved(pictures.noise(2600, 2600), "JPEG", quality=95))
    assert kept.bytes < imaging.KEPT_BYTES
    assert kept.width < 2600
    assert kept.changes == (f"made smaller: 2600 → {kept.width} px",)


def test_alpha_stays_below_four_megabytes_as_png(accept: Accept) -> None:
    kept = accept(saved(pictures.noise(1400, 1400, "RGBA"), "PNG", compress_level=1))
    assert (kept.format, kept.has_alpha) == ("png", True)
    assert kept.bytes < imaging.KEPT_BYTES


def test_an_upload_comes_with_its_first_renditions(accept: Accept) -> None:
    kept = accept(saved(drawn(800, 400), "JPEG"))
    assert [(made.size, made.width, made.height) for made in kept.renditions] == [(256, 256, 128), (512, 512, 256)]


def test_a_placeholder_is_short_and_looks_like_the_picture(accept: Accept) -> None:
    kept = accept(saved(pictures.noise(600, 600, "RGBA"), "PNG"))
    assert kept.placeholder.startswith("data:image/webp;base64,")
    assert len(kept.placeholder) <= 250
    flat = accept(saved(Image.new("RGB", (50, 50), (18, 52, 86)), "PNG"))
    assert flat.colour == "#123456"

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, corners, drawn, exif, saved

Accept = Callable[[bytes], imaging.Accepted]

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf SECRETXMP exif:GPSLatitude="51,30N"/></x:xmpmeta>'


def written(kept: imaging.Accepted) -> bytes:
    """Every byte that came out, renditions included."""
    return b"".join(path.read_bytes() for path in (kept.path, *(made.path for made in kept.renditions)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(accept: Accept, orientation: int) -> None:
    kept = accept(pictures.turned(orientation))
    assert (kept.width, kept.height) == (320, 240)
    assert ("turned upright" in kept.changes) == (orientation != 1)
    for path in (kept.path, kept.renditions[0].path):
        with Image.open(path) as picture:
            assert corners(picture) == UPRIGHT
            assert picture.getexif() == {}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_orientation_is_honoured_in_every_kind(accept: Accept, kind: str) -> None:
    sideways = drawn().transpose(Image.Transpose.ROTATE_90)
    kept = accept(saved(sideways, kind, exif=exif(orientation=6).tobytes()))
    assert "turned upright" in kept.changes
    assert (kept.width, kept.height) == (320, 240)
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT


def test_a_turned_picture_that_is_too_long_is_turned_and_shrunk(accept: Accept) -> None:
    kept = accept(pictures.turned(6, 5000, 1000))
    assert (kept.width, kept.height) == (4096, 819)
    assert kept.changes == ("turned upright", "made smaller: 5000 → 4096 px")


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_impossible_orientation_is_ignored(accept: Accept, orientation: int) -> None:
    kept = accept(saved(drawn(), "JPEG", exif=exif(orientation=orientation)))
    assert (kept.width, "turned upright" in kept.changes) == (320, False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_place_and_camera_are_gone(accept: Accept, kind: str) -> None:
    if kind == "TIFF":
        data = saved(drawn(), kind, tiffinfo={271: "SECRETCAMERA", 34853: {1: "N", 28: b"SECRETPLACE"}})
    else:
        data = saved(drawn(), kind, exif=exif(located=True, camera=True))
    assert b"SECRETCAMERA" in data
    assert b"SECRETPLACE" in data
    kept = accept(data)
    assert b"SECRET" not in written(kept)
    assert b"Exif" not in written(kept)
    assert kept.changes[-1] == "location and camera data removed"


def test_a_camera_without_a_place_is_told_so(accept: Accept) -> None:
    kept = accept(saved(drawn(), "JPEG", exif=exif(camera=True)))
    assert kept.changes == ("camera data removed",)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_xmp_is_gone(accept: Accept, kind: str) -> None:
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        data = saved(drawn(), kind, pnginfo=text)
    elif kind == "TIFF":
        data = saved(drawn(), kind, tiffinfo={700: XMP})
    else:
        data = saved(drawn(), kind, xmp=XMP)
    assert b"SECRETXMP" in data
    kept = accept(data)
    assert b"SECRETXMP" not in written(kept)
    assert kept.changes[-1] == "location and camera data removed"


def test_a_comment_in_a_jpeg_is_gone(accept: Accept) -> None:
    data = saved(drawn(), "JPEG", comment=b"<script>SECRETCOMMENT</script>")
    assert b"SECRETCOMMENT" in data
    kept = accept(data)
    assert b"SECRET" not in written(kept)
    assert kept.changes == ("comments removed",)


def test_a_comment_in_a_gif_is_gone(accept: Accept) -> None:
    data = saved(drawn().quantize(8), "GIF", comment=b"SECRETCOMMENT")
    assert b"SECRETCOMMENT" in data
    assert b"SECRET" not in written(accept(data))


def test_text_in_a_png_is_gone(accept: Accept) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Description", "SECRETTEXT")
    data = saved(drawn(), "PNG", pnginfo=text)
    assert b"SECRETTEXT" in data
    kept = accept(data)
    assert b"SECRET" not in written(kept)
    assert kept.changes == ("comments removed",)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_whatever_hangs_behind_a_picture_is_gone(accept: Accept, kind: str) -> None:
    kept = accept(saved(drawn(), kind) + b"<html><script>alert(1)</script>PK\x03\x04")
    assert b"script" not in written(kept)

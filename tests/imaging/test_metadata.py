from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, chunk, corners, drawn, exif, png_of, saved

Accept = Callable[[bytes], imaging.Accepted]

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf SECRETXMP exif:GPSLatitude="51,30N"/></x:xmpmeta>'


def tags(*entries: tuple[int, int, int]) -> bytes:
    """EXIF whose first directory names the orientation so often, each by its type, its count and its value."""
    rows = b"".join(
        struct.pack(">HHI", 0x112, kind, count)
        + (struct.pack(">I", value) if kind == 4 else struct.pack(">HH", value, 0))
        for kind, count, value in entries
    )
    return b"Exif\0\0MM" + struct.pack(">HIH", 42, 8, len(entries)) + rows + bytes(4)


ON_ITS_SIDE = exif(orientation=6).tobytes()
UNTURNED = {
    "a webp": saved(drawn(), "WEBP", exif=ON_ITS_SIDE),
    "a png with its exif behind the pixels": png_of(drawn(), after=chunk(b"eXIf", ON_ITS_SIDE[6:])),
    "an avif without a turn of its own": saved(drawn(), "AVIF", exif=ON_ITS_SIDE).replace(b"irot\3", b"irot\0"),
    "a long in place of a short": saved(drawn(), "JPEG", exif=tags((4, 1, 6))),
    "two values": saved(drawn(), "JPEG", exif=tags((3, 2, 6))),
    "one cut off": saved(drawn(), "JPEG", exif=tags((3, 1, 6))[:-6]),
}
TURNED = {
    "the first of two": saved(drawn(), "JPEG", exif=tags((3, 1, 6), (3, 1, 8))),
    "the first that is valid": saved(drawn(), "JPEG", exif=tags((3, 1, 0), (3, 1, 6))),
    "the first of two chunks": png_of(
        drawn(), chunk(b"eXIf", ON_ITS_SIDE[6:]), chunk(b"eXIf", exif(orientation=8).tobytes()[6:])
    ),
}


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


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "HEIF", "AVIF"])
def test_orientation_is_honoured_in_every_kind_that_browsers_turn(accept: Accept, kind: str) -> None:
    sideways = drawn().transpose(Image.Transpose.ROTATE_90)
    kept = accept(saved(sideways, kind, exif=exif(orientation=6).tobytes()))
    assert "turned upright" in kept.changes
    assert (kept.width, kept.height) == (320, 240)
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("case", UNTURNED)
def test_what_browsers_leave_is_not_turned(accept: Accept, case: str) -> None:
    """Each was shown to Chromium and to Firefox."""
    kept = accept(UNTURNED[case])
    assert (kept.width, "turned upright" in kept.changes) == (320, False)
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("case", TURNED)
def test_of_several_orientations_the_one_that_browsers_take_turns(accept: Accept, case: str) -> None:
    kept = accept(TURNED[case])
    assert (kept.width, "turned upright" in kept.changes) == (240, True)
    with Image.open(kept.path) as picture:
        assert corners(picture) == corners(drawn().transpose(Image.Transpose.ROTATE_270))


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "AVIF"])
def test_orientation_in_xmp_alone_turns_nothing(accept: Accept, kind: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    kept = accept(saved(drawn(), kind, **({"tiffinfo": {700: xmp}} if kind == "TIFF" else {"xmp": xmp})))
    assert (kept.width, "turned upright" in kept.changes) == (320, False)
    assert kept.changes[-1] == "camera data removed"


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_heic_that_its_decoder_leaves_is_not_said_to_be_turned(accept: Accept) -> None:
    """In a HEIC the EXIF is a note; only the container turns."""
    data = saved(drawn(), "HEIF", exif=exif(orientation=6).tobytes())
    kept = accept(data.replace(b"irot\3", b"irot\0"))
    assert (kept.width, "turned upright" in kept.changes) == (320, False)


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


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_nothing_that_is_written_names_its_colours(accept: Accept, kind: str) -> None:
    """All of it is sRGB, which is what a browser takes a picture for that names nothing."""
    kept = accept(saved(drawn(), kind, icc_profile=pictures.linear_rgb_profile()))
    for path in (kept.path, *(made.path for made in kept.renditions)):
        with Image.open(path) as picture:
            assert not {"icc_profile", "srgb", "gamma", "chromaticity"} & picture.info.keys()
        assert not any(name in path.read_bytes() for name in (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"ICCP"))

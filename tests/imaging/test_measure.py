from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, corners, drawn, saved

File = Callable[[bytes], Path]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_a_download_is_measured_and_shown(either_way: None, file: File, into: Path, kind: str) -> None:
    data = saved(drawn(1200, 600), kind)
    source = file(data)
    measured = imaging.measure(source, into)
    format = "heic" if kind == "HEIF" else kind.lower()
    assert (measured.format, measured.width, measured.height, measured.has_alpha) == (format, 1200, 600, False)
    assert (measured.rendition.size, measured.rendition.width, measured.rendition.height) == (512, 512, 256)
    assert len(measured.placeholder) <= 250
    assert source.read_bytes() == data
    with Image.open(measured.rendition.path, formats=("WEBP",)) as picture:
        assert corners(picture) == UPRIGHT


@pytest.mark.parametrize(("side", "size"), [(10, 256), (256, 256), (257, 512)])
def test_a_small_picture_is_shown_at_its_own_size(
    either_way: None, file: File, into: Path, side: int, size: int
) -> None:
    rendition = imaging.measure(file(saved(drawn(side, side), "PNG")), into).rendition
    assert (rendition.size, rendition.width) == (size, side)


def test_one_clear_pixel_is_alpha_though_the_rendition_loses_it(either_way: None, file: File, into: Path) -> None:
    picture = drawn(2000, 2000, "RGBA")
    picture.putpixel((5, 5), (0, 0, 0, 0))
    assert imaging.measure(file(saved(picture, "PNG", compress_level=1)), into).has_alpha


def test_an_opaque_alpha_channel_is_none(either_way: None, file: File, into: Path) -> None:
    assert not imaging.measure(file(saved(drawn(600, 600, "RGBA"), "PNG")), into).has_alpha


def test_sizes_are_as_a_viewer_shows_them(either_way: None, file: File, into: Path) -> None:
    measured = imaging.measure(file(pictures.turned(6, 800, 200)), into)
    assert (measured.width, measured.height) == (800, 200)
    assert (measured.rendition.width, measured.rendition.height) == (512, 128)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (saved(drawn(), "BMP"), "a BMP"),
        (saved(drawn(), "JPEG2000"), "a JPEG 2000"),
        (saved(drawn(), "ICO"), "an icon file"),
        (saved(drawn(), "PDF"), "a PDF"),
        (b"\xff\x0a\xfa\x7f" + bytes(60), "a JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ", "a JPEG XL"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf" + bytes(40), "an unusual HEIF"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40), "a video"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"<html><svg></svg></html>", ""),
        (b"BMW sells cars.", ""),
        (b'{"error": "not yet"}', ""),
    ],
)
def test_what_cannot_be_read_is_called_by_its_name(file: File, into: Path, data: bytes, kind: str) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        imaging.measure(file(data), into)
    assert (caught.value.reason, caught.value.kind) == ("not_a_picture", kind)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_download_cut_short_is_damage(either_way: None, file: File, into: Path, kind: str, share: float) -> None:
    data = saved(pictures.noise(400, 400), kind)
    with pytest.raises(imaging.Unusable) as caught:
        imaging.measure(file(data[: int(len(data) * share)]), into)
    assert caught.value.reason == "broken"
    assert list(into.iterdir()) == []


def test_the_awaited_form_measures_the_same(file: File, into: Path) -> None:
    source = file(saved(drawn(), "PNG"))
    waited, awaited = imaging.measure(source, into), asyncio.run(imaging.measure_async(source, into))
    assert waited._replace(rendition=awaited.rendition) == awaited

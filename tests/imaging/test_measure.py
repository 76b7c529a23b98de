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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_download_is_measured_and_shown(either_way: None, file: File, into: Path, kind: str) -> None:
    data = saved(drawn(1200, 600), kind)
    source = file(data)
    measured = imaging.measure(source, into)
    assert (measured.format, measured.width, measured.height, measured.has_alpha) == (kind.lower(), 1200, 600, False)
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


@pytest.mark.parametrize("kind", ["TIFF", "HEIF", "AVIF"])
def test_what_the_api_never_sends_is_refused(either_way: None, file: File, into: Path, kind: str) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        imaging.measure(file(saved(drawn(), kind)), into)
    assert caught.value.reason == "not_a_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
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

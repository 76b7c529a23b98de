from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, corners, drawn, saved

File = Callable[[bytes], Path]


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (1, 1, (256,)),
        (256, 100, (256,)),
        (257, 100, (256, 512)),
        (100, 512, (256, 512)),
        (513, 513, (256, 512, 1024)),
        (2048, 2048, (256, 512, 1024, 2048)),
        (2047, 9, (256, 512, 1024, 2048)),
        (3360, 1248, (256, 512, 1024, 2048)),
    ],
)
def test_a_picture_has_the_sizes_below_it_and_one_more(width: int, height: int, sizes: tuple[int, ...]) -> None:
    assert imaging.sizes_for(width, height) == sizes


@given(st.integers(1, 16_384), st.integers(1, 16_384))
def test_no_two_renditions_are_equal(width: int, height: int) -> None:
    shown = [min(size, max(width, height)) for size in imaging.sizes_for(width, height)]
    assert len(set(shown)) == len(shown)
    assert shown[-1] == min(max(width, height), 2048)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_size_is_made(either_way: None, file: File, into: Path, kind: str) -> None:
    made = imaging.renditions(file(saved(drawn(2100, 1050), kind)), into, imaging.SIZES)
    assert [(each.size, each.width, each.height) for each in made] == [
        (256, 256, 128),
        (512, 512, 256),
        (1024, 1024, 512),
        (2048, 2048, 1024),
    ]
    for each in made:
        assert each.bytes == each.path.stat().st_size
        with Image.open(each.path, formats=("WEBP",)) as picture:
            assert picture.size == (each.width, each.height)
            assert corners(picture) == UPRIGHT


def test_nothing_is_enlarged(either_way: None, file: File, into: Path) -> None:
    made = imaging.renditions(file(saved(drawn(300, 200), "PNG")), into, imaging.SIZES)
    assert [(each.size, each.width, each.height) for each in made] == [(256, 256, 171), (512, 300, 200)]


def test_only_the_wanted_sizes_are_made(either_way: None, file: File, into: Path) -> None:
    source = file(saved(drawn(300, 200), "PNG"))
    assert [each.size for each in imaging.renditions(source, into, [2048, 256, 256])] == [256]
    assert imaging.renditions(source, into, [2048]) == []


def test_a_size_that_does_not_exist_is_a_mistake(file: File, into: Path) -> None:
    with pytest.raises(ValueError, match="300"):
        imaging.renditions(file(saved(drawn(), "PNG")), into, [300])


def test_renditions_keep_alpha(either_way: None, file: File, into: Path) -> None:
    picture = drawn(600, 600, "RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 300, 300))
    for made in imaging.renditions(file(saved(picture, "PNG")), into, [256, 512]):
        with Image.open(made.path) as shown:
            assert shown.mode == "RGBA"
            assert shown.getpixel((10, 10))[3] == 0
            assert shown.getpixel((made.width - 10, 10))[3] == 255


def test_renditions_are_upright(either_way: None, file: File, into: Path) -> None:
    (made,) = imaging.renditions(file(pictures.turned(8, 600, 300)), into, [256])
    assert (made.width, made.height) == (256, 128)


def test_kinds_that_are_never_stored_are_refused(either_way: None, file: File, into: Path) -> None:
    with pytest.raises(imaging.Unusable) as caught:
        imaging.renditions(file(saved(drawn(), "PPM")), into, [256])
    assert caught.value.reason == "not_a_picture"

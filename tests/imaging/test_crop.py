from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import drawn, saved

File = Callable[[bytes], Path]


def opened(made: imaging.Accepted) -> Image.Image:
    with Image.open(made.path) as picture:
        picture.load()
        return picture


def test_a_cut_has_exactly_the_pixels_of_its_place(either_way: None, file: File, into: Path) -> None:
    whole = pictures.noise(200, 120)
    made = imaging.crop(file(saved(whole, "PNG")), into, 0, (30, 20, 90, 70))
    assert (made.format, made.width, made.height) == ("png", 90, 70)
    assert opened(made).tobytes() == whole.crop((30, 20, 120, 90)).tobytes()
    assert made.changes == ("cropped from 200 × 120 to 90 × 70 px",)
    assert [one.size for one in made.renditions] == [256]


@pytest.mark.parametrize(
    ("quarters", "turned", "words"),
    [
        (1, Image.Transpose.ROTATE_270, "turned right"),
        (2, Image.Transpose.ROTATE_180, "turned upside down"),
        (3, Image.Transpose.ROTATE_90, "turned left"),
    ],
)
def test_it_is_turned_before_it_is_cut(
    either_way: None, file: File, into: Path, quarters: int, turned: Image.Transpose, words: str
) -> None:
    whole = pictures.noise(200, 120)
    right = whole.transpose(turned)
    made = imaging.crop(file(saved(whole, "PNG")), into, quarters, (0, 0, *right.size))
    assert opened(made).tobytes() == right.tobytes()
    assert made.changes == (words,)
    cut = imaging.crop(file(saved(whole, "PNG")), into, quarters, (10, 5, 60, 40))
    assert opened(cut).tobytes() == right.crop((10, 5, 70, 45)).tobytes()


def test_clear_pixels_stay_clear(either_way: None, file: File, into: Path) -> None:
    made = imaging.crop(file(saved(pictures.noise(90, 60, "RGBA"), "PNG")), into, 0, (0, 0, 40, 40))
    assert made.has_alpha


def test_a_photo_stays_a_jpeg(either_way: None, file: File, into: Path) -> None:
    made = imaging.crop(file(saved(drawn(), "JPEG")), into, 0, (0, 0, 100, 100))
    assert (made.format, made.width, made.height) == ("jpeg", 100, 100)

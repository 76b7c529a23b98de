"""Marks on a copy of a picture: where they are drawn, how they look on any ground, and in which size."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio import imaging

File = Callable[[bytes, str], Path]
MARKS = [
    {"kind": "box", "points": [1400, 1300, 800, 900]},
    {"kind": "arrow", "points": [200, 200, 600, 200]},
    {"kind": "free", "points": [1500, 200, 1600, 400, 1800, 400]},
    {"kind": "number", "points": [300, 1200]},
]


def a_file(file: File, size: tuple[int, int], colour: Any = "#40a060", mode: str = "RGB") -> Path:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return file(out.getvalue(), "source.png")


def drawn(source: Path, into: Path, marks: list[dict[str, Any]]) -> tuple[imaging.Accepted, Image.Image]:
    made = imaging.mark(source, into, marks)
    with Image.open(made.path) as picture:
        return made, picture.convert("RGB")


def is_near(picture: Image.Image, place: tuple[int, int], level: int) -> bool:
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(value - level) < 40 for value in found)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("ground", ["#f8f8f8", "#101010", "#808080"])
def test_marks_are_white_with_a_dark_edge_where_they_were_drawn(file: File, into: Path, ground: str) -> None:
    made, picture = drawn(a_file(file, (2000, 1500), ground), into, MARKS)
    assert (made.format, made.width, made.height, made.changes) == ("jpeg", 2000, 1500, ())
    assert [one.size for one in made.renditions] == [256, 512]
    for place in ((1400, 1100), (1100, 1300), (400, 200), (1700, 400), (1550, 300)):
        assert is_near(picture, place, 251), place
    # The edge of the box's right side, and of the arrow's line.
    for place in ((1406, 1100), (1394, 1100), (400, 206)):
        assert is_near(picture, place, 18), place
    # A number's disc is white around dark letters; the box's is at its top left, whichever corners were drawn.
    for x, y in ((800, 900), (200, 200), (1500, 200), (300, 1200)):
        disc = picture.crop((x - 12, y - 12, x + 12, y + 12)).convert("L")
        assert disc.getpixel((1, 12)) > 200
        assert disc.getextrema()[0] < 60
    # The head of the arrow reaches back from its tip, above and below.
    assert is_near(picture, (580, 190), 251) or is_near(picture, (578, 191), 251)
    for place in ((1100, 1100), (100, 700), (1950, 1450)):
        assert is_near(picture, place, int(ground[1:3], 16))


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    ("size", "expected"), [((100, 50), (1024, 512)), ((3000, 1500), (2048, 1024)), ((1500, 10), (1500, 10))]
)
def test_the_copy_is_large_enough_to_read_and_small_enough_to_send(
    file: File, into: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    made, picture = drawn(a_file(file, size), into, [{"kind": "number", "points": [size[0] // 2, size[1] // 2]}])
    assert (made.width, made.height) == expected
    assert picture.getpixel((expected[0] // 2 - 8, expected[1] // 2)) > (180, 180, 180)


@pytest.mark.usefixtures("either_way")
def test_a_transparent_layer_stays_transparent_beside_its_marks(file: File, into: Path) -> None:
    source = a_file(file, (1200, 900), (0, 0, 0, 0), "RGBA")
    made = imaging.mark(source, into, [{"kind": "box", "points": [100, 100, 900, 700]}])
    assert (made.format, made.has_alpha) == ("png", True)
    with Image.open(made.path) as picture:
        assert picture.getpixel((500, 400))[3] == 0
        assert picture.getpixel((900, 400)) == (251, 251, 251, 255)


@pytest.mark.usefixtures("either_way")
def test_marks_at_the_very_edge_and_of_no_size_are_drawn(file: File, into: Path) -> None:
    marks = [
        {"kind": kind, "points": points}
        for kind, points in (
            ("box", [0, 0, 0, 0]),
            ("arrow", [1024, 1024, 1024, 1024]),
            ("free", [0, 1024] * 400),
            ("number", [1024, 0]),
        )
    ] * 5
    assert drawn(a_file(file, (1024, 1024)), into, marks)[0].width == 1024


def test_the_same_marks_give_the_same_bytes(file: File, into: Path) -> None:
    source = a_file(file, (1024, 768))
    assert imaging.mark(source, into, MARKS[3:]).sha256 == imaging.mark(source, into, MARKS[3:]).sha256

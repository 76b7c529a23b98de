"""Watermarks: white with a dark edge all over a smaller copy, in letters that the typeface has."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from studio import imaging
from studio.imaging.letters import TYPEFACE, WRITABLE

File = Callable[[bytes, str], Path]


def a_file(file: File, size: tuple[int, int], colour: str, mode: str = "RGB") -> Path:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return file(out.getvalue(), "source.png")


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(("colour", "mode"), [("#101010", "RGB"), ("#f4f4f4", "RGB"), ("#80808080", "RGBA")])
def test_words_are_seen_on_any_ground_in_every_part(file: File, into: Path, colour: str, mode: str) -> None:
    made = imaging.watermark(a_file(file, (1600, 1000), colour, mode), into, [512, 1024], words="Proof · Ærø")
    assert [(one.size, one.width, one.height) for one in made] == [(512, 512, 320), (1024, 1024, 640)]
    for one in made:
        with Image.open(one.path) as opened:
            assert opened.mode == mode
            grey = opened.convert("RGB").convert("L")
        for across in range(3):
            for down in range(2):
                part = grey.crop((across * 170, down * 160, across * 170 + 170, down * 160 + 160))
                darkest, lightest = part.getextrema()
                assert isinstance(darkest, int)
                assert isinstance(lightest, int)
                assert lightest - darkest > 25


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("words", ["W" * 60, ".", "\u0301"])
def test_any_length_on_any_shape(file: File, into: Path, words: str) -> None:
    for size in ((3000, 20), (20, 3000), (1, 1)):
        (made,) = imaging.watermark(a_file(file, size, "#808080"), into, [512], words=words)
        assert max(made.width, made.height) <= 512


def test_an_unknown_size_is_refused(file: File, into: Path) -> None:
    with pytest.raises(ValueError, match="no such rendition"):
        imaging.watermark(a_file(file, (20, 20), "#808080"), into, [300], words="Proof")


def test_what_can_be_written_is_what_the_typeface_has() -> None:
    font = ImageFont.truetype(TYPEFACE, 24)
    missing = bytes(font.getmask("港"))
    for letter in sorted(WRITABLE):
        assert letter.isspace() or bytes(font.getmask(letter)) != missing, letter
    for letter in "港мαא🙂\u202e\x00\n":
        assert letter not in WRITABLE
    assert imaging.unwritable("Proof 港 · 港ж") == ["港", "ж"]

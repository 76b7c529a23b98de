from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import drawn, saved

File = Callable[[bytes], Path]


def send(source: Path, into: Path) -> imaging.Wire:
    return asyncio.run(imaging.for_sending_async(source, into))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_small_stored_picture_is_sent_as_it_is(either_way: None, file: File, into: Path, kind: str) -> None:
    source = file(saved(drawn(), kind))
    wire = send(source, into)
    assert wire == imaging.Wire(source, f"image/{kind.lower()}", 320, 240, source.stat().st_size)  # type: ignore[arg-type]
    assert list(into.iterdir()) == []


def test_a_large_png_is_sent_as_jpeg(either_way: None, file: File, into: Path) -> None:
    source = file(saved(pictures.noise(1300, 1200), "PNG", compress_level=0))
    assert source.stat().st_size > imaging.KEPT_BYTES
    wire = send(source, into)
    assert (wire.media_type, wire.width, wire.height) == ("image/jpeg", 1300, 1200)
    assert wire.bytes == wire.path.stat().st_size < imaging.KEPT_BYTES
    with Image.open(wire.path, formats=("JPEG",)) as picture:
        assert picture.size == (1300, 1200)


def test_a_large_png_with_alpha_is_sent_smaller_as_png(either_way: None, file: File, into: Path) -> None:
    wire = send(file(saved(pictures.noise(1100, 1100, "RGBA"), "PNG", compress_level=0)), into)
    assert wire.media_type == "image/png"
    assert wire.bytes < imaging.KEPT_BYTES
    assert wire.width < 1100
    with Image.open(wire.path, formats=("PNG",)) as picture:
        assert picture.mode == "RGBA"


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_is_sent_as_its_first_frame(either_way: None, file: File, into: Path, kind: str) -> None:
    source = file(saved(drawn(), kind, save_all=True, append_images=[drawn().rotate(180)]))
    wire = send(source, into)
    assert wire.path != source
    with Image.open(wire.path) as picture:
        assert pictures.corners(picture) == pictures.UPRIGHT


def test_what_is_no_picture_is_refused(either_way: None, file: File, into: Path) -> None:
    with pytest.raises(imaging.Unusable, match=r"^This file is not a picture"):
        send(file(b"no"), into)

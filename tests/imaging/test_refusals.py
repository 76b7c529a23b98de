from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio import imaging
from studio.imaging import unusable
from tests.imaging import pictures
from tests.imaging.pictures import drawn, saved

Refused = Callable[[bytes], str]


def spent() -> float:
    """The processor's seconds of this process and of its children that have ended, however busy the machine is."""
    return sum(os.times()[:4])


@pytest.mark.parametrize(
    "data",
    [
        b"Dear client, the pictures are attached.",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><title>picture</title>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage",
        b"8BPS\0\1" + bytes(60),
        b"PK\x03\x04" + bytes(60),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40),
        b"\0\0\0\x14ftyp",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"x",
    ],
    ids=["text", "svg", "html", "pdf", "eps", "psd", "zip", "mp4", "ftyp", "wav", "byte"],
)
def test_what_is_no_picture_is_refused_by_its_content(refused: Refused, data: bytes) -> None:
    assert refused(data) == "not_a_picture"


@pytest.mark.parametrize("kind", ["BMP", "PPM", "TGA", "ICO", "JPEG2000", "EPS", "PDF"])
def test_kinds_that_are_not_listed_are_refused(refused: Refused, kind: str) -> None:
    assert refused(saved(drawn(), kind)) == "not_a_picture"


def test_a_refusal_names_the_formats_to_use(tmp_path: Path, into: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(b"only text")
    with pytest.raises(imaging.Unusable) as caught:
        imaging.accept(source, into)
    assert caught.value.sentence == (
        "This file is not a picture Studio can read. Use JPEG, PNG, WebP, GIF, HEIC, AVIF or TIFF."
    )


def test_an_empty_file_is_told_from_a_wrong_one(refused: Refused) -> None:
    assert refused(b"") == "empty"


def test_a_folder_is_no_picture(tmp_path: Path, into: Path) -> None:
    with pytest.raises(imaging.Unusable, match="not a picture"):
        imaging.accept(tmp_path, into)


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path, into: Path) -> None:
    source = tmp_path / "huge.tif"
    with source.open("wb") as file:
        file.truncate(imaging.MAX_BYTES + 1)
    with pytest.raises(imaging.Unusable) as caught:
        imaging.accept(source, into)
    assert caught.value.reason == "too_many_bytes"
    assert caught.value.sentence.startswith("201 MB is more than the limit of 200.")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_half_a_picture_is_refused(refused: Refused, kind: str) -> None:
    data = saved(pictures.noise(200, 200), kind)
    assert refused(data[: len(data) // 2]) == "broken"


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0"])
def test_a_head_without_a_body_is_refused(refused: Refused, head: bytes) -> None:
    assert refused(head) == "broken"


@pytest.mark.parametrize(
    ("data", "reason", "sentence"),
    [
        (pictures.png_bomb(16_000, 8_000), "too_many_pixels", "128 megapixels is more than the limit of 120."),
        (pictures.png_bomb(16_000, 16_000), "too_many_pixels", "256 megapixels is more than the limit of 120."),
        (pictures.png_bomb(12_001, 10_000), "too_many_pixels", "121 megapixels is more than the limit of 120."),
        (pictures.png_bomb(16_385, 10), "too_long_side", "A side of 16385 pixels is more than the limit of 16384."),
        (pictures.webp_bomb(16_383, 16_383), "too_many_pixels", "269 megapixels is more than the limit of 120."),
    ],
    ids=["128 MP", "256 MP", "just over", "long", "webp"],
)
def test_a_bomb_is_refused_by_its_header(
    either_way: None, tmp_path: Path, into: Path, data: bytes, reason: str, sentence: str
) -> None:
    source = tmp_path / "bomb"
    source.write_bytes(data)
    before = spent()
    with pytest.raises(imaging.Unusable) as caught:
        imaging.accept(source, into)
    assert caught.value.reason == reason
    assert caught.value.sentence.startswith(sentence)
    assert spent() - before < 1


def test_the_largest_picture_allowed_is_not_refused_by_its_size(refused: Refused) -> None:
    assert refused(pictures.png_bomb(8_192, 8_192)) == "broken"


def test_a_jpeg_of_too_many_passes_is_refused_before_it_costs_anything(
    either_way: None, tmp_path: Path, into: Path
) -> None:
    source = tmp_path / "scans.jpg"
    source.write_bytes(pictures.many_scans(3000, side=2000))
    before = spent()
    with pytest.raises(imaging.Unusable) as caught:
        imaging.accept(source, into)
    assert caught.value.reason == "too_complex"
    assert spent() - before < 2


def test_film_behind_a_photo_does_not_count_as_passes(accept: Callable[[bytes], imaging.Accepted]) -> None:
    assert accept(saved(drawn(), "JPEG") + b"\xff\xda" * 5000).format == "jpeg"


def test_every_reason_has_a_sentence_that_says_what_to_do() -> None:
    refusals = [
        unusable.not_a_picture(),
        unusable.empty(),
        unusable.too_many_bytes(10**9),
        unusable.too_many_pixels(10**8),
        unusable.too_long_side(20_000),
        unusable.too_complex(),
        unusable.broken(),
        unusable.took_too_long(),
        unusable.bad_mask(),
        unusable.nothing_kept(),
        unusable.other_shape(),
    ]
    assert {refusal.reason for refusal in refusals} == unusable.REASONS
    for refusal in refusals:
        assert refusal.sentence == str(refusal)
        assert refusal.sentence.count(".") >= 2


HEADS = [saved(drawn(40, 30), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")]


def damaged() -> st.SearchStrategy[bytes]:
    """Random bytes, or a sound picture whose beginning is kept and whose rest is random."""
    return st.one_of(
        st.binary(min_size=1, max_size=300),
        st.builds(
            lambda head, keep, tail: head[: int(len(head) * keep)] + tail,
            st.sampled_from(HEADS),
            st.floats(0, 0.9),
            st.binary(min_size=1, max_size=200),
        ),
    )


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=damaged())
def test_random_bytes_are_unusable_or_a_picture_and_nothing_else(
    either_way: None, tmp_path: Path, into: Path, data: bytes
) -> None:
    source = tmp_path / "random"
    source.write_bytes(data)
    try:
        kept = imaging.accept(source, into)
    except imaging.Unusable:
        assert list(into.glob("*kept*")) == []
    else:
        Image.open(io.BytesIO(kept.path.read_bytes()), formats=("JPEG", "PNG")).verify()
        kept.path.unlink()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=2000))
def test_random_bytes_through_a_real_child_are_unusable(tmp_path: Path, into: Path, data: bytes) -> None:
    source = tmp_path / "random"
    source.write_bytes(data)
    with pytest.raises(imaging.Unusable):
        imaging.accept(source, into)
    assert list(into.iterdir()) == []

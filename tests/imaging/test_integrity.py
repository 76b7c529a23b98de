"""What is kept is whole: damage that a viewer would show is refused, and odd files that every viewer shows are not."""

from __future__ import annotations

import io
import random
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from studio import imaging
from studio.imaging.child.integrity import count_scans
from tests.imaging import pictures
from tests.imaging.pictures import drawn, exif, saved

Judge = Callable[[bytes], "imaging.Measured | str"]


def photo(width: int = 320, height: int = 240) -> Image.Image:
    """Soft noise: compresses like a photograph, and no row is like another."""
    return pictures.noise(width // 4, height // 4).resize((width, height), Image.Resampling.BICUBIC)


PHOTO = photo()
FRAMES = [PHOTO.rotate(angle) for angle in (5, 10, 15)]
STILL = {
    "jpeg": saved(PHOTO, "JPEG", quality=90),
    "progressive jpeg": saved(PHOTO, "JPEG", progressive=True),
    "jpeg with restarts": saved(PHOTO, "JPEG", restart_marker_blocks=7),
    "cmyk jpeg": saved(PHOTO.convert("CMYK"), "JPEG"),
    "png": saved(PHOTO, "PNG"),
    "palette png": saved(PHOTO.quantize(64), "PNG"),
    "webp": saved(PHOTO, "WEBP"),
    "lossless webp": saved(PHOTO, "WEBP", lossless=True),
    "gif": saved(PHOTO, "GIF"),
}
MOVING = {
    "moving png": saved(PHOTO, "PNG", save_all=True, append_images=FRAMES),
    "moving webp": saved(PHOTO, "WEBP", save_all=True, append_images=FRAMES),
    "moving gif": saved(PHOTO, "GIF", save_all=True, append_images=FRAMES),
}
UPLOADED = {
    "tiff": saved(PHOTO, "TIFF"),
    "lzw tiff": saved(PHOTO, "TIFF", compression="tiff_lzw"),
    "deflate tiff": saved(PHOTO, "TIFF", compression="tiff_adobe_deflate"),
    "avif": saved(PHOTO, "AVIF"),
    "heic": saved(PHOTO, "HEIF"),
}


@pytest.fixture
def judge(either_way: None, into: Path, file: Callable[[bytes], Path]) -> Judge:
    """Measure bytes as a download; return the reason when they are refused, after which no file may be left."""

    def measure(data: bytes) -> imaging.Measured | str:
        try:
            measured = imaging.measure(file(data), into)
            measured.rendition.path.unlink()
            return measured
        except imaging.Unusable as refusal:
            assert list(into.iterdir()) == []
            return refusal.reason

    return measure


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", [*STILL, *MOVING])
def test_a_download_cut_anywhere_is_broken(judge: Judge, kind: str) -> None:
    data = (STILL | MOVING)[kind]
    for share in range(5, 100, 6):
        assert judge(data[: len(data) * share // 100]) == "broken", f"{share} %"
    assert judge(data[: -max(20, len(data) // 100)]) == "broken"


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", [*STILL, *MOVING, *UPLOADED])
def test_an_upload_cut_anywhere_is_broken(refused: Callable[[bytes], str], kind: str) -> None:
    data = (STILL | MOVING | UPLOADED)[kind]
    # Of what moves only the first frame is used.
    for share in (5, 10, 15, 20) if kind in MOVING else (10, 30, 50, 70, 90, 97):
        assert refused(data[: len(data) * share // 100]) == "broken", f"{share} %"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_a_cut_download_is_broken_through_a_real_child(kind: str, into: Path, file: Callable[[bytes], Path]) -> None:
    with pytest.raises(imaging.Unusable, match="damaged or incomplete"):
        imaging.measure(file(STILL[kind][:-200]), into)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ["png", "palette png", "moving png"])
def test_a_png_with_a_flipped_bit_in_its_pixels_is_broken(judge: Judge, kind: str) -> None:
    data = (STILL | MOVING)[kind]
    for share in (20, 40, 60, 80, 95):
        flipped = bytearray(data)
        flipped[len(data) * share // 100] ^= 0x10
        assert judge(bytes(flipped)) == "broken", f"{share} %"


def test_a_png_with_damaged_pixels_is_broken_through_a_real_child(judge: Judge) -> None:
    """Pillow swallows the error when the orientation is asked for first, and then gives black rows."""
    data = bytearray(STILL["png"])
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    assert judge(bytes(data)) == "broken"


@pytest.mark.parametrize("rows", [0, 1, 100, 239])
def test_a_png_that_lacks_rows_is_broken_although_each_checksum_is_right(judge: Judge, rows: int) -> None:
    raw = b"".join(b"\0" + PHOTO.crop((0, y, 320, y + 1)).tobytes() for y in range(rows))
    assert judge(png(320, 240, zlib.compress(raw))) == "broken"


def test_a_png_whose_data_is_packed_wrongly_is_broken(judge: Judge) -> None:
    raw = b"".join(b"\0" + PHOTO.crop((0, y, 320, y + 1)).tobytes() for y in range(240))
    packed = zlib.compress(raw)
    assert not isinstance(judge(png(320, 240, packed)), str)
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 4
    assert judge(png(320, 240, bytes(flipped))) == "broken"
    assert judge(png(320, 240, packed[:-4] + b"oops")) == "broken"


def png(width: int, height: int, packed: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg", "jpeg with restarts", "cmyk jpeg"])
def test_a_jpeg_with_a_hole_is_broken(judge: Judge, kind: str) -> None:
    for share in (40, 70):
        data = bytearray(STILL[kind])
        at = len(data) * share // 100
        data[at : at + 400] = bytes(400)
        assert judge(bytes(data)) == "broken"


def test_a_jpeg_that_was_cut_and_ended_is_broken(judge: Judge) -> None:
    assert judge(STILL["jpeg"][: len(STILL["jpeg"]) // 2] + b"\xff\xd9") == "broken"


def test_a_progressive_jpeg_cut_between_two_passes_is_broken(judge: Judge) -> None:
    data = STILL["progressive jpeg"]
    passes = [found.start() for found in re.finditer(rb"\xff[\xda\xc4]", data)][3:]
    assert {judge(data[:at]) for at in passes} == {"broken"}


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", MOVING)
def test_damage_in_a_later_frame_of_a_download_is_found(judge: Judge, kind: str) -> None:
    data = bytearray(MOVING[kind])
    at = len(data) * 4 // 5
    if kind == "moving webp":
        at = data.rindex(b"VP8 ")
    data[at : at + 600] = bytes(600)
    assert judge(bytes(data)) == "broken"


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_random_damage_is_never_trouble_of_the_machine(judge: Judge) -> None:
    lot = random.Random(7)
    for data in (STILL | MOVING).values():
        for _ in range(4):
            damaged = bytearray(data)
            at = lot.randrange(len(data))
            damaged[at : at + 16] = lot.randbytes(16)
            judge(bytes(damaged))


# ---- Odd, and whole


def interlaced(width: int, height: int) -> bytes:
    """An interlaced PNG of one grey, which Pillow reads and does not write."""
    rows = b""
    for left, top, across, down in (
        *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
        *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
    ):
        columns, lines = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and lines > 0:
            rows += (b"\0" + b"\x80" * (3 * columns)) * lines
    data = bytearray(png(width, height, zlib.compress(rows)))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def in_small_pieces(data: bytes) -> bytes:
    """The same PNG with its pixels in chunks of ten bytes, and some empty ones."""
    at = data.index(b"IDAT") - 4
    (length,) = struct.unpack(">I", data[at : at + 4])
    body = data[at + 8 : at + 8 + length]
    pieces = [b"", *(body[start : start + 10] for start in range(0, length, 10)), b""]
    chunks = [
        struct.pack(">I", len(one)) + b"IDAT" + one + struct.pack(">I", zlib.crc32(b"IDAT" + one)) for one in pieces
    ]
    return data[:at] + b"".join(chunks) + data[at + 12 + length :]


ODD = {
    "jpeg without its end": STILL["jpeg"][:-2],
    "progressive jpeg without its end": STILL["progressive jpeg"][:-2],
    "cmyk jpeg": STILL["cmyk jpeg"],
    "progressive jpeg with restarts": saved(PHOTO, "JPEG", progressive=True, restart_marker_blocks=7),
    "grey jpeg": saved(PHOTO.convert("L"), "JPEG"),
    "jpeg of one pixel": saved(drawn(1, 1), "JPEG"),
    "turned jpeg": saved(PHOTO, "JPEG", exif=exif(orientation=6)),
    "jpeg with padding before its end": STILL["jpeg"][:-2] + b"\xff" * 9 + b"\xff\xd9",
    "interlaced png": interlaced(37, 21),
    "interlaced png of one pixel": interlaced(1, 1),
    "interlaced narrow png": interlaced(3, 50),
    "deep png": saved(Image.new("I;16", (60, 40), 40_000), "PNG"),
    "palette png with transparency": saved(drawn().quantize(4), "PNG", transparency=b"\xff\x80\0\xff"),
    "png of two colours": saved(drawn().convert("1"), "PNG"),
    "png of two bits": saved(drawn().quantize(4), "PNG", bits=2),
    "grey png with a transparent value": saved(drawn().convert("L"), "PNG", transparency=30),
    "png in small pieces": in_small_pieces(STILL["png"]),
    "png without its end": STILL["png"][:-12],
    "moving gif without its end": MOVING["moving gif"][:-1],
    "interlaced gif": saved(drawn().quantize(8), "GIF", interlace=1),
    "webp with alpha": saved(drawn(mode="RGBA"), "WEBP"),
    **{f"{kind} with something behind it": data + b"MORE" * 300 for kind, data in (STILL | MOVING).items()},
    **MOVING,
}


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("kind", ODD)
def test_what_every_viewer_shows_whole_is_kept(judge: Judge, kind: str) -> None:
    measured = judge(ODD[kind])
    assert not isinstance(measured, str)


@pytest.mark.parametrize("kind", UPLOADED)
def test_an_upload_with_something_behind_it_is_kept(accept: Callable[[bytes], imaging.Accepted], kind: str) -> None:
    assert accept(UPLOADED[kind] + b"MORE" * 300).width == 320


def test_a_jpeg_without_its_end_keeps_its_last_row(accept: Callable[[bytes], imaging.Accepted]) -> None:
    whole = Image.open(io.BytesIO(saved(drawn(), "JPEG")))
    kept = accept(saved(drawn(), "JPEG")[:-2])
    assert pictures.corners(Image.open(kept.path)) == pictures.corners(whole) == pictures.UPRIGHT


# ---- Passes of a JPEG


def test_a_plain_jpeg_has_one_pass() -> None:
    assert count_scans(saved(pictures.noise(200, 200), "JPEG"), 200) == 1


def test_a_progressive_jpeg_has_its_ten() -> None:
    assert count_scans(saved(drawn(), "JPEG", progressive=True), 200) == 10


@pytest.mark.parametrize("interval", [1, 7])
def test_restarts_are_no_passes(interval: int) -> None:
    assert count_scans(saved(pictures.noise(200, 200), "JPEG", restart_marker_blocks=interval), 200) == 1


def test_repeated_passes_are_all_counted_up_to_the_limit() -> None:
    assert count_scans(pictures.many_scans(50), 200) == 59
    assert count_scans(pictures.many_scans(3000), 200) == 201


def test_a_preview_inside_a_segment_does_not_count() -> None:
    tags = exif(camera=True)
    tags[0x010E] = "preview \u00ff"
    data = saved(drawn(), "JPEG", comment=saved(Image.new("RGB", (8, 8)), "JPEG") * 20, exif=tags)
    assert count_scans(data, 200) == 1


def test_what_follows_the_end_of_the_image_does_not_count() -> None:
    assert count_scans(saved(drawn(), "JPEG") + b"\xff\xda\0\2" * 500, 200) == 1


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda", b"\xff\xd8\xff\xe0\xff"])
def test_a_torso_is_counted_without_complaint(data: bytes) -> None:
    assert count_scans(data, 200) <= 1

"""What a PNG holds beside its pixels never keeps it out: it is left out, and named when it was damaged."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from studio import imaging
from tests.imaging import pictures
from tests.imaging.pictures import UPRIGHT, chunk, corners, drawn, exif, png_of, raw_png

Accept = Callable[[bytes], imaging.Accepted]

LINEAR = pictures.linear_rgb_profile()
LONG = zlib.compress(bytes(3 << 20))
BOMB = zlib.compress(bytes(60 << 20))
TURN = exif(orientation=6).tobytes()[6:]
GAMMA = struct.pack(">I", 100_000)

ODD = {
    "long packed text": (chunk(b"zTXt", b"Comment\0\0" + LONG), "comments removed"),
    "long packed world text": (chunk(b"iTXt", b"Comment\0\1\0\0\0" + LONG), "comments removed"),
    "long packed xmp": (chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LONG), "comments removed"),
    "bomb in a text": (chunk(b"zTXt", b"Raw profile type exif\0\0" + BOMB), "comments removed"),
    "text packed in an unknown way": (chunk(b"zTXt", b"Comment\0\7" + LONG), "comments removed"),
    "text that is not packed": (chunk(b"zTXt", b"Comment\0\0no such data"), "comments removed"),
    "text without an end of its key": (chunk(b"tEXt", b"only a key"), "comments removed"),
    "text with a wrong checksum": (chunk(b"tEXt", b"Comment\0x", is_sound=False), "damaged comments removed"),
    "packed text with a wrong checksum": (chunk(b"zTXt", b"C\0\0" + LONG, is_sound=False), "damaged comments removed"),
    "resolution with a wrong checksum": (chunk(b"pHYs", bytes(9), is_sound=False), "damaged extra data removed"),
    "time of a wrong length": (chunk(b"tIME", b"x"), ""),
    "unknown chunk with a wrong checksum": (chunk(b"abCd", b"x", is_sound=False), "damaged extra data removed"),
    "camera data with a wrong checksum": (chunk(b"eXIf", TURN, is_sound=False), "damaged camera data ignored"),
    "gamma with a wrong checksum": (chunk(b"gAMA", GAMMA, is_sound=False), "damaged colour information ignored"),
    "transparency with a wrong checksum": (chunk(b"tRNS", bytes(6), is_sound=False), "damaged transparency ignored"),
    "transparency of a wrong length": (chunk(b"tRNS", b"\0"), "damaged transparency ignored"),
    "profile with a wrong checksum": (
        chunk(b"iCCP", b"x\0\0" + zlib.compress(LINEAR), is_sound=False),
        "damaged colour information ignored",
    ),
    "profile packed in an unknown way": (
        chunk(b"iCCP", b"x\0\1" + zlib.compress(LINEAR)),
        "damaged colour information ignored",
    ),
    "profile that is not packed": (chunk(b"iCCP", b"x\0\0" + LINEAR), "damaged colour information ignored"),
    "cut profile": (chunk(b"iCCP", b"x\0\0" + zlib.compress(LINEAR)[:-90]), "unusable colour profile ignored"),
    "bomb in a profile": (chunk(b"iCCP", b"x\0\0" + BOMB), "colour profile too large: ignored"),
}


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("odd", ODD)
def test_a_picture_is_taken_without_its_odd_chunk(accept: Accept, odd: str) -> None:
    data, sentence = ODD[odd]
    kept = accept(png_of(drawn(), data))
    assert kept.changes == ((sentence,) if sentence else ())
    with Image.open(kept.path) as picture:
        assert picture.tobytes() == drawn().tobytes()


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("odd", ["long packed text", "text with a wrong checksum", "bomb in a profile"])
def test_a_chunk_behind_the_pixels_keeps_no_picture_out(accept: Accept, odd: str) -> None:
    assert accept(png_of(drawn(), after=ODD[odd][0])).width == 320


def test_a_bomb_costs_a_real_child_nothing(accept: Accept) -> None:
    kept = accept(png_of(drawn(), *(ODD["bomb in a text"][0] for _ in range(20)), ODD["bomb in a profile"][0]))
    assert kept.changes == ("comments removed", "colour profile too large: ignored")


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_profile_of_more_than_a_megabyte_is_used(accept: Accept) -> None:
    profile = LINEAR + bytes(2 << 20)
    kept = accept(png_of(Image.new("RGB", (9, 9), (64, 64, 64)), chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))))
    assert kept.changes == ("colours converted to sRGB",)


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_download_with_an_odd_chunk_is_measured(either_way: None, file: Callable, into) -> None:  # type: ignore[no-untyped-def, type-arg]
    for data, _ in ODD.values():
        assert imaging.measure(file(png_of(drawn(), data)), into).width == 320
        for made in into.iterdir():
            made.unlink()


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
def test_a_place_in_a_text_is_told(accept: Accept) -> None:
    tags = exif(located=True).tobytes()
    text = b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n%8d\n" % len(tags) + tags.hex().encode())
    assert accept(png_of(drawn(), chunk(b"zTXt", text))).changes == ("location and camera data removed",)


# ---- Clear values


def rows_of(bits: int, values: list[int], times: int = 16) -> bytes:
    packed = int("".join(format(value, f"0{bits}b") for value in values), 2)
    return (b"\0" + packed.to_bytes(len(values) * bits // 8)) * times


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("clear", [0, 1])
def test_the_clear_value_of_a_grey_png_is_clear_and_no_other(accept: Accept, bits: int, clear: int) -> None:
    # The neighbours of a 16-bit value differ in the byte that 8 bits lack.
    base = 0x1234 if bits == 16 else 0
    values = [base + value % min(1 << bits, 16) for value in range(16)]
    clear_chunk = chunk(b"tRNS", struct.pack(">H", base + clear))
    kept = accept(raw_png(16, 16, bits, 0, rows_of(bits, values), clear_chunk))
    with Image.open(kept.path) as picture:
        alphas = [picture.getpixel((x, 5))[3] for x in range(16)]
    assert alphas == [0 if value == base + clear else 255 for value in values]


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("bits", [8, 16])
def test_the_clear_colour_of_a_png_is_clear_and_no_other(accept: Accept, bits: int) -> None:
    base = 0x1234 if bits == 16 else 0x12
    pixels = [value for x in range(16) for value in (base + x, 0x80, 0x40 + x)]
    clear = chunk(b"tRNS", struct.pack(">3H", base + 4, 0x80, 0x44))
    kept = accept(raw_png(16, 16, bits, 2, rows_of(bits, pixels), clear))
    with Image.open(kept.path) as picture:
        assert [picture.getpixel((x, 5))[3] for x in range(16)] == [0 if x == 4 else 255 for x in range(16)]


# ---- Orientation


@pytest.mark.parametrize("either_way", ["here"], indirect=True)
@pytest.mark.parametrize("text", ["xmp", "magick", "magick-packed", "prefixed"])
def test_no_text_turns_a_png(accept: Accept, text: str) -> None:
    tags = exif(orientation=6).tobytes()
    raw = b"\nexif\n%8d\n" % len(tags) + tags.hex().encode()
    data = {
        "xmp": chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="6"/>'),
        "magick": chunk(b"tEXt", b"Raw profile type exif\0" + raw),
        "magick-packed": chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(raw)),
        # Browsers want it to begin with the byte order.
        "prefixed": chunk(b"eXIf", tags),
    }[text]
    kept = accept(png_of(drawn(), data))
    assert (kept.width, "turned upright" in kept.changes) == (320, False)
    with Image.open(kept.path) as picture:
        assert corners(picture) == UPRIGHT

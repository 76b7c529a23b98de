"""Pictures for the tests, made in memory. Each function returns the bytes of one file."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin

# The code under test closes Pillow's registry; the tests write every kind there is.
Image.init()
pillow_heif.register_heif_opener()

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 40), (30, 40, 220), (250, 250, 250)


def drawn(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    """Four flat corners, so that every turn and flip can be told: red, green / blue, white."""
    picture = Image.new("RGB", (2, 2))
    picture.putdata([RED, GREEN, BLUE, WHITE])
    return picture.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """The worst that can be compressed."""
    return Image.frombytes(mode, (width, height), os.urandom(width * height * len(mode)))


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def exif(*, orientation: int = 1, located: bool = False, camera: bool = False) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    if camera:
        tags[ExifTags.Base.Make] = "SECRETCAMERA"
    if located:
        gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef] = "N"
        gps[ExifTags.GPS.GPSLatitude] = (TiffImagePlugin.IFDRational(51), 30, 0)
        gps[ExifTags.GPS.GPSAreaInformation] = b"SECRETPLACE"
    return tags


def turned(orientation: int, width: int = 320, height: int = 240) -> bytes:
    """A JPEG stored so that a viewer honouring this EXIF orientation shows `drawn(width, height)`."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = drawn(width, height)
    if orientation in undo:
        picture = picture.transpose(undo[orientation])
    return saved(picture, "JPEG", exif=exif(orientation=orientation))


def corners(picture: Image.Image) -> list[str]:
    """Name the colours of the four corners, top left first, row by row."""
    picture = picture.convert("RGB")
    across, down = picture.width - 1, picture.height - 1
    points = [(0, 0), (across, 0), (0, down), (across, down)]
    return [_nearest(picture.getpixel(point)) for point in points]  # type: ignore[arg-type]


UPRIGHT = ["red", "green", "blue", "white"]


def _nearest(pixel: tuple[int, int, int]) -> str:
    named = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    return min(named, key=lambda name: sum(abs(a - b) for a, b in zip(named[name], pixel, strict=True)))


def lab_profile() -> bytes:
    """A sound profile of a space that RGB pixels do not have."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def linear_rgb_profile() -> bytes:
    """sRGB's profile with its tone curve replaced by a straight line, and another name."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    for entry in range(count):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + entry * 12 : 144 + entry * 12])
        if tag == b"rTRC":
            profile[offset : offset + 16] = b"para" + bytes(4) + struct.pack(">HHi", 0, 0, 0x10000)
        if tag == b"desc":
            at = profile.find("sRGB".encode("utf-16-be"), offset)
            profile[at : at + 8] = "Flat".encode("utf-16-be")
    return bytes(profile)


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG whose header promises this many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compressobj(9)
    body = rows.compress(bytes(10_000)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def webp_bomb(width: int, height: int) -> bytes:
    """A WebP that is nothing but the header of a canvas of this size."""
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_scans(scans: int, side: int = 64) -> bytes:
    """A progressive JPEG whose last pass is repeated, as the processor bombs do it."""
    data = saved(drawn(side, side), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    end = data.rindex(b"\xff\xd9")
    return data[:last] + data[last:end] * scans + data[end:]

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


def linear_rgb_profile(*, is_named_so: bool = True) -> bytes:
    """sRGB's profile with its tone curve replaced by a straight line, and another name unless it is to mislead."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    for entry in range(count):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + entry * 12 : 144 + entry * 12])
        if tag == b"rTRC":
            profile[offset : offset + 16] = b"para" + bytes(4) + struct.pack(">HHi", 0, 0, 0x10000)
        if tag == b"desc" and is_named_so:
            at = profile.find("sRGB".encode("utf-16-be"), offset)
            profile[at : at + 8] = "Flat".encode("utf-16-be")
    return bytes(profile)


def chunk(kind: bytes, body: bytes, *, is_sound: bool = True) -> bytes:
    """One chunk of a PNG; its checksum is right unless it is not sound."""
    checksum = zlib.crc32(kind + body) ^ (not is_sound)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def png_of(picture: Image.Image, *chunks: bytes, after: bytes = b"") -> bytes:
    """A PNG with these chunks before its pixels, and others after them."""
    data = saved(picture, "PNG")
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:-12] + after + data[-12:]


def raw_png(width: int, height: int, depth: int, colour: int, rows: bytes, *chunks: bytes) -> bytes:
    """A PNG of any depth; every row begins with a zero byte."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def with_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """The same AVIF or HEIC with other colour numbers."""
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG whose header promises this many pixels."""

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


def float_tiff(
    values: Any,
    *,
    bits: int = 32,
    order: str = "<",
    predictor: int = 1,
    packing: str = "none",
    tile: int = 0,
    planar: bool = False,
    tags: dict[int, tuple[int, bytes]] | None = None,
) -> bytes:
    """A TIFF of fractions: an array of rows, columns and samples. `tags` adds tags by number: type and bytes."""
    import numpy as np

    height, width, samples = values.shape
    planes = np.split(values, samples, axis=2) if planar else [values]
    rows, columns = (tile, tile) if tile else (max(1, height // 2), width)
    blocks = []
    for plane in planes:
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                block = plane[top : top + rows, left : left + columns].astype(f"f{bits // 8}")
                if tile:
                    block = np.pad(block, ((0, tile - block.shape[0]), (0, tile - block.shape[1]), (0, 0)))
                blocks.append(_packed_block(block, bits // 8, order, predictor, packing))
    numbers = {
        256: width,
        257: height,
        259: {"none": 1, "lzw": 5, "deflate": 8}[packing],
        262: 2 if samples >= 3 else 1,
        277: samples,
        284: 2 if planar else 1,
        317: predictor,
    }
    listed = {tag: (3, struct.pack(f"{order}H", value)) for tag, value in numbers.items()}
    listed |= {
        tag: (3, struct.pack(f"{order}{samples}H", *[value] * samples)) for tag, value in ((258, bits), (339, 3))
    }
    listed[325 if tile else 279] = (4, struct.pack(f"{order}{len(blocks)}I", *map(len, blocks)))
    listed |= {322: (4, struct.pack(f"{order}I", tile)), 323: (4, struct.pack(f"{order}I", tile))} if tile else {}
    listed |= {} if tile else {278: (4, struct.pack(f"{order}I", rows))}
    if samples in (2, 4):
        listed[338] = (3, struct.pack(f"{order}H", 2))
    listed |= tags or {}
    offsets = [8 + sum(map(len, blocks[:number])) for number in range(len(blocks))]
    listed[324 if tile else 273] = (4, struct.pack(f"{order}{len(blocks)}I", *offsets))
    start = 8 + sum(map(len, blocks))
    start += start % 2
    body, entries, after = b"".join(blocks), b"", b""
    for tag, (kind, content) in sorted(listed.items()):
        count = len(content) // {1: 1, 3: 2, 4: 4, 7: 1}[kind]
        where = content.ljust(4, b"\0")
        if len(content) > 4:
            where = struct.pack(f"{order}I", start + 2 + 12 * len(listed) + 4 + len(after))
            after += content + bytes(len(content) % 2)
        entries += struct.pack(f"{order}HHI", tag, kind, count) + where
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, start)
    return (head + body).ljust(start, b"\0") + struct.pack(f"{order}H", len(listed)) + entries + bytes(4) + after


def _packed_block(block: Any, size: int, order: str, predictor: int, packing: str) -> bytes:
    import numpy as np

    rows, _, samples = block.shape
    if predictor == 3:
        planes = (
            block.astype(f">f{size}")
            .view(np.uint8)
            .reshape(rows, -1, size)
            .transpose(0, 2, 1)
            .reshape(rows, -1, samples)
        )
        data = np.diff(planes, axis=1, prepend=np.zeros((rows, 1, samples), np.uint8)).astype(np.uint8).tobytes()
    elif predictor == 2:
        words = np.ascontiguousarray(block).view(f"u{size}").reshape(rows, -1, samples)
        steps = np.diff(words, axis=1, prepend=np.zeros((rows, 1, samples), words.dtype))
        data = steps.astype(f"{order}u{size}").tobytes()
    else:
        data = block.astype(f"{order}f{size}").tobytes()
    if packing == "deflate":
        return zlib.compress(data)
    if packing == "lzw":
        whole = saved(
            Image.frombytes("L", (len(data) // rows, rows), data), "TIFF", compression="tiff_lzw", strip_size=1 << 28
        )
        with Image.open(io.BytesIO(whole)) as packed:
            ((at,), (count,)) = packed.tag_v2[273], packed.tag_v2[279]  # type: ignore[attr-defined]
        return whole[at : at + count]
    return data


def linear_grey_profile() -> bytes:
    """A profile of grey whose curve is a straight line."""
    tags = {
        b"kTRC": b"curv" + bytes(8),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63_190, 65_536, 54_061),
        b"desc": b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2, 28) + b"\0g" + bytes(2),
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(content))
        body += content
    white = struct.pack(">3i", 63_190, 65_536, 54_061)
    head = struct.pack(">I4sI4s4s4s", 132 + 12 * len(tags) + len(body), b"lcms", 0x04300000, b"mntr", b"GRAY", b"XYZ ")
    return (head + bytes(12) + b"acsp" + bytes(28) + white).ljust(128, b"\0") + table + body


def np_noise(width: int, height: int) -> Any:
    """Fractions that cannot be compressed: rows, columns and three samples."""
    import numpy as np

    return np.random.default_rng(3).random((height, width, 3))

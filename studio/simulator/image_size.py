"""Read the size of an image from its first bytes, without a decoder in the server's process."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

# The service answers a longer side with 413 (luma-api.md section 3.9).
LONGEST_SIDE = 8000
# JPEG segments that carry no size; every other SOF marker does.
JPEG_NOT_FRAMES = (0xC4, 0xC8, 0xCC)
Size = tuple[int, int]


def image_size(path: Path) -> Size | None:
    """Return width and height in pixels, or None for what is no readable JPEG, PNG, WebP or GIF."""
    with path.open("rb") as file:
        head = file.read(30)
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
        if head.startswith((b"GIF87a", b"GIF89a")):
            return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _webp(head)
        return _jpeg(file) if head.startswith(b"\xff\xd8") else None


def _webp(head: bytes) -> Size | None:
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return None


def _jpeg(file: BinaryIO) -> Size | None:
    """Walk the segments to the frame header; fill bytes may stand before a marker."""
    file.seek(2)
    while byte := file.read(1):
        if byte != b"\xff":
            return None
        while (marker := file.read(1)) == b"\xff":
            pass
        if not marker or marker[0] == 0xD9:
            return None
        if marker[0] == 0x01 or 0xD0 <= marker[0] <= 0xD8:
            continue
        segment = file.read(7)
        if len(segment) < 7:
            return None
        if 0xC0 <= marker[0] <= 0xCF and marker[0] not in JPEG_NOT_FRAMES:
            return int.from_bytes(segment[5:7]), int.from_bytes(segment[3:5])
        file.seek(int.from_bytes(segment[:2]) - 7, 1)
    return None

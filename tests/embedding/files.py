"""Files of each kind, what a maker may have put into them, and what exiftool reads in them."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.embedding import Note, Spliced, embed

PIXELS = Image.effect_noise((61, 40), 90).convert("RGB")
CLEAR = PIXELS.convert("RGBA")
CLEAR.putalpha(Image.linear_gradient("L").resize(PIXELS.size))
# How a file is written: its format, the picture in it, and what Pillow is told.
WAYS: dict[str, tuple[str, Image.Image, dict[str, Any]]] = {
    "png": ("png", PIXELS, {}),
    "png with alpha": ("png", CLEAR, {}),
    "png of a palette": ("png", PIXELS.convert("P"), {}),
    "jpeg": ("jpeg", PIXELS, {}),
    "progressive jpeg": ("jpeg", PIXELS, {"progressive": True}),
    "jpeg with exif": ("jpeg", PIXELS, {"exif": Image.Exif().tobytes()}),
    "webp": ("webp", PIXELS, {}),
    "webp with alpha": ("webp", CLEAR, {}),
    "lossless webp": ("webp", PIXELS, {"lossless": True}),
    "lossless webp with alpha": ("webp", CLEAR, {"lossless": True}),
    "moving webp": ("webp", PIXELS, {"save_all": True, "append_images": [PIXELS.rotate(9)]}),
    "gif": ("gif", PIXELS, {}),
}
THEIR_XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="urn:theirs" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="Their own"%s</rdf:Description></rdf:RDF></x:xmpmeta>'
    b'<?xpacket end="w"?>'
)
DIGITAL_SOURCE = b'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
MARK = Note("trained")
WORDS = 'Harbour "at" <dusk> & ünï 港 🎈\nnew line'
EVERYTHING = Note(
    "composite",
    code="c0de:signed",
    settings='{"prompt": "Harbour \\"at\\" <dusk> & ünï 港 🎈"}',
    parameters=WORDS,
    prompt=WORDS,
    derived_from="1f0c9a2b",
)


def written(way: str, **more: Any) -> bytes:
    format, pixels, options = WAYS[way]
    out = io.BytesIO()
    pixels.save(out, format, **options, **more)
    return out.getvalue()


def with_xmp(way: str, packet: bytes) -> bytes:
    data = written(way)
    if way == "png":
        return data[:33] + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet) + data[33:]
    return written(way, xmp=packet)


def noted(data: bytes, format: str, note: Note) -> bytes:
    made = embed(io.BytesIO(data), "file", format, note)
    return Spliced(made.pieces, lambda _: io.BytesIO(data)).read()


def pixels_of(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        frames = []
        for frame in range(getattr(picture, "n_frames", 1)):
            picture.seek(frame)
            frames.append(picture.convert("RGBA").tobytes())
        return b"".join(frames)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_credentials(format: str, holds: bytes = b"") -> bytes:
    """A file with the container of a C2PA manifest that holds some bytes, in a JPEG half of them in another segment."""
    data = written(format)
    head = struct.pack(">I4s", 24 + len(holds), b"jumb")
    box = head + struct.pack(">I4s", 16, b"jumd") + b"c2pa\0\x11\0\x10" + holds
    if format == "gif":
        at = 13 + (3 << (data[10] & 7) + 1)
        parts = [box[start : start + 255] for start in range(0, len(box), 255)]
        blocks = b"".join(bytes([len(part)]) + part for part in parts)
        return data[:at] + b"!\xff\x0bC2PA_GIF\1\0\0" + blocks + b"\0" + data[at:]
    if format == "png":
        return data[:33] + png_chunk(b"caBX", box) + data[33:]
    if format == "jpeg":
        half = len(box) - len(holds) // 2
        bodies = [b"JP\0\1\0\0\0\1" + box[:half], *([b"JP\0\1\0\0\0\2" + head + box[half:]] if holds else [])]
        segments = [struct.pack(">HH", 0xFFEB, len(body) + 2) + body for body in bodies]
        return data[:2] + b"".join(segments) + data[2:]
    chunks = data[12:] + struct.pack("<4sI", b"C2PA", len(box)) + box + b"\0" * (len(box) % 2)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def exiftool(folder: Path, **files: bytes) -> dict[str, dict[str, Any]]:
    """Everything that exiftool reads in files, by group and name; `a_png` is a PNG. It takes a while to start."""
    program = shutil.which("exiftool")
    if not program:
        pytest.skip("exiftool is not installed: apt-get install libimage-exiftool-perl")
    paths = []
    for name, data in files.items():
        paths.append(folder / f"{name}.{name.rpartition('_')[2]}")
        paths[-1].write_bytes(data)
    command = [program, "-json", "-G1", "-struct", "-all", "-validate", "-a", *paths]
    read = subprocess.run(command, capture_output=True, check=False, timeout=60)
    found: list[dict[str, Any]] = json.loads(read.stdout)
    return dict(zip(files, found, strict=True))


def named(way: str) -> str:
    """Return the name of a file of this kind, as `exiftool` takes it."""
    return f"{way.replace(' ', '_')}_{WAYS[way][0]}"

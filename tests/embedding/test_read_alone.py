"""HEIC, AVIF and TIFF files, which nothing is laid into: what they say of AI is read, whoever has written it."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import time
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import TiffImagePlugin

from studio import embedding
from tests.embedding.files import COMPOSITE, DIGITAL_SOURCE, PIXELS, THEIR_XMP, TRAINED

CAPTURE = TRAINED.replace("trainedAlgorithmicMedia", "digitalCapture")
KINDS = ("heic", "avif", "tiff", "big tiff")
C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_TAG = 0xCD41


def packet(source: str) -> bytes:
    return THEIR_XMP % (
        b' %s Iptc4xmpExt:DigitalSourceType="%s"/><rdf:Description>' % (DIGITAL_SOURCE, source.encode())
    )


def written(kind: str, *, xmp: bytes = b"", manifests: bytes = b"") -> bytes:
    """A file of a kind as its library writes it, with a packet and content credentials."""
    out = io.BytesIO()
    if "tiff" not in kind:
        options = {"xmp": xmp} if xmp else {}
        if kind == "heic":
            pillow_heif.from_pillow(PIXELS).save(out, **options)
        else:
            PIXELS.save(out, "AVIF", **options)
        return out.getvalue() + (box(b"uuid", C2PA_BOX + bytes(4) + b"manifest\0" + manifests) if manifests else b"")
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in ((700, xmp), (C2PA_TAG, manifests)):
        if value:
            tags.tagtype[tag], tags[tag] = 7, value
    PIXELS.save(out, "TIFF", tiffinfo=tags, big_tiff=kind == "big tiff")
    return out.getvalue()


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, version: int, body: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24) + body)


def read(data: bytes) -> str:
    return embedding.read(io.BytesIO(data)).source_type


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("source", "said"), [(TRAINED, "trained"), (COMPOSITE, "composite"), (CAPTURE, "")])
def test_a_packet_and_content_credentials_are_read(kind: str, source: str, said: str) -> None:
    assert read(written(kind)) == ""
    assert read(written(kind, xmp=packet(source))) == said
    assert read(written(kind, manifests=b"\xa1qdigitalSourceTypex" + source.encode())) == said


@pytest.mark.parametrize("kind", ["heic", "avif", "tiff"])  # exiftool writes no BigTIFF
def test_what_another_program_writes_is_read(tmp_path: Path, kind: str) -> None:
    program = shutil.which("exiftool")
    if not program:
        pytest.skip("exiftool is not installed: apt-get install libimage-exiftool-perl")
    file = tmp_path / f"a.{kind}"
    file.write_bytes(written(kind))
    subprocess.run(
        [program, f"-XMP-iptcExt:DigitalSourceType={COMPOSITE}", "-overwrite_original", file],
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert read(file.read_bytes()) == "composite"


def meta(iinf: bytes, iloc: bytes, more: bytes = b"") -> bytes:
    head = box(b"ftyp", b"avif\0\0\0\0mif1")
    return head + full(b"meta", 0, full(b"iinf", 0, b"\0\1" + iinf) + iloc + more)


PACKET_ITEM = full(b"infe", 2, b"\0\7\0\0mime\0application/rdf+xml\0")


def test_a_packet_is_read_wherever_its_box_may_put_it() -> None:
    text = packet(TRAINED)
    inside = meta(
        PACKET_ITEM,
        full(b"iloc", 1, struct.pack(">HHHHHHII", 0x4400, 1, 7, 1, 0, 1, 0, len(text))),
        box(b"idat", text),
    )
    assert read(inside) == "trained"
    packed = zlib.compress(text)
    deflated = meta(
        full(b"infe", 3, b"\0\0\0\7\0\0mime\0application/rdf+xml\0deflate\0"),
        full(b"iloc", 2, struct.pack(">HIIHHHII", 0x4400, 1, 7, 1, 0, 1, 0, len(packed))),
        box(b"idat", packed),
    )
    assert read(deflated) == "trained"
    old = meta(
        full(b"infe", 0, b"\0\7\0\0\0application/rdf+xml\0\0"),
        full(b"iloc", 0, struct.pack(">HHHHHII", 0x4400, 1, 7, 0, 1, 0, len(text))),
    )
    at = len(old).to_bytes(4)
    assert read(old.replace(b"\0\1\0\0\0\0" + len(text).to_bytes(4), b"\0\1" + at + len(text).to_bytes(4)) + text)
    assert read(box(b"ftyp", b"heic") + box(b"uuid", XMP_BOX + text)) == "trained"
    long = struct.pack(">I4sQ", 1, b"uuid", 32 + len(text)) + XMP_BOX + text
    assert read(box(b"ftyp", b"heic") + long) == "trained"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_or_lies_is_read_at_once(kind: str) -> None:
    whole = written(kind, xmp=packet(TRAINED), manifests=TRAINED.encode())
    for length in range(0, len(whole), max(1, len(whole) // 80)):
        read(whole[:length])
    # Lengths, places and counts are written as numbers somewhere in the first and the last bytes.
    for at in [*range(4, min(600, len(whole))), *range(len(whole) - 400, len(whole))]:
        for lie in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\1"):
            read(whole[:at] + lie + whole[at + 4 :])


LISTED = struct.pack(">HHHHH", 0, 1, 7, 0, 65_535)
BOMB = zlib.compress(bytes(64 << 20))
HOSTILE = {
    "boxes without an end": box(b"ftyp", b"avif") + struct.pack(">I4s", 8, b"free") * 300_000,
    "a box that is longer than the file": box(b"ftyp", b"avif") + struct.pack(">I4sQ", 1, b"meta", 1 << 62),
    "a box that is shorter than its head": box(b"ftyp", b"avif") + struct.pack(">I4s", 4, b"meta"),
    "pieces without a length": meta(PACKET_ITEM, full(b"iloc", 0, LISTED)),
    "items without an end": meta(PACKET_ITEM, full(b"iloc", 0, struct.pack(">HH", 0, 65_535) + LISTED[4:] * 65_535)),
    "a packet of 4 GB": meta(PACKET_ITEM, full(b"iloc", 0, struct.pack(">HHHHHII", 0x4400, 1, 7, 0, 1, 0, 0xFFFFFFFF))),
    "a packet that unpacks to 64 MB": meta(
        full(b"infe", 2, b"\0\7\0\0mime\0application/rdf+xml\0deflate\0"),
        full(b"iloc", 1, struct.pack(">HHHHHHII", 0x4400, 1, 7, 1, 0, 1, 0, len(BOMB))),
        box(b"idat", BOMB),
    ),
    "a page of ever so many entries": b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1 << 60),
    "a page that lies in itself": b"II*\0" + struct.pack("<I", 0) * 100,
    "a tag of 4 GB": b"II*\0" + struct.pack("<IHHHII", 8, 1, C2PA_TAG, 7, 0xFFFFFFFF, 0) + bytes(4),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little(name: str) -> None:
    began = time.process_time()
    assert read(HOSTILE[name]) == ""
    assert time.process_time() - began < 1

"""Notes in files: read back by others, pixels and everything else untouched, and out again without a trace."""

from __future__ import annotations

import hashlib
import io
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from studio import embedding
from studio.embedding import Note, Spliced, Unfit
from tests.embedding.files import (
    COMPOSITE,
    DIGITAL_SOURCE,
    EVERYTHING,
    MARK,
    PIXELS,
    THEIR_XMP,
    TRAINED,
    WAYS,
    WORDS,
    exiftool,
    named,
    noted,
    pixels_of,
    png_chunk,
    with_credentials,
    with_xmp,
    written,
)


def test_marks_are_read_by_others_and_the_pixels_are_the_same(tmp_path: Path) -> None:
    plain = {named(way): written(way) for way in WAYS}
    marked = {named(way): noted(written(way), WAYS[way][0], MARK) for way in WAYS}
    before, after = exiftool(tmp_path, **plain), exiftool(tmp_path, **marked)
    for name, data in marked.items():
        assert pixels_of(data) == pixels_of(plain[name])
        assert len(data) - len(plain[name]) < 700
        assert after[name]["XMP-iptcExt:DigitalSourceType"] == TRAINED, name
        assert after[name]["ExifTool:Validate"] == before[name]["ExifTool:Validate"], name


def test_settings_are_read_by_others_whatever_words_are_in_them(tmp_path: Path) -> None:
    full = {named(way): noted(written(way), WAYS[way][0], EVERYTHING) for way in WAYS}
    for (name, found), way in zip(exiftool(tmp_path, **full).items(), WAYS, strict=True):
        data, format = full[name], WAYS[way][0]
        assert pixels_of(data) == pixels_of(written(way))
        assert found["XMP-iptcExt:DigitalSourceType"] == COMPOSITE
        assert found["XMP-studio:Settings"] == EVERYTHING.settings
        assert found["XMP-dc:Description"] == WORDS
        assert found["XMP-xmpMM:DerivedFrom"] == {"DocumentID": "uuid:1f0c9a2b"}
        if format == "png":
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
                assert picture.text["parameters"] == WORDS
        elif format != "gif" and "exif" not in way:
            assert found["ExifIFD:UserComment"] == WORDS
        assert embedding.read(io.BytesIO(data)) == ("composite", "c0de:signed")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("note", [MARK, EVERYTHING], ids=["mark", "everything"])
def test_a_file_is_known_by_what_it_was_before(way: str, note: Note) -> None:
    data, format = written(way), WAYS[way][0]
    before = hashlib.sha256(data).hexdigest()
    assert before in embedding.original_digests(io.BytesIO(noted(data, format, note)))
    assert list(embedding.original_digests(io.BytesIO(data))) == []


def test_what_the_maker_wrote_stays_beside_it(tmp_path: Path) -> None:
    theirs = {way: with_xmp(way, THEIR_XMP % b">") for way in ("png", "jpeg", "webp")}
    full = {
        f"{kind}_{way}": noted(data, way, note)
        for way, data in theirs.items()
        for kind, note in (("mark", MARK), ("everything", EVERYTHING))
    }
    for name, found in exiftool(tmp_path, **full).items():
        kind, way = name.split("_")
        assert found["XMP-dc:Source"] == "Their own"
        assert found["XMP-rdf:About"] == "urn:theirs"
        assert found["XMP-iptcExt:DigitalSourceType"] == (TRAINED if kind == "mark" else COMPOSITE)
        assert pixels_of(full[name]) == pixels_of(theirs[way])
        assert hashlib.sha256(theirs[way]).hexdigest() in embedding.original_digests(io.BytesIO(full[name]))


def test_another_word_on_the_same_subject_gives_way(tmp_path: Path) -> None:
    capture = b"http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    forms = {
        "attribute_png": b" %s Iptc4xmpExt:DigitalSourceType='%s'>",
        "element_png": b" %s><Iptc4xmpExt:DigitalSourceType>\n%s</Iptc4xmpExt:DigitalSourceType>",
        "resource_png": b' %s><Iptc4xmpExt:DigitalSourceType rdf:resource="%s"/>',
        "prefix_png": b""" %s a:b="DigitalSourceType='x' >" xmlns:a="urn:a" xmlns:e="urn:e"><dc:title/>"""
        b"<Iptc4xmpExt:DigitalSourceType>%s</Iptc4xmpExt:DigitalSourceType >",
        "value_png": b" %s><Iptc4xmpExt:DigitalSourceType rdf:parseType='Resource'><rdf:value>%s</rdf:value>"
        b"</Iptc4xmpExt:DigitalSourceType>",
    }
    theirs = {name: with_xmp("png", THEIR_XMP % (form % (DIGITAL_SOURCE, capture))) for name, form in forms.items()}
    full = {name: noted(data, "png", MARK) for name, data in theirs.items()}
    for name, found in exiftool(tmp_path, **full).items():
        assert capture not in full[name]
        assert found["XMP-iptcExt:DigitalSourceType"] == TRAINED, name
        assert found["XMP-dc:Source"] == "Their own"


def test_what_stands_behind_an_element_is_left_alone() -> None:
    form = b" %s><Iptc4xmpExt:DigitalSourceType>%s</Iptc4xmpExt:DigitalSourceType>\n "
    theirs = with_xmp("png", THEIR_XMP % (form % (DIGITAL_SOURCE, TRAINED.encode())))
    assert noted(theirs, "png", MARK) == theirs


def test_a_jpeg_with_fill_bytes_before_its_markers_is_marked() -> None:
    plain = written("jpeg")
    filled = plain[:2] + b"\xff\xff\xff" + plain[2:]
    made = noted(filled, "jpeg", MARK)
    assert TRAINED.encode() in made
    assert pixels_of(made) == pixels_of(plain)


def test_a_mark_that_is_there_already_leaves_the_file_as_it_is() -> None:
    data = with_xmp(
        "png", THEIR_XMP % (b' %s Iptc4xmpExt:DigitalSourceType="%s">' % (DIGITAL_SOURCE, TRAINED.encode()))
    )
    assert noted(data, "png", MARK) == data


def test_a_packed_packet_is_read(tmp_path: Path) -> None:
    data = written("png")
    packed = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(THEIR_XMP % b">")
    full = noted(data[:33] + png_chunk(b"iTXt", packed) + data[33:], "png", MARK)
    found = exiftool(tmp_path, packed_png=full)["packed_png"]
    assert (found["XMP-dc:Source"], found["XMP-iptcExt:DigitalSourceType"]) == ("Their own", TRAINED)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_content_credentials_are_never_broken(format: str) -> None:
    data = with_credentials(format)
    assert embedding.has_credentials(io.BytesIO(data), format)
    assert not embedding.has_credentials(io.BytesIO(written(format)), format)
    made = embedding.embed(io.BytesIO(data), "file", format, EVERYTHING)
    assert made.is_untouched
    assert noted(data, format, EVERYTHING) == data


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "gif"])
@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ([TRAINED], "trained"),
        ([TRAINED, COMPOSITE], "composite"),
        ([TRAINED.replace("trainedAlgorithmicMedia", "digitalCapture")], ""),
        ([], ""),
    ],
)
def test_what_content_credentials_say_of_ai_is_read(format: str, types: list[str], kind: str) -> None:
    holds = b"-" * 200 + b"".join(b"\xa1qdigitalSourceTypex" + one.encode() for one in types)
    assert embedding.read(io.BytesIO(with_credentials(format, holds))).source_type == kind


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_cut_off_anywhere_is_refused_or_keeps_its_pixels(way: str) -> None:
    data, format = noted(written(way), WAYS[way][0], EVERYTHING), WAYS[way][0]
    for length in range(0, len(data), max(1, len(data) // 60)):
        cut = data[:length]
        # A GIF has no length to be seen from its start.
        if format != "gif":
            with pytest.raises(Unfit):
                embedding.embed(io.BytesIO(cut), "file", format, MARK)
        embedding.read(io.BytesIO(cut))
        list(embedding.original_digests(io.BytesIO(cut)))
    for other in {"png", "jpeg", "webp", "gif"} - {format}:
        with pytest.raises(Unfit):
            embedding.embed(io.BytesIO(data), "file", other, MARK)


def test_no_words_break_the_packet(tmp_path: Path) -> None:
    hostile = ("\0\x01\x0b", "\ud800 lone", "\uffff\ufffe", "</rdf:RDF>", "\"'", "]]>", "&#0;", "--><!--")
    full = {
        f"{number}_{format}": noted(
            written(format), format, Note("trained", settings=words, prompt=words, parameters=words)
        )
        for number, words in enumerate(hostile)
        for format in ("png", "jpeg", "webp")
    }
    for name, found in exiftool(tmp_path, **full).items():
        assert found["XMP-iptcExt:DigitalSourceType"] == TRAINED, name
        ElementTree.fromstring(  # noqa: S314 - written here
            full[name][full[name].index(b"<x:xmpmeta") : full[name].index(b"</x:xmpmeta>") + 12]
        )


@pytest.mark.parametrize(
    "part",
    [b":DigitalSourceType", b"<rdf:Description ", b"</rdf:RDF", b'<rdf:Description xmlns:studio="urn:studio:file:1" '],
)
def test_a_hostile_packet_costs_little(part: bytes) -> None:
    data = with_xmp("png", b"<rdf:RDF>" + part * (900_000 // len(part)) + b"</rdf:RDF>")
    noted(data, "png", EVERYTHING)
    list(embedding.original_digests(io.BytesIO(data)))


def test_pieces_are_read_as_one_file_from_any_place() -> None:
    files = {"a": b"0123456789", "b": b"abcdef"}
    pieces = [b"<", embedding.Part("a", 2, 5), b"", b"><", embedding.Part("b", 0, 6), embedding.Part("a", 9, 1), b">"]
    whole = b"<23456><abcdef9>"
    with Spliced(pieces, lambda name: io.BytesIO(files[name])) as file:
        assert file.read() == whole
        for start in range(len(whole) + 2):
            file.seek(start)
            assert file.read(4) == whole[start : start + 4]
        assert file.seek(-3, io.SEEK_END) == len(whole) - 3
        assert file.read() == whole[-3:]


def test_a_file_that_became_shorter_is_an_error_and_no_endless_read() -> None:
    with (
        Spliced([embedding.Part("a", 0, 20)], lambda _: io.BytesIO(b"0123")) as file,
        pytest.raises(OSError, match="ends"),
    ):
        file.read()


@pytest.mark.parametrize(
    ("way", "flags"), [("lossless webp", 0x04), ("lossless webp with alpha", 0x14), ("webp", 0x04)]
)
def test_a_webp_without_a_header_gets_one_that_fits(way: str, flags: int) -> None:
    marked = noted(written(way), "webp", MARK)
    assert marked[12:16] == b"VP8X"
    assert marked[20] == flags
    assert int.from_bytes(marked[24:27], "little") + 1 == PIXELS.width
    assert int.from_bytes(marked[27:30], "little") + 1 == PIXELS.height
    assert int.from_bytes(marked[4:8], "little") == len(marked) - 8

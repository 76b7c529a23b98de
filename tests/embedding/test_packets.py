"""Packets of XMP that others wrote: what they say of their picture is read, wherever and however it stands, and stays."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from studio import embedding
from tests.embedding.files import (
    COMPOSITE,
    DIGITAL_SOURCE,
    EVERYTHING,
    MARK,
    THEIR_XMP,
    TRAINED,
    exiftool,
    noted,
    with_xmp,
)


@pytest.mark.parametrize(
    "more",
    [
        b' %s><dc:relation rdf:parseType="Resource"><Iptc4xmpExt:DigitalSourceType>%s'
        b"</Iptc4xmpExt:DigitalSourceType></dc:relation>",
        b" %s><!-- <a Iptc4xmpExt:DigitalSourceType='%s'/> -->",
        b" %s><dc:title><![CDATA[ Iptc4xmpExt:DigitalSourceType='%s' ]]></dc:title>",
        b"""%s a:b="Iptc4xmpExt:DigitalSourceType='%s'" xmlns:a="urn:a">""",
    ],
    ids=["of what it was made of", "in a comment", "in a text", "in another attribute"],
)
def test_what_does_not_stand_at_the_top_says_nothing_of_the_picture(tmp_path: Path, more: bytes) -> None:
    theirs = with_xmp("png", THEIR_XMP % (b" " + more % (DIGITAL_SOURCE, COMPOSITE.encode())))
    assert embedding.read(io.BytesIO(theirs)) == embedding.Said()
    full = noted(theirs, "png", MARK)
    found = exiftool(tmp_path, full_png=full)["full_png"]
    assert (found["XMP-dc:Source"], found["XMP-iptcExt:DigitalSourceType"]) == ("Their own", TRAINED)
    assert hashlib.sha256(theirs).hexdigest() in embedding.original_digests(io.BytesIO(full))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_packet_of_another_encoding_is_read_and_kept(tmp_path: Path, encoding: str) -> None:
    packet = (THEIR_XMP % b">").decode().encode(encoding)
    full = noted(with_xmp("png", packet), "png", EVERYTHING)
    found = exiftool(tmp_path, full_png=full)["full_png"]
    assert (found["XMP-dc:Source"], found["XMP-iptcExt:DigitalSourceType"]) == ("Their own", COMPOSITE)
    said = THEIR_XMP % (b' %s Iptc4xmpExt:DigitalSourceType="%s">' % (DIGITAL_SOURCE, TRAINED.encode()))
    assert embedding.read(io.BytesIO(with_xmp("png", said.decode().encode(encoding)))).source_type == "trained"


@pytest.mark.parametrize(
    ("packet", "kept"),
    [
        (b"<rdf:RDF xmlns:rdf='%s'/>", False),
        (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='%s'/></x:xmpmeta>", False),
        (
            b"<!DOCTYPE a [<!ENTITY e 'v'>]><rdf:RDF xmlns:rdf='%s'><rdf:Description xmlns:dc='http://purl.org/dc/"
            b"elements/1.1/' dc:source='Their own'/></rdf:RDF>",
            True,
        ),
        (
            b"<rdf:RDF xmlns:rdf='%s'><rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:source='Their own'/>"
            b"</rdf:RDF><!-- </rdf:RDF> -->\0\0",
            True,
        ),
        (b"hello", False),
    ],
    ids=["empty", "empty in another", "a document type", "more behind it", "no XML"],
)
def test_a_packet_without_a_place_for_more_gives_way(tmp_path: Path, packet: bytes, kept: bool) -> None:
    whole = packet % b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" if b"%s" in packet else packet
    full = noted(with_xmp("png", whole), "png", MARK)
    found = exiftool(tmp_path, full_png=full)["full_png"]
    assert found["XMP-iptcExt:DigitalSourceType"] == TRAINED
    assert found.get("XMP-dc:Source") == ("Their own" if kept else None)

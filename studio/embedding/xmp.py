"""A packet of XMP, read as XML: what it says of its picture, and where in its bytes that stands.

Words of the same name may lie deeper, in comments or in the history of what a picture was made of: they say nothing of
the picture itself (XMP specification, part 1, section 7).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ROOT, _ABOUT = f"{RDF} RDF", {f"{RDF} about", "about"}
# Anything up to the end of a tag, whatever its values hold; and one attribute after the other within it.
_TAG = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*+>")
_ATTRIBUTE = re.compile(rb"\s+([^\s=\"'<>/]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_NAME = re.compile(rb"<[^\s/>]+")
# How a packet begins in an encoding that only text files have: PNG, JPEG, WebP and GIF want UTF-8.
_ENCODINGS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


class Property(NamedTuple):
    """What a packet says of its picture. `name`: its namespace and its name, a space between them."""

    name: str
    value: str
    # The bytes of its element, or of its attribute.
    start: int
    end: int


@dataclass(slots=True)
class Outline:
    """`end`: where another element may be added."""

    end: int
    about: str = ""
    properties: list[Property] = field(default_factory=list)


def as_utf8(packet: bytes) -> bytes:
    """Return a packet in UTF-8; as it is where it is that already, or damaged."""
    encoding = next((one for head, one in _ENCODINGS.items() if packet.startswith(head)), "")
    try:
        return packet.decode(encoding).encode() if encoding else packet
    except UnicodeError:
        return packet


def outline(packet: bytes) -> Outline | None:
    """Read a packet in UTF-8; None where it is no XML, or has no place for an element more."""
    reader = _Reader(packet)
    with suppress(expat.ExpatError, _Foreign):  # what follows the end says nothing more
        reader.parser.Parse(packet, True)
    return Outline(reader.end, reader.about, reader.properties) if reader.end else None


class _Foreign(Exception):
    """A packet has no document type: with one, a few words may stand for any number."""


class _Reader:
    def __init__(self, packet: bytes) -> None:
        self.packet, self.end, self.about = packet, 0, ""
        self.properties: list[Property] = []
        self.depth = self.root = 0
        self.name, self.start, self.text, self.is_open = "", 0, list[str](), False
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.StartElementHandler, parser.EndElementHandler = self._opened, self._closed
        parser.CharacterDataHandler = self._read
        parser.StartDoctypeDeclHandler = self._declared

    def _declared(self, *_: object) -> None:
        raise _Foreign

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if name == _ROOT and not self.root:
            self.root = self.depth
            self.is_open = not self._is_empty(self.parser.CurrentByteIndex)
        elif self.root and self.depth == self.root + 1:
            self.about = self.about or next((value for one, value in attributes.items() if one in _ABOUT), "")
            self._take(self.parser.CurrentByteIndex, attributes)
        elif self.root and self.depth == self.root + 2:
            self.name, self.start = name, self.parser.CurrentByteIndex
            self.text = [attributes.get(f"{RDF} resource", "")]

    def _closed(self, name: str) -> None:
        at = self.parser.CurrentByteIndex
        if self.depth == self.root:
            self.end = at if self.is_open else 0
            self.root = -1  # nothing that follows is of the picture
        elif self.root > 0 and self.depth == self.root + 2:
            is_empty = self._is_empty(self.start)
            end = self._tag(self.start) if is_empty else self.packet.index(b">", at) + 1
            self.properties.append(Property(self.name, "".join(self.text).strip(), self.start, end))
        self.depth -= 1

    def _read(self, text: str) -> None:
        if self.root > 0 and self.depth >= self.root + 2:
            self.text.append(text)

    def _is_empty(self, start: int) -> bool:
        """Whether the tag that begins there is all of its element. Expat tells both of its ends at the same place."""
        return self.packet.endswith(b"/>", 0, self._tag(start))

    def _tag(self, start: int) -> int:
        found = _TAG.match(self.packet, start)
        return found.end() if found else start

    def _take(self, start: int, attributes: dict[str, str]) -> None:
        """Note what stands in a tag that begins at `start`. Expat keeps the order, and tells no namespaces' names."""
        name = _NAME.match(self.packet, start)
        at, end = name.end() if name else start, self._tag(start)
        told = iter(attributes.items())
        while found := _ATTRIBUTE.match(self.packet, at, end):
            at = found.end()
            if found[1] != b"xmlns" and not found[1].startswith(b"xmlns:"):
                key, value = next(told, ("", ""))
                self.properties.append(Property(key, value, found.start(), found.end()))

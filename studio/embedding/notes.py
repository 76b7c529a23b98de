"""What a file says of itself, as XMP and as EXIF."""

from __future__ import annotations

import hashlib
import re
import struct
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from studio.embedding import xmp

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
# What Studio calls the two kinds of picture that AI had a part in, and their names in IPTC's list.
SOURCE_TYPES = {"trained": "trainedAlgorithmicMedia", "composite": "compositeWithTrainedAlgorithmicMedia"}
# Of the list, what says that AI had a part; a file of somebody else may use any.
_BY_AI = {
    b"trainedAlgorithmicMedia": "trained",
    b"algorithmicMedia": "trained",
    b"compositeWithTrainedAlgorithmicMedia": "composite",
    b"compositeSynthetic": "composite",
}
# Another number gives every file with a note a new ETag, for the day when notes are written otherwise.
NOTES = "1"
# A packet that begins so was written here as a whole, and an element that begins so was added to somebody else's.
OWN_PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Studio">'
# Where a program may look for packets in any file, they are wrapped (XMP specification, part 1, section 7.3.2).
_WRAPPER = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>', b'<?xpacket end="r"?>'
_OWN_STARTS = (OWN_PACKET, _WRAPPER[0] + OWN_PACKET)
_OWN_ELEMENT, _OWN_END = b'<rdf:Description xmlns:studio="urn:studio:file:1" ', b"</rdf:Description>"
_RDF = f'xmlns:rdf="{xmp.RDF}"'
_SOURCE_TYPE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ DigitalSourceType"
_DESCRIPTION = "http://purl.org/dc/elements/1.1/ description"
_DERIVED_FROM = "http://ns.adobe.com/xap/1.0/mm/ DerivedFrom"
_END = re.compile(rb"</(?:[\w.-]{1,99}:)?RDF\s{0,99}>")
# In a packet that is no XML.
_VALUE = re.compile(rb"DigitalSourceType[^<]{0,300}?/digitalsourcetype/([A-Za-z]{1,99})")
_IN_MANIFESTS = re.compile(rb"/digitalsourcetype/([A-Za-z]{1,99})")
_CODE = re.compile(rb'studio:picture="([^"<]{1,200})"')
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# An EXIF block of ours, up to its comment: one directory with a pointer to another, which holds the comment alone.
OWN_EXIF = b"MM\0*" + struct.pack(">IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0) + struct.pack(">HHH", 1, 0x9286, 7)
# More than any packet of ours; another one may be larger and is left alone.
LONGEST_PACKET = 1 << 20
# Thumbnails and the manifests of what a picture was made of may lie in them too.
LONGEST_MANIFESTS = 16 << 20
# Where a packet says what it is about.
_BEGINNING = 16_384


class Note(NamedTuple):
    """What is written into a file; all of it may be empty."""

    # "trained" or "composite": that AI made it, or had a part in it.
    source_type: str = ""
    # Which picture of this studio it is, signed.
    code: str = ""
    # The request as JSON, and as the line that other programs read.
    settings: str = ""
    parameters: str = ""
    prompt: str = ""
    # The code of the picture that this one was made of: of another size, cut, or in another format.
    derived_from: str = ""

    @property
    def digest(self) -> str:
        """Twelve characters that tell this note from every other one; "" of an empty one."""
        if not any(self):
            return ""
        return hashlib.sha256("\0".join((NOTES, *self)).encode("utf-8", "replace")).hexdigest()[:12]

    @property
    def is_mark_alone(self) -> bool:
        return not (self.code or self.settings or self.prompt)


class Said(NamedTuple):
    """What a file said: of which kind it is ("" if not by AI), and the signed code of a picture."""

    source_type: str = ""
    code: str = ""


def packet(note: Note, *, wrapped: bool = False) -> bytes:
    """Write a whole XMP packet: without padding, because nobody edits it in place."""
    element = _description(note, about='""', own=not note.is_mark_alone)
    whole = OWN_PACKET + f"<rdf:RDF {_RDF}>".encode() + element + b"</rdf:RDF></x:xmpmeta>"
    return whole.join(_WRAPPER) if wrapped else whole


def extended(found: bytes, note: Note, *, wrapped: bool = False) -> bytes:
    """Add the note to a packet of somebody else, all of which stays but for another word on the same subject."""
    if found.startswith(_OWN_STARTS):
        return packet(note, wrapped=wrapped)
    known = xmp.as_utf8(found)
    end = next(reversed(list(_END.finditer(known))), None)
    outline = xmp.outline(known) or (xmp.Outline(end.start()) if end else None)
    if outline is None:
        return packet(note, wrapped=wrapped)  # nothing that a program could read
    values = [one for one in outline.properties if one.name == _SOURCE_TYPE]
    if note.source_type and [one.value for one in values] == [IPTC + SOURCE_TYPES[note.source_type]]:
        note, values = note._replace(source_type=""), []
    # A property may stand in a packet once.
    names = {one.name for one in outline.properties}
    note = note._replace(prompt="" if _DESCRIPTION in names else note.prompt)
    note = note._replace(derived_from="" if _DERIVED_FROM in names else note.derived_from)
    if not any(note._replace(parameters="")):
        return found
    element = _description(note, about=quoteattr(outline.about), own=True, declares=True)
    pieces, at = list[bytes](), 0
    for one in values if note.source_type else ():
        pieces.append(known[at : one.start])
        at = one.end
    return b"".join((*pieces, known[at : outline.end], element, known[outline.end :]))


def without(found: bytes) -> bytes | None:
    """Return a packet as it was before anything was added here; None for one that was written here."""
    if found.startswith(_OWN_STARTS):
        return None
    start = found.find(_OWN_ELEMENT)
    end = found.find(_OWN_END, start) if start >= 0 else -1
    return found[:start] + found[end + len(_OWN_END) :] if end >= 0 else found


def said(found: bytes, manifests: bytes = b"") -> Said:
    """Read a packet and, where it names no kind, the manifests of content credentials: what they hold is plain text."""
    known = xmp.as_utf8(found)
    if outline := xmp.outline(known):
        values = [one.value for one in outline.properties if one.name == _SOURCE_TYPE]
    else:
        values = [match[1].decode() for match in (_VALUE.search(known),) if match]
    kinds = {_BY_AI.get(value.rpartition("/")[2].encode(), "") for value in values if value}
    kinds = kinds or {_BY_AI.get(one, "") for one in _IN_MANIFESTS.findall(manifests)}
    code = _CODE.search(known)
    kind = next((one for one in ("composite", "trained") if one in kinds), "")
    return Said(kind, code[1].decode("ascii", "replace") if code else "")


def exif(parameters: str) -> bytes:
    """Write an EXIF block that holds the line as its comment, as programs for generated pictures expect it."""
    text = b"UNICODE\0" + _clean(parameters).encode("utf-16-be")
    return OWN_EXIF + struct.pack(">III", len(text), 44, 0) + text


def _description(note: Note, *, about: str, own: bool, declares: bool = False) -> bytes:
    """Write one element. With `own` it names our namespace first, so that it is found again in any packet."""
    start = _OWN_ELEMENT.decode() if own else "<rdf:Description "
    attributes, children = [f"{_RDF} rdf:about={about}" if declares else f"rdf:about={about}"], []
    if note.source_type:
        attributes.append('xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"')
        attributes.append(f'Iptc4xmpExt:DigitalSourceType="{IPTC}{SOURCE_TYPES[note.source_type]}"')
    if note.code:
        attributes.append(f'studio:picture="{note.code}"')
    if note.settings:
        attributes.append(f"studio:settings={_quoted(note.settings)}")
    if note.derived_from:
        attributes.append(
            'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#"'
        )
        children.append(f'<xmpMM:DerivedFrom stRef:documentID="uuid:{note.derived_from}"/>')
    if note.prompt:
        attributes.append('xmlns:dc="http://purl.org/dc/elements/1.1/"')
        words = escape(_clean(note.prompt))
        children.append(
            f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{words}</rdf:li></rdf:Alt></dc:description>'
        )
    whole = f"{start}{' '.join(attributes)}>{''.join(children)}</rdf:Description>"
    return whole.encode("utf-8", "ignore")


def _quoted(text: str) -> str:
    # Between double quotes whatever is inside, so that it is found again.
    return '"' + quoteattr(_clean(text), {'"': "&quot;", "'": "&apos;"})[1:-1] + '"'


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _NO_XML.sub("", text.encode("utf-8", "ignore").decode())

"""Write into a picture's file who made it and with what, without touching its pixels; and read that back.

The industry's mark of what AI made is the XMP property `Iptc4xmpExt:DigitalSourceType` (IPTC Photo Metadata Standard).
`embed` lays it between the file's own bytes, so that nothing is encoded anew and a file of any size costs a few reads of
its structure. Nothing is decoded here: chunks and segments are only walked. Libraries for this would cost more than they
give: pyexiv2 (GPLv3) and python-xmp-toolkit (Exempi) rewrite a whole file with a native parser in the process that hands
it out, and Pillow's `xmp=` encodes the pixels again.
"""

from __future__ import annotations

from studio.embedding.containers import (
    Embedded,
    embed,
    has_credentials,
    laid_into,
    original_digests,
    read,
    takes_notes,
)
from studio.embedding.notes import Note, Said
from studio.embedding.splice import Part, Piece, Spliced
from studio.embedding.walking import Unfit

__all__ = [
    "Embedded",
    "Note",
    "Part",
    "Piece",
    "Said",
    "Spliced",
    "Unfit",
    "embed",
    "has_credentials",
    "laid_into",
    "original_digests",
    "read",
    "takes_notes",
]

"""Name the files that Studio does not decode by how they begin, for a sentence that says what came."""

from __future__ import annotations

import re
from pathlib import Path

_HEAD_BYTES = 1024
# Each with what people call it. A BMP has two letters, its size, four zeros, where its pixels begin, and its header's size.
_KINDS = {
    "a JPEG XL": rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n",
    "a JPEG 2000": rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51",
    "a JPEG XR": rb"II\xbc\x01",
    "a BMP": rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}",
    "an icon file": rb"\0\0[\x01\x02]\0[^\0]\0",
    "an OpenEXR file": rb"\x76\x2f\x31\x01",
    "a Radiance HDR file": rb"#\?RA",
    "a QOI file": rb"qoif",
    "a Photoshop file": rb"8BPS\0[\x01\x02]",
    "a PDF": rb"%PDF-",
    "a PostScript file": rb"%!PS",
    "a video": rb".{4}ftyp(?:mp4|iso|M4V|qt  |avc1|dash)|\x1a\x45\xdf\xa3",
    "an unusual HEIF": rb".{4}ftyp(?:mif|msf|jpeg|vvic|evb)",
    "an SVG drawing": rb"(?:\xef\xbb\xbf)?\s*(?:<(?:\?xml|!DOCTYPE svg)[^>]*>\s*|<!--.*?-->\s*)*<svg[\s>]",
}


def foreign(path: Path) -> str:
    """Return what kind of file this is, with its article; "" for one that no row describes or that cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return ""
    return next((name for name, pattern in _KINDS.items() if re.match(pattern, head, re.DOTALL)), "")

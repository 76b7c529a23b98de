# /// script
# requires-python = ">=3.11"
# dependencies = ["picosvg==0.23.0", "fonttools==4.68.0", "brotli==1.2.1"]
# ///
"""Write the icon font and its names from static/vendor/lucide/drawings.svg: `uv run docs/icon_font.py`.

A font, because a browser draws its signs as cheaply as text; each drawing as a mask was a document of its own, two
milliseconds of work at each start. Strokes become outlines here. To add an icon, put its drawing of
24 × 24 as a <symbol> into drawings.svg, in the order of the names, and run this.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.svgLib.path import parse_path
from picosvg.svg import SVG

LUCIDE = Path(__file__).parents[1] / "static/vendor/lucide"
SCALE = 40  # units of the font for each of the 24 of a drawing
SIDE = 24 * SCALE
FIRST = 0xE000  # private use
NAME = "Studio Icons"


def drawings() -> dict[str, str]:
    """Return what each <symbol> draws, by its name."""
    text = (LUCIDE / "drawings.svg").read_text()
    return {
        name: f"<g {more}>{body}</g>"
        for name, more, body in re.findall(r'<symbol id="([a-z0-9-]+)"([^>]*)>(.*?)</symbol>', text, re.S)
    }


def glyph(drawing: str) -> Any:
    """Turn a drawing into outlines, upright from the baseline."""
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">'
    )
    outlines = SVG.fromstring(f"{head}{drawing}</svg>").topicosvg()
    pen = TTGlyphPen(None)
    up = TransformPen(Cu2QuPen(pen, max_err=0.6, reverse_direction=False), (SCALE, 0, 0, -SCALE, 0, SIDE))
    for shape in outlines.shapes():
        parse_path(shape.as_path().d, up)
    return pen.glyph()


def main() -> None:
    """Write icons.woff2 and icons.css."""
    found = drawings()
    codes = {name: FIRST + number for number, name in enumerate(found)}
    builder = FontBuilder(SIDE, isTTF=True)
    builder.setupGlyphOrder([".notdef", *found])
    builder.setupCharacterMap({code: name for name, code in codes.items()})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **{name: glyph(one) for name, one in found.items()}})
    # Where the outline begins: a sign that says 0 is moved to the left edge of its square.
    drawn = builder.font["glyf"]
    builder.setupHorizontalMetrics({name: (SIDE, getattr(drawn[name], "xMin", 0)) for name in [".notdef", *found]})
    builder.setupHorizontalHeader(ascent=SIDE, descent=0)
    builder.setupNameTable({"familyName": NAME, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=SIDE, sTypoDescender=0, sTypoLineGap=0, usWinAscent=SIDE, usWinDescent=0)
    builder.setupPost(keepGlyphNames=False)
    builder.setupHead(unitsPerEm=SIDE, created=0, modified=0)
    builder.font.flavor = "woff2"
    builder.save(LUCIDE / "icons.woff2")
    # star-filled is the filled star.
    chosen = {name: re.sub("(.+)-filled$", r"\1.icon--filled", name) for name in codes}
    rules = "\n".join(f'  .icon--{chosen[name]} {{ --glyph: "\\{code:x}"; }}' for name, code in codes.items())
    # The tick of a checkbox, which has no element for an icon.
    tick = f'  :root {{ --glyph-tick: "\\{codes["tick"]:x}"; }}'
    head = "/* Written by docs/icon_font.py from drawings.svg: Lucide (lucide.dev, ISC licence, LICENSE.txt), stroke 1.75. */"
    (LUCIDE / "icons.css").write_text(f"{head}\n\n@layer components {{\n{tick}\n{rules}\n}}\n")


if __name__ == "__main__":
    main()

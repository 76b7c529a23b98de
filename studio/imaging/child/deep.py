"""Files of 16 bits per channel, of which Pillow keeps the upper 8: use the lower ones where they show."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFile

from studio.imaging.child import icc, png
from studio.imaging.child.decode import Opened
from studio.imaging.child.facts import Facts

# Pillow's name of the upper bytes of each layout, and the name under which it takes the lower ones.
_LOWER = {
    f"{mode};16{upper}": f"{mode};16{lower}"
    for mode in ("RGB", "RGBA", "RGBX")
    for upper, lower in (("B", "L"), ("L", "B"), ("N", "B"))
}
# A curve that makes more than this of the first of 255 steps loses shades in 8 bits.
_STEEP = 3 / 255
_LEVELS = 65_536
# Rows at a time, so that a large picture needs little more than its two halves and the result.
_BAND = 256


def expand_depth(opened: Opened) -> Image.Image:
    """Return the loaded picture, in 8 bits, without its steep curve and with the clear colour of a 16-bit PNG."""
    picture, facts = opened.picture, opened.facts
    is_grey = picture.mode.startswith("I;16")
    curves = _steep_curves(facts, 1 if is_grey else 3) if is_grey or facts.layout in _LOWER else []
    clear = picture.info.get("transparency") if facts.layout in _LOWER and picture.mode == "RGB" else None
    tables = [_table(curve) for curve in curves]
    if is_grey and tables:
        facts.grey_table = tables[0]
    if is_grey or not (tables or clear):
        return picture
    low = _lower_bytes(opened)
    whole = Image.new("RGBA" if clear or picture.mode == "RGBA" else "RGB", picture.size)
    for top in range(0, picture.height, _BAND):
        box = (0, top, picture.width, min(top + _BAND, picture.height))
        whole.paste(_combined(picture.crop(box), low.crop(box), tables, clear), box)
    return whole


def _combined(
    high: Image.Image, low: Image.Image, tables: Sequence[Sequence[int]], clear: Sequence[int] | None
) -> Image.Image:
    channels = list(zip(high.split()[:3], low.split()[:3], strict=True))
    shown = [upper for upper, _ in channels]
    if tables:
        shown = [_shown(upper, lower, table) for (upper, lower), table in zip(channels, tables, strict=True)]
    if clear:
        return Image.merge("RGBA", (*shown, _opaque_but(channels, clear)))
    return Image.merge(high.mode, (*shown, *high.split()[3:]))


def _steep_curves(facts: Facts, channels: int) -> list[icc.Curve]:
    """Return the curves to undo, one for each channel, and put that of sRGB in their place; none when they are flat."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    signal = facts.signal if facts.is_signal_first or not facts.profile else None
    if signal:
        found = [] if signal.hdr else [icc.parametric(*signal.curve)] * channels
    else:
        found = (facts.profile and icc.curves(facts.profile)) or []
    import numpy as np

    if len(found) != channels or not any(float(icc.to_srgb_code(each(np.array(1 / 255)))) > _STEEP for each in found):
        return []
    if signal:
        facts.signal = signal._replace(curve=icc.SRGB)
    elif facts.profile:
        facts.profile = icc.with_srgb_curves(facts.profile)
    facts.is_recoded = True
    return found


def _table(curve: icc.Curve) -> Sequence[int]:
    import numpy as np

    light = np.clip(curve(np.linspace(0, 1, _LEVELS)), 0, 1)
    levels: list[int] = np.round(icc.to_srgb_code(light) * 255).astype(int).tolist()
    return levels


def _lower_bytes(opened: Opened) -> Image.Image:
    """Decode the file once more, for the bytes that the first time left out."""
    data = opened.source.read_bytes()
    again = Image.open(io.BytesIO(png.read(data)[0] if opened.kind == "PNG" else data), formats=(opened.kind,))
    if not isinstance(again, ImageFile.ImageFile):
        raise TypeError(type(again))
    lower = _LOWER[opened.facts.layout]
    again.tile = [
        tile._replace(args=lower if isinstance(tile.args, str) else (lower, *tile.args[1:]))  # type: ignore[index]
        for tile in again.tile
    ]
    again.info.pop("transparency", None)
    for key in ("xmp", "XML:com.adobe.xmp"):
        again.info.pop(key, None)
    again.load()
    return again


def _shown(high: Image.Image, low: Image.Image, table: Sequence[int]) -> Image.Image:
    whole = Image.frombytes("I;16", high.size, Image.merge("LA", (low, high)).tobytes())
    return whole.convert("I").point(table, "L")


def _opaque_but(channels: list[tuple[Image.Image, Image.Image]], clear: Sequence[int]) -> Image.Image:
    """Return alpha that is clear where all channels have these values of 16 bits."""
    differs = Image.new("L", channels[0][0].size)
    for (high, low), value in zip(channels, clear, strict=True):
        for part, wanted in ((high, value >> 8), (low, value & 255)):
            differs = ImageChops.lighter(differs, part.point([0 if level == wanted else 255 for level in range(256)]))
    return differs

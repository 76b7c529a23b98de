"""Split a picture into RGBA layers that give it back when they are drawn from last to first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageFilter, ImageMath, ImageStat

SKETCH, FINE, FILL = 96, 512, 320  # pixels of the longer side: to find colours, to cut, to fill in behind
COLOURS, MOST_FRONT, SMALLEST_SHARE, LARGEST_SHARE = 7, 3, 0.006, 0.6
# By which of red, green and blue are above the middle of their range.
NAMES = {"100": "red", "110": "yellow", "010": "green", "011": "teal", "001": "blue", "101": "violet"}
ANY = [0] + [255] * 255  # turns every trace of a mask into all of it


class PaintedLayer(NamedTuple):
    """One layer, cropped to what shows of it: where it goes on the canvas, in pixels, and what it is."""

    image: Image.Image
    label: str
    alpha_hint: str
    x: int
    y: int


def layers(source: Image.Image, prompt: str) -> list[PaintedLayer]:
    """Split front to back: up to three parts cut out softly, and an opaque background filled in behind them."""
    masks = list(_parts(source))
    composed = _filled(source, masks)
    found = [PaintedLayer(composed.convert("RGBA"), "background", "none", 0, 0)]
    subject = re.search(r"\b(?:the|an?)\s+([a-z]{2,14})\b", prompt.lower())
    for place, mask in reversed(list(enumerate(masks))):
        if (box := mask.getbbox()) is None:
            continue
        part, under, shape = source.crop(box), composed.crop(box), mask.crop(box)
        cut = _lifted(part, under, shape)
        composed.paste(Image.alpha_composite(under.convert("RGBA"), cut).convert("RGB"), box)
        label = subject[1] if subject and place == 0 else _label(part, shape, (box[1] + box[3]) / 2 / source.height)
        found.insert(0, PaintedLayer(cut, label, "soft", box[0], box[1]))
    return found


def _parts(source: Image.Image) -> Iterator[Image.Image]:
    """Find regions of one colour; what fills the rim lies behind, what is small and low stands in front."""
    palette = _sized(source, SKETCH).quantize(COLOURS, kmeans=2)
    fine = _sized(source, FINE)
    indexes = Image.frombytes("L", fine.size, fine.quantize(palette=palette, dither=Image.Dither.NONE).tobytes())
    found = []
    for index in range(COLOURS):
        mask = indexes.point([255 * (value == index) for value in range(256)]).filter(ImageFilter.MedianFilter(5))
        if (share := ImageStat.Stat(mask).mean[0] / 255) > SMALLEST_SHARE:
            rim = mask.copy()
            rim.paste(0, (2, 2, max(3, mask.width - 2), max(3, mask.height - 2)))
            at_rim = ImageStat.Stat(rim).sum[0] / 255 / (4 * (mask.width + mask.height))
            low = ImageStat.Stat(mask.crop((0, mask.height // 2, mask.width, mask.height))).mean[0] / 510 / share
            found.append((2.2 * at_rim + 1.1 * share - 0.5 * low, share, mask))
    front = sorted(found, key=lambda entry: entry[0])[: min(MOST_FRONT, len(found) - 1)]  # at least one stays behind
    for mask in (mask for _, share, mask in front if share < LARGEST_SHARE):
        soft = mask.filter(ImageFilter.GaussianBlur(1.2)).resize(source.size, Image.Resampling.BILINEAR)
        yield soft.point([min(255, max(0, (value - 64) * 2)) for value in range(256)])


def _sized(image: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(image.size))
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.BOX)


def _filled(source: Image.Image, masks: list[Image.Image]) -> Image.Image:
    """Continue the background behind the parts, from coarse to fine."""
    hole = reduce(ImageChops.lighter, masks, Image.new("L", source.size)).point(ANY)
    seen = source.copy()
    seen.putalpha(ImageChops.invert(hole))
    levels = [_sized(seen, FILL)]
    while max(levels[-1].size) > 1:
        levels.append(_sized(levels[-1], max(levels[-1].size) // 2))
    filled = levels[-1].convert("RGB").convert("RGBA")
    for level in reversed(levels[:-1]):
        filled = Image.alpha_composite(filled.resize(level.size, Image.Resampling.BICUBIC), level)
        filled.putalpha(255)
    return Image.composite(filled.convert("RGB").resize(source.size, Image.Resampling.BICUBIC), source, hole)


def _lifted(source: Image.Image, under: Image.Image, mask: Image.Image) -> Image.Image:
    """Return RGBA that gives the source when laid over `under`: as see-through as the mask, but never impossibly so."""
    pairs = list(zip(source.split(), under.split(), strict=True))
    least = [ImageMath.lambda_eval(_least_cover, s=s, u=u) for s, u in pairs]
    cover = ImageChops.multiply(reduce(ImageChops.lighter, least, mask), mask.point(ANY))
    return Image.merge("RGBA", (*(ImageMath.lambda_eval(_colour, s=s, u=u, m=cover) for s, u in pairs), cover))


def _least_cover(bands: dict[str, Any]) -> Any:
    """The least alpha with which a colour exists that turns u into s."""
    change = bands["s"] - bands["u"]
    room = (change > 0) * (255 - bands["u"]) + (change <= 0) * bands["u"]
    return bands["convert"]((abs(change) * 255 + room - 1) / room, "L")


def _colour(bands: dict[str, Any]) -> Any:
    """The colour that, laid over u with alpha m, gives s; rounded to the nearest."""
    exact = (bands["u"] * bands["m"] + (bands["s"] - bands["u"]) * 255 + bands["m"] / 2) / bands["m"]
    return bands["convert"](bands["min"](exact, 255), "L")


def _label(part: Image.Image, mask: Image.Image, down: float) -> str:
    low, *_, high = sorted(mean := ImageStat.Stat(part, mask).mean)
    colour = "black" if high < 60 else "white" if low > 215 else "grey"
    if high - low > 0.16 * high and high >= 60:
        colour = NAMES["".join(str(int(value > (low + high) / 2)) for value in mean)]
    return f"{colour} {'top' if down < 0.4 else 'bottom' if down > 0.6 else 'middle'}"

"""Write words on a picture: what a prompt has in quotes, and the mark that says it is simulated."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageStat

from studio.simulator.pictures.library import WORDS, Picture, words_of

FONT = Path(__file__).resolve().parents[3] / "static" / "fonts" / "InterVariable.woff2"
# Double quotes of any language; single ones only around words, so that an apostrophe opens nothing.
QUOTED = re.compile(r"[\"“”„«「『]([^\"“”„«»」』]{0,40})[\"“”»」』]|(?<!\w)['‘]([^'‘’]{1,40})['’](?!\w)")
NOT_IN_A_TITLE = frozenset(WORDS["not in a title"].split())
PLAIN: dict[str, Any] = {"box": (0.08, 0.74, 0.92, 0.93), "ink": "white", "centred": True}
MARK, MARK_SHARE, SMALLEST_MARK = "simulated", 0.017, 8


@lru_cache(32)
def font(size: float, weight: int = 650) -> ImageFont.FreeTypeFont:
    """Return the pages' own typeface at a size in pixels."""
    found = ImageFont.truetype(FONT, max(4.0, size))
    found.set_variation_by_axes([32, weight])
    return found


def lines_for(prompt: str, picture: Picture | None) -> list[str]:
    """Return the lines to write: the quoted ones, or what a poster is about."""
    quoted = [(first or second).strip() for first, second in QUOTED.findall(prompt)]
    quoted = [line for line in quoted if line and _can_write(line)][:3]
    if quoted or picture is None or picture.title is None:
        return quoted
    telling = [word for word in words_of(re.split(r"[,.;:\n]", prompt, maxsplit=1)[0]) if word not in NOT_IN_A_TITLE]
    return [line] if (line := " ".join(telling[:2]).capitalize()) and _can_write(line) else ["Open"]


def letter(image: Image.Image, lines: list[str], title: dict[str, Any] | None) -> None:
    """Write lines into a title's box as large as fits; a picture without one gets them below, with a soft shadow."""
    if not lines:
        return
    place, centred = title or PLAIN, (title or PLAIN).get("centred")
    left, top, right, bottom = (share * side for share, side in zip(place["box"], image.size * 2, strict=True))
    text = "\n".join(" ".join(line.upper()) if "spaced" in place else line for line in lines)
    draw = ImageDraw.Draw(image)
    _, above, across, down = draw.multiline_textbbox((0, 0), text, font(100), spacing=10)
    size = 100 * min((right - left) / max(1, across), (bottom - top) / max(1, down - above / 2))
    spot = ((left + right) / 2 if centred else left, (top + bottom) / 2)
    anchor, align = ("mm", "center") if centred else ("lm", "left")
    if title is None:
        shadow = Image.new("L", image.size)
        ImageDraw.Draw(shadow).multiline_text(spot, text, 190, font(size), anchor, size / 10, align)
        image.paste((0, 0, 0), mask=shadow.filter(ImageFilter.BoxBlur(size / 9)))
    draw.multiline_text(spot, text, place["ink"], font(size), anchor, size / 10, align)


def mark(image: Image.Image) -> None:
    """Print the mark at the lower right: a faint pill and the word, light on dark or dark on light."""
    size = max(SMALLEST_MARK, min(image.size) * MARK_SHARE)
    width, height = round(font(size, 450).getlength(MARK) + size * 1.1), round(size * 1.6)
    left, top = image.width - round(size * 0.8) - width, image.height - round(size * 0.8) - height
    if left < 0 or top < 0:
        return
    part = image.crop((left, top, left + width, top + height))
    ground, ink = ("white", "black") if ImageStat.Stat(part.convert("L")).mean[0] > 150 else ("black", "white")
    pill, word = Image.new("L", (width * 3, height * 3)), Image.new("L", part.size)
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, width * 3 - 1, height * 3 - 1), height * 3 / 2, fill=70)
    ImageDraw.Draw(word).text((width / 2, height / 2), MARK, 185, font(size, 450), anchor="mm")
    part.paste(ground, mask=pill.reduce(3))
    part.paste(ink, mask=word)
    image.paste(part, (left, top))


def _can_write(line: str) -> bool:
    """Say whether the typeface has every letter; gaps would be worse than no words."""
    return line.isprintable() and all(font(20).getmask(letter).getbbox() for letter in line if letter != " ")

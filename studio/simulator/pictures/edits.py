"""Change a picture as words ask: light, season, weather, medium, colour; `words.json` has the words and the grades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

from studio.simulator.pictures.library import WORDS

# In order of strength: the first light with a word of the prompt is the one that is set.
LIGHTS: dict[str, frozenset[str]] = {name: frozenset(row["words"].split()) for name, row in WORDS["lights"].items()}
DRAWN, STARS, LAMPS, COLOURS, REMOVALS, ADDITIONS = (
    frozenset(WORDS[name].split()) for name in ("drawn", "stars", "lamps", "colours", "removals", "additions")
)
MARK_GRID = 128  # cells a side, in which marks are looked for


def edited(image: Image.Image, words: Sequence[str], *, style: str, random: Random) -> Image.Image:
    """Apply ink, light and weather, or else a new grade; lamps that are hung leave everything else as it is."""
    asked = set(words)
    if asked & REMOVALS and asked & {"colour", "color", "colours", "colors"}:
        asked.add("monochrome")
    drawn = style == "manga" or bool(asked & DRAWN)
    light, colour = light_for(asked, frozenset(), LIGHTS), next((word for word in words if word in COLOURS), None)
    image = halftoned(image) if drawn else image
    if light:
        image = graded(image, WORDS["lights"][light])
    elif colour:
        image = tinted(image, colour, 0.6)
    elif not drawn and not (asked & ADDITIONS and asked & LAMPS):
        image = graded(image, random.choice(WORDS["otherwise"]))
    return weathered(image, asked, random)


def marked(source: Image.Image, copy: Image.Image) -> Image.Image:
    """Return a mask of where marks are drawn on a copy: along lines and numbers, and all that a line encloses."""
    apart = ImageChops.difference(source.convert("L").resize(copy.size), copy.convert("L"))
    drawn = apart.filter(ImageFilter.BoxBlur(1)).point([0] * 50 + [255] * 206)
    drawn = drawn.reduce(max(1, min(copy.size) // (2 * MARK_GRID))).filter(ImageFilter.MaxFilter(5))
    grid = ImageOps.expand(drawn.resize((MARK_GRID, MARK_GRID)).point([0] * 60 + [255] * 196), 1)
    ImageDraw.floodfill(grid, (0, 0), 128)
    inside = grid.point([255 if value != 128 else 0 for value in range(256)]).crop((1, 1, MARK_GRID + 1, MARK_GRID + 1))
    return inside.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(1)).resize(source.size)


def light_for(asked: set[str], shown: frozenset[str], lights: Iterable[str]) -> str | None:
    """Return the first of some lights that is asked for and not shown yet."""
    return next((name for name in lights if LIGHTS[name] & asked and not LIGHTS[name] & shown), None)


def weathered(image: Image.Image, asked: set[str], random: Random) -> Image.Image:
    """Add what hangs in the air: stars, fog, snow, rain, lamps."""
    if asked & STARS:
        specks = _specks(image.size, random, count=130, low=0.45, widths=(1, 1, 2))
        image = ImageChops.screen(image, Image.merge("RGB", (specks,) * 3))
    if asked & LIGHTS["fog"]:
        noise = Image.frombytes("L", (7, 6), random.randbytes(42)).resize(image.size, Image.Resampling.BICUBIC)
        rise = Image.linear_gradient("L").resize(image.size)
        banks = Image.blend(noise, rise, 0.35).point([round(30 + value * 0.55) for value in range(256)])
        image.paste((58, 68, 92) if asked & LIGHTS["night"] else (222, 227, 228), mask=banks)
    if asked & LIGHTS["snow"]:
        image.paste((250, 252, 255), mask=_specks(image.size, random, count=520, low=1.0, widths=(2, 4, 4, 6, 10)))
    elif asked & LIGHTS["rain"]:
        image.paste((214, 224, 236), mask=_specks(image.size, random, count=420, low=1.0, widths=(1, 2), fall=60))
    for _ in range(7 if asked & LAMPS else 0):
        _hang_lamp(image, random)
    return image


def graded(image: Image.Image, grade: dict[str, Any]) -> Image.Image:
    """Put a picture in another light: mix the channels, bend the tones, glaze from top to bottom."""
    low, middle, high = grade["curve"]
    rise = [low + (middle - low) * value / 128 for value in range(128)]
    curve = [round(255 * share) for share in rise + [middle + (high - middle) * value / 127 for value in range(128)]]
    image = image.convert("RGB", tuple(grade["matrix"])).point(curve * 3)
    if "glaze" not in grade:
        return image
    glaze = ImageOps.colorize(Image.linear_gradient("L"), *grade["glaze"])
    return ImageChops.multiply(image, glaze.resize(image.size, Image.Resampling.BILINEAR))


def tinted(image: Image.Image, colour: str, strength: float) -> Image.Image:
    """Print a picture in one colour and mix that with the original."""
    printed = ImageOps.colorize(image.convert("L"), "#0c0b10", "#fffaf2", ImageColor.getrgb(colour))
    return Image.blend(image, printed, strength)


def halftoned(image: Image.Image) -> Image.Image:
    """Draw a picture as a manga page would: ink lines, solid black and dots of screentone."""
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=2).filter(ImageFilter.GaussianBlur(max(image.size) / 1600))
    dot = ImageOps.invert(Image.radial_gradient("L")).resize((10, 10), Image.Resampling.BOX)
    cell = Image.new("L", (14, 14))
    for x, y in ((-5, -5), (9, -5), (-5, 9), (9, 9), (2, 2)):
        cell.paste(ImageChops.lighter(cell.crop((x, y, x + 10, y + 10)), dot), (x, y))
    screen = tiled(tiled(cell.point([round(28 + value * 0.6) for value in range(256)]), (280, 280)), image.size)
    toned = ImageChops.subtract(grey, screen, 0.2, 128)
    lines = grey.filter(ImageFilter.FIND_EDGES).point([max(0, 255 - max(0, value - 12) * 6) for value in range(256)])
    return ImageChops.multiply(toned, lines).convert("RGB")


def tiled(tile: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Cover a size with copies of a tile."""
    cover = Image.new(tile.mode, size)
    for left in range(0, size[0], tile.width):
        for top in range(0, size[1], tile.height):
            cover.paste(tile, (left, top))
    return cover


def _specks(
    size: tuple[int, int], random: Random, *, count: int, low: float, widths: Sequence[int], fall: int = 0
) -> Image.Image:
    """Return a mask of round specks, or of slanting streaks that `fall`, down to a share of the height."""
    mask, unit = Image.new("L", size), max(size) / 1400
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y, width = random.random() * size[0], random.random() * size[1] * low, random.choice(widths) * unit
        if fall:
            length = fall * unit * random.uniform(0.5, 1.5)
            draw.line((x, y, x - length * 0.22, y + length), random.randint(40, 130), max(1, round(width)))
        else:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), random.randint(110, 235))
    return mask


def _hang_lamp(image: Image.Image, random: Random) -> None:
    reach = max(4, round(max(image.size) * random.uniform(0.05, 0.09)))
    left = round(random.uniform(0.08, 0.92) * image.width - reach / 2)
    top = round(random.uniform(0.35, 0.85) * image.height - reach / 2)
    # Half of its diagonal has 255; in the middle of its sides, where the light has to end, it has 180.
    light = Image.radial_gradient("L").point([round(255 * max(0, 1 - value / 180) ** 2) for value in range(256)])
    box = (left, top, left + reach, top + reach)
    glow = ImageOps.colorize(light.resize((reach, reach)), "black", "#fff3d6", "#b06a22")
    image.paste(ImageChops.screen(image.crop(box), glow), box)

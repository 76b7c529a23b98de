"""Answer with pictures that ship with the simulator: the same words, size and number give the same pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageOps

from studio.simulator.pictures import edits, lettering, library
from studio.simulator.pictures.layering import PaintedLayer, layers
from studio.simulator.pictures.library import Picture, choose, random_for, words_of

__all__ = ["PaintedLayer", "edit", "layers", "paint"]

WORKED_PIXELS = 2048 * 2048  # on which changes are made at most; a larger picture is enlarged again at the end
GRAIN_TILE, GRAIN_LEVELS = 128, 1.0
MOST_STRETCHED, WALL = 1.25, "#cfc9c0"  # of a page or poster; beyond, it hangs on a wall
ADDED = ("mono", "night", "snow", "rain", "fog", "autumn")  # other times of day are left to the choice
NO_MARKS = "Change nothing else and draw no marks."  # how Studio ends a prompt with marks: no wish of its own


def paint(prompt: str, *, width: int, height: int, style: str, number: int) -> Image.Image:
    """Return an RGB picture of exactly width x height pixels; `number` counts the requests with this prompt from 0."""
    picture = choose(prompt, style=style, ratio=width / height, number=number)
    random = random_for(prompt, number)
    image = Image.open(library.FOLDER / picture.file, formats=["WEBP"]).convert("RGB")
    if not picture.is_whole:
        image = _as_asked(_varied(image, width / height, random), picture, prompt, random)
    lettering.letter(image, lettering.lines_for(prompt, picture), picture.title)
    own, asked = image.width / image.height, width / height
    if picture.is_whole and max(own / asked, asked / own) > MOST_STRETCHED:
        framed = ImageOps.expand(image, image.width // 16, WALL)
        across = max(framed.width, framed.height * asked)
        image = ImageOps.pad(framed, (round(across), round(across / asked)), color=WALL)
    return _finished(image.resize((width, height), Image.Resampling.BILINEAR), random)


def edit(
    source: Image.Image, prompt: str, *, style: str, number: int, references: Sequence[Image.Image] = ()
) -> Image.Image:
    """Change an RGB picture as the words ask and keep its size; words about marks change it where these are drawn."""
    random = random_for("edit", prompt, number)
    scale = min(1.0, math.sqrt(WORKED_PIXELS / (source.width * source.height)))
    worked = source.resize((max(1, int(source.width * scale)), max(1, int(source.height * scale))))
    result = edits.edited(worked, words_of(prompt.removesuffix(NO_MARKS)), style=style, random=random)
    lettering.letter(result, lettering.lines_for(prompt, None), None)
    if references and "at mark 1" in prompt.lower() and (places := edits.marked(worked, references[0])).getbbox():
        result = Image.composite(result, worked, places)
    return _finished(result.resize(source.size, Image.Resampling.BICUBIC), random)


def _varied(image: Image.Image, ratio: float, random: Random) -> Image.Image:
    """Crop to a ratio, a little closer or wider, and mirror every other picture."""
    width, height = image.size
    closer = random.uniform(0.88, 1.0)
    across, down = min(width, height * ratio) * closer, min(height, width / ratio) * closer
    left, top = (width - across) * random.uniform(0.25, 0.75), (height - down) * random.uniform(0.45, 0.6)
    cropped = image.crop((round(left), round(top), round(left + across), round(top + down)))
    return ImageOps.mirror(cropped) if random.random() < 0.5 else cropped


def _as_asked(image: Image.Image, picture: Picture, prompt: str, random: Random) -> Image.Image:
    """Give a picture the weather or the colour that its prompt names and it lacks, and a slight tint of its own."""
    words = words_of(prompt)
    light = edits.light_for(set(words), picture.words, ADDED)
    colour = next((word for word in words if word in edits.COLOURS), None)
    if light and not (light == "night" and picture.tone == "dark"):
        image = edits.graded(image, library.WORDS["lights"][light])
        image = edits.weathered(image, set(words) & edits.LIGHTS[light], random)
    elif colour and colour not in picture.words:
        image = edits.tinted(image, colour, 0.35)
    gains = [random.uniform(0.95, 1.05) for _ in range(3)]
    return image.point([round(min(255.0, value * gain)) for gain in gains for value in range(256)])


def _finished(image: Image.Image, random: Random) -> Image.Image:
    """Add fine grain, which also hides banding, and the mark."""
    tile = Image.frombytes("L", (GRAIN_TILE, GRAIN_TILE), random.randbytes(GRAIN_TILE**2))
    tile = tile.point([round(128 + (value / 127.5 - 1) * GRAIN_LEVELS) for value in range(256)])
    cover = edits.tiled(tile.resize((4 * GRAIN_TILE, 4 * GRAIN_TILE), Image.Resampling.NEAREST), image.size)
    image = ImageChops.add(image, Image.merge("RGB", (cover,) * 3), 1, -128)
    lettering.mark(image)
    return image

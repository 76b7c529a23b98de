"""Change a picture as words ask: light, season, weather, treatment, a sun or lamps."""

from __future__ import annotations

import numpy as np
from PIL import Image

from . import grades, treatments, weather
from .colour import Colour, rgb
from .fields import Random
from .lexicon import COLOURS
from .sheet import Sheet, grained
from .words import digest, tokens

_MONO = frozenset(
    [
        "bw",
        "monochrome",
        "black-and-white",
        "greyscale",
        "grayscale",
        "noir",
        "desaturate",
        "desaturated",
        "colourless",
        "colorless",
    ]
)
_REMOVAL = frozenset(["remove", "without", "no", "drop", "lose", "take"])
_COLOUR_ITSELF = frozenset(["colour", "colours", "color", "colors", "saturation"])
_GRAIN_LEVELS = 3.0
# The first group a word belongs to decides the light; the order is that of strength.
_GRADES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset(["night", "midnight", "nocturnal", "dark", "moonlight", "moonlit", "nighttime", "evening"]), "night"),
    (frozenset(["sunset", "dusk", "sundown", "warm", "warmer", "golden", "golden-hour", "afterglow"]), "sunset"),
    (frozenset(["autumn", "fall", "october", "autumnal", "leaves"]), "autumn"),
    (frozenset(["snow", "snowy", "winter", "frost", "frozen", "ice", "icy", "cold", "blizzard"]), "winter"),
    (frozenset(["rain", "rainy", "storm", "stormy", "thunder", "wet", "drizzle"]), "storm"),
    (frozenset(["dawn", "sunrise", "morning", "pastel", "soft"]), "dawn"),
    (frozenset(["noon", "day", "daylight", "bright", "brighter", "sunny", "summer"]), "noon"),
)


def edited(source: Image.Image, prompt: str, style: str, salt: str) -> Image.Image:
    """Apply treatment, then light, then weather, then things; a prompt that names none gets a new grade."""
    order = tokens(prompt)
    words = frozenset(order)
    rng = np.random.default_rng(digest("edit", prompt, salt))
    image = source
    treated = _treated(image, words, style, rng)
    image = treated or image
    graded = _graded(image, words, order)
    image = graded or image
    sheet = Sheet(image.width, image.height, (0, 0, 0))
    sheet.image = image
    added = _weathered(sheet, words, rng)
    added = _furnished(sheet, words, order, rng) or added
    if treated is None and graded is None:
        sheet.image = grades.as_regraded(sheet.image, rng) if not added else sheet.image
    return grained(sheet.image, rng, _GRAIN_LEVELS if treated is None else 1.2)


def _treated(image: Image.Image, words: frozenset[str], style: str, rng: Random) -> Image.Image | None:
    if words & {"watercolor", "watercolour", "aquarelle", "painting", "gouache", "painted"}:
        return treatments.as_watercolour(image, rng)
    if style == "manga" or words & {
        "ink",
        "sketch",
        "pencil",
        "drawing",
        "drawn",
        "manga",
        "lineart",
        "engraving",
        "etching",
    }:
        return treatments.as_ink(image, rng)
    if words & {"poster", "flat", "vector", "screenprint", "riso", "risograph", "pop", "cartoon", "papercut"}:
        return treatments.as_flat(image)
    return None


def _graded(image: Image.Image, words: frozenset[str], order: tuple[str, ...]) -> Image.Image | None:
    if words & _MONO or (words & _REMOVAL and words & _COLOUR_ITSELF):
        return grades.as_monochrome(image)
    named = {
        "night": grades.as_night,
        "sunset": grades.as_sunset,
        "autumn": grades.as_autumn,
        "winter": grades.as_winter,
        "storm": grades.as_storm,
        "dawn": grades.as_dawn,
        "noon": grades.as_noon,
    }
    for group, name in _GRADES:
        if words & group:
            return named[name](image)
    tint = _wished_colour(order)
    return grades.as_tinted(image, tint) if tint else None


def _wished_colour(order: tuple[str, ...]) -> Colour | None:
    """Find a colour for the whole, not one of a thing to be added."""
    for place, word in enumerate(order):
        if word in COLOURS and not set(order[place + 1 : place + 3]) & {
            "sun",
            "moon",
            "lamp",
            "lamps",
            "lantern",
            "lanterns",
        }:
            return COLOURS[word]
    return None


def _weathered(sheet: Sheet, words: frozenset[str], rng: Random) -> bool:
    if words & {"night", "midnight", "stars", "star", "starry"}:
        weather.add_stars(sheet, rng)
    if words & {"fog", "foggy", "mist", "misty", "haze", "hazy", "smoke"}:
        night = bool(words & {"night", "midnight"})
        weather.roll_fog(sheet, rng, colour=(58, 68, 92) if night else (222, 227, 228))
    if words & {"snow", "snowy", "winter", "snowfall", "blizzard"}:
        weather.let_snow(sheet, rng)
    elif words & {"rain", "rainy", "storm", "stormy", "drizzle"}:
        weather.let_rain(sheet, rng)
    if words & {"autumn", "leaves"}:
        weather.fall_leaves(sheet, rng)
    changing = {"fog", "foggy", "mist", "misty", "haze", "hazy", "smoke", "stars", "starry", "star"}
    return bool(words & changing)


def _furnished(sheet: Sheet, words: frozenset[str], order: tuple[str, ...], rng: Random) -> bool:
    added = False
    accent = next((COLOURS[word] for word in order if word in COLOURS), None)
    if words & {"moon", "moonlight", "moonlit"}:
        weather.add_disc(sheet, rgb("#f2eedd"), moon=True)
        added = True
    elif words & {"sun", "sunrise", "sunset"}:
        weather.add_disc(sheet, accent or rgb("#ffd591"), moon=False)
        added = True
    if words & {
        "night",
        "midnight",
        "lamp",
        "lamps",
        "lantern",
        "lanterns",
        "lights",
        "glow",
        "evening",
        "candles",
        "lit",
    }:
        weather.hang_lamps(sheet, rng, 7)
        added = True
    if words & {"bird", "birds", "gulls", "seagulls"}:
        weather.let_birds(sheet, rng)
        added = True
    return added

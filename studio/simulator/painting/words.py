"""Read a prompt: what to paint, at which hour, in which colours, how composed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np

from .colour import Colour, as_lch, lighter
from .fields import Random
from .lexicon import (
    COLOURS,
    FALLBACKS,
    FLAG_WORDS,
    GROUNDS,
    HOURS,
    NEUTRAL,
    PAIR_AS,
    PAIRS,
    SUBJECTS,
    THINGS,
)
from .palettes import Palette, palette_for

# Only the opening of a long prompt is read; the rest rarely changes the idea and would slow the reading.
READ_CHARACTERS = 1200
_QUOTED = re.compile(r"[\"“”„«']([^\"“”„«»']{2,28})[\"“”»']")
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "with",
        "and",
        "in",
        "on",
        "at",
        "by",
        "from",
        "to",
        "is",
        "as",
        "its",
        "it",
        "one",
        "every",
    ]
)


def digest(*parts: str) -> int:
    """Give a stable 64-bit number for some texts."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Scene:
    """A prompt understood: everything a family needs to paint."""

    prompt: str
    family: str
    order: tuple[str, ...]
    words: frozenset[str]
    hour: str
    accent: Colour | None
    ground: Colour | None
    palette: Palette
    width: int
    height: int
    seed: int

    def has(self, *wanted: str) -> bool:
        """Tell whether any of these words occurs."""
        return not self.words.isdisjoint(wanted)

    def flag(self, name: str) -> bool:
        """Tell whether a word of the named group occurs."""
        return not self.words.isdisjoint(FLAG_WORDS[name])

    def random(self) -> Random:
        """Start the stream of chance that belongs to this picture."""
        return np.random.default_rng(self.seed)

    @property
    def size(self) -> tuple[int, int]:
        """Give width and height in pixels."""
        return self.width, self.height

    @property
    def ratio(self) -> float:
        """Give width divided by height."""
        return self.width / self.height


def tokens(prompt: str) -> tuple[str, ...]:
    """Split into lower-case words, pairs joined, plurals followed by their singular."""
    text = prompt[:READ_CHARACTERS].lower()
    for pair in PAIRS:
        text = text.replace(pair, f"{pair} {PAIR_AS.get(pair, pair.replace(' ', '-'))}")
    found: list[str] = []
    for word in re.findall(r"[^\W_][\w'-]*", text):
        found.append(word)
        if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")):
            found.append(word[:-1])
    return tuple(found)


def choose_family(order: tuple[str, ...], prompt: str) -> str:
    """Weigh the words; of equals the earliest wins; a prompt without a subject is hashed."""
    scores = dict.fromkeys(SUBJECTS, 0.0)
    seen: set[str] = set()
    for place, word in enumerate(order):
        if word in seen:
            continue
        seen.add(word)
        for family, weights in SUBJECTS.items():
            scores[family] += weights.get(word, 0) * (1 - 0.3 * min(1.0, place / 16))
    best = max(scores, key=lambda family: scores[family])
    if scores[best] < 1.5:
        return FALLBACKS[digest("family", prompt.strip().lower()) % len(FALLBACKS)]
    return best


def choose_hour(order: tuple[str, ...]) -> str:
    """Find the first hour, preferring a time of day over weather."""
    found = [
        HOURS[word]
        for place, word in enumerate(order)
        if word in HOURS and not (place and order[place - 1] == "after" and HOURS[word] == "storm")
    ]
    rank = ("mono", "neon", "night", "blue", "dusk", "dawn", "storm", "fog", "snow", "noon", "pastel", "gold")
    return min(found, key=rank.index) if found else ""


def choose_colours(order: tuple[str, ...]) -> tuple[list[Colour], Colour | None, Colour | None]:
    """Sort colour words into tints for the whole, an accent for a thing and a ground."""
    tints: list[Colour] = []
    accent: Colour | None = None
    ground: Colour | None = None
    for place, word in enumerate(order):
        if word not in COLOURS:
            continue
        colour = COLOURS[word]
        before = order[place - 1] if place else ""
        if before in ("dark", "deep", "midnight"):
            colour = lighter(colour, -0.2)
        elif before in ("pale", "light", "pastel", "soft"):
            colour = lighter(colour, 0.18)
        following = set(order[place + 1 : place + 4])
        if following & GROUNDS:
            ground = ground or colour
        elif following & THINGS and order[place + 1 : place + 2] != ("hour",):
            accent = accent or colour
        elif word not in NEUTRAL and following.isdisjoint(("hour",)):
            tints.append(colour)
    return tints, accent, ground


def _telling(text: str) -> list[str]:
    """Drop small words and the names of prints."""
    prints = {word for family in ("logo", "poster") for word, weight in SUBJECTS[family].items() if weight >= 8}
    return [word for word in re.findall(r"[a-z0-9]+", text) if word not in _FILLERS and word not in prints]


def title(scene: Scene, fallback: str = "Open") -> str:
    """Find the words a poster or logo would show: quoted ones, else those before the kind of print."""
    quoted = _QUOTED.search(scene.prompt)
    if quoted and quoted.group(1).isprintable():
        return quoted.group(1).strip()
    head = re.split(r"[,.;:\n]", scene.prompt.strip(), maxsplit=1)[0].lower()
    subject = re.search(r"\b(?:for|of|about)\s+(.+)", head)
    kept = _telling(subject.group(1)) if subject else []
    kept = kept or _telling(head)
    line = " ".join(kept[:2])
    return line if 2 < len(line) <= 22 else (kept[0] if kept and len(kept[0]) > 2 else fallback)[:14]


def understand(prompt: str, width: int, height: int, salt: str, *, style: str = "auto") -> Scene:
    """Turn a prompt into a scene; the same prompt and salt always give the same one."""
    order = tokens(prompt)
    tints, accent, ground = choose_colours(order)
    hour = choose_hour(order)
    family = "manga" if style == "manga" else choose_family(order, prompt)
    seed = digest("picture", prompt, salt)
    mood = digest("mood", prompt)
    if family == "greenhouse" and hour in ("snow", "gold"):
        # Lamplight wants the last of the day around it.
        hour = "blue"
    hues = tuple(as_lch(colour)[2] for colour in tints)
    palette = palette_for(hour, hues, family, np.random.default_rng([mood, seed]))
    return Scene(
        prompt, family, order, frozenset(order), hour, accent or _vivid(tints), ground, palette, width, height, seed
    )


def _vivid(tints: list[Colour]) -> Colour | None:
    return tints[0] if tints else None

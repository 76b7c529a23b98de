"""Mentions: `@2` in a prompt names the second reference, `@Mira Sato` in a comment a person.

One definition for the page, the rules and the request sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

# Also a JavaScript pattern: the page gets it with its rules. ASCII alone counts, before and after: `@1の色` mentions the
# first reference, `anna@2.example`, `@12th` and full-width signs and digits mention nothing.
PATTERN = r"(?<![A-Za-z0-9_@])@([0-9]{1,2})(?![A-Za-z0-9_])"
_MENTION = re.compile(PATTERN)


class Role(NamedTuple):
    """What a reference is there for, as a sentence that stands in the prompt: who sends it has read it."""

    name: str
    # With {n} for the number of the reference; the page finds and writes it (static/js/create/tray-menu.js).
    sentence: str


ROLES = tuple(Role(name, f"Take the {name} from @{{n}}.") for name in ("subject", "style", "colours", "layout"))


def mentioned(prompt: str) -> set[int]:
    """Return every number n that the prompt mentions as @n."""
    return {int(number) for number in _MENTION.findall(prompt)}


def missing(prompt: str, references: int) -> list[int]:
    """Return the mentioned numbers that none of `references` pictures has, in order."""
    return sorted(number for number in mentioned(prompt) if not 1 <= number <= references)


def replace(prompt: str, references: int, name: Callable[[int], str]) -> str:
    """Put `name(n)` in the place of each @n that has a picture."""

    def named(found: re.Match[str]) -> str:
        number = int(found[1])
        return name(number) if 1 <= number <= references else found[0]

    return _MENTION.sub(named, prompt)


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def spelled_out(prompt: str, references: int, most: int) -> str:
    """Write "the first reference image" where the person wrote @1: Luma knows them by their order (section 3.6).

    What would then be longer than `most` characters stays as it is.
    """
    named = replace(prompt, references, lambda number: f"the {ORDINALS[number - 1]} reference image")
    return named if len(named) <= most else prompt


# ---- People, in comments

# People that one comment names.
MOST_NAMED = 20


class Named(NamedTuple):
    """Where a text names a person: the characters from `start` to `end`, with the @, and the key of the person."""

    start: int
    end: int
    person: int


def named(text: str, names: Mapping[int, str]) -> list[Named]:
    """Find each @Name in a text, the longest name that fits, in any case and with accents however they are typed.

    `names`: the key and the name of each person.
    """
    if "@" not in text or not names:
        return []
    if unicodedata.is_normalized("NFC", text):
        return _found(text, names)
    text, starts = _composed(text)
    # None that ends within a character: @Jose is not José.
    whole = (one for one in _found(text, names) if starts[one.end] != starts[one.end - 1])
    return [Named(starts[one.start], starts[one.end], one.person) for one in whole]


def _found(text: str, names: Mapping[int, str]) -> list[Named]:
    keys = {name.casefold(): key for key, name in names.items()}
    choice = "|".join(re.escape(name) for name in sorted(names.values(), key=len, reverse=True))
    found = re.finditer(rf"(?<![\w@])@({choice})(?!\w)", text, re.IGNORECASE)
    hits = [Named(one.start(), one.end(), keys[name]) for one in found if (name := one[1].casefold()) in keys]
    return hits[:MOST_NAMED]


def _composed(text: str) -> tuple[str, list[int]]:
    """Return a text with each letter and its accents as one character where there is one, and where each of its
    characters, and its end, is in the text."""
    clusters = [0]
    for at, one in enumerate(text[1:], start=1):
        if not unicodedata.combining(one) and not 0x1160 <= ord(one) <= 0x11FF:  # a Korean syllable's further letters
            clusters.append(at)
    composed, starts = "", []
    for start, end in zip(clusters, [*clusters[1:], len(text)], strict=True):
        cluster = unicodedata.normalize("NFC", text[start:end])
        composed += cluster
        starts += [start] * len(cluster)
    return composed, [*starts, len(text)]

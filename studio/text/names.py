"""The names of people: one spelling for each, nothing hidden in it, and none that looks like somebody else's.

And names that people give to things: one line each that hides nothing.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from django.core.exceptions import ValidationError

LONGEST = 80  # characters
# Of a text that is one line; no field holds as many, and what is longer is refused.
MOST_READ = 10_000
# Persian words and many emoji are written with them.
JOINERS = "\u200c\u200d"
# Letters and marks that show nothing, which their categories do not tell: fillers, joiners, variation selectors.
BLANK = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0x1D159} | {
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
    *range(0xE0000, 0xE1000),
}
# Control, format (writing direction, zero width), surrogate, private, unassigned; ends of lines and paragraphs.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def initials(name: str) -> str:
    """Return one or two letters for an avatar: the first of the first and of the last word that has a letter or digit."""
    firsts = [next((one for one in word if one.isalnum()), "") for word in name.split()]
    found = [first for first in firsts if first]
    return (found[0] + (found[-1] if len(found) > 1 else "")).upper() if found else ""


def clean(name: str) -> str:
    """Return a name in its one spelling. Raises ValidationError with a sentence."""
    found = name.strip()
    if any(_is_hidden(character) for character in found):
        raise ValidationError("That name contains a character that can't be seen. Type it instead of pasting it.")
    found = " ".join(unicodedata.normalize("NFKC", found).split())
    if "@" in found:
        # Else a name could be somebody's email address.
        raise ValidationError("Names can't contain @.")
    if not any(character.isalnum() for character in found) or unicodedata.category(found[0])[0] == "M":
        raise ValidationError("Write a name with letters.")
    if len(found) > LONGEST:
        raise ValidationError(f"Shorten the name to {LONGEST} characters.")
    return found


def one_line(text: str) -> str:
    """Return a text on one line, without characters that hide something or turn the direction; "" if it shows nothing."""
    shown = "".join(map(_shown, text[:MOST_READ]))
    found = unicodedata.normalize("NFC", " ".join(shown.split()))
    return "" if is_blank(found) else found


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character in JOINERS or category[0] not in "CZ":
        return character
    # A soft hyphen and what turns the direction stand within words: nobody sees a space there.
    return "" if category == "Cf" else " "


def cut(text: str, most: int) -> str:
    """Return the text in one line, with an ellipsis where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def isolated(text: str) -> str:
    """Return what somebody wrote for the middle of a sentence: from right to left it turns nothing around it.

    For titles, attributes, options and emails; in a page's own text a `bdi` does the same.
    """
    if not text.isascii() and any(unicodedata.bidirectional(one) in {"R", "AL"} for one in text):
        return f"\u2068{text}\u2069"  # first strong isolate, pop directional isolate
    return text


def folded(name: str) -> str:
    """Return what two names that differ in case or spelling alone have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def one_spelling(password: str) -> str:
    """Return a password in one spelling: one keyboard writes é as one character and another as two."""
    return unicodedata.normalize("NFC", password)


def like(name: str, others: Iterable[str]) -> str | None:
    """Return the first of the others that this name is, or looks like."""
    looks = _looks(name)
    return next((other for other in others if not looks.isdisjoint(_looks(other))), None)


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing."""
    return all(character.isspace() or _is_hidden(character) for character in text)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN or ord(character) in BLANK


def _looks(name: str) -> set[str]:
    return {skeleton(name), skeleton(folded(name))}


def skeleton(text: str) -> str:
    """Write each character as the simplest one that looks like it (Unicode TR 39)."""
    simple = unicodedata.normalize("NFD", text).translate(_prototypes())
    return unicodedata.normalize("NFD", simple)


@cache
def _prototypes() -> dict[int, str]:
    """Read Unicode's table: a character that is like another lists that one; that one lists all that are like it."""
    text = files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    alike = {one: [other["c"] for other in others] for one, others in json.loads(text).items()}
    found = {}
    for one, others in alike.items():
        if len(one) > 1 or len(others) > 1:
            continue
        other = others[0]
        is_pair = len(alike.get(other, ())) < 2 and len(other) == 1
        if not is_pair or other < one:
            found[ord(one)] = other
    return found

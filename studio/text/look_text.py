"""The text of looks: tags in a prompt (`#harbour-dusk`), blanks of a recipe (`[product]`), and what a look adds.

One definition for the pages, the rules and the request that is sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from studio.text import mentions

MOST_BLANKS = 9
LONGEST_BLANK = 40  # characters
_HEX = re.compile(r"[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}")
_BLANK = re.compile(r"\[([^\[\]\n]+)\]")
ROLES = ("colour", "style", "layout", "subject")
_PHRASES = {
    "colour": "the colours of {}",
    "style": "the style of {}",
    "layout": "the layout of {}",
    "subject": "the subject of {}",
}


# ---- Tags


def tag_of(name: str) -> str:
    """Return what people type after # for a look of this name; "" when nothing of it can be typed there."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    tag = "-".join("".join(one if _is_part(one) else " " for one in plain).split())
    # "#1 in the row" and "#ff6600" stay text.
    if tag and not tag[0].isalpha():
        tag = f"look-{tag}"
    return f"{tag}-look" if _HEX.fullmatch(tag) else tag


def tags(prompt: str) -> list[str]:
    """Return the tags that a prompt names, each once, in order; whether there is such a look is not asked."""
    return list(dict.fromkeys(tag for _, _, tag in _runs(prompt)))


def without_tag(prompt: str, tag: str) -> str:
    """Take a tag out of a prompt, with the blank before it."""
    kept, at = [], 0
    for start, end, one in _runs(prompt):
        if one == tag:
            kept.append(prompt[at:start].rstrip(" \t"))
            at = end
    return "".join([*kept, prompt[at:]]).strip()


def _runs(prompt: str) -> Iterator[tuple[int, int, str]]:
    """Find each # that begins a word and a letter behind it: where the run starts and ends, and its tag.

    A run is letters with their marks, digits, hyphens and underscores, of any script.
    """
    for found in re.finditer("#", prompt):
        start = end = found.start()
        if start and (_is_part(prompt[start - 1]) or prompt[start - 1] in "_#&/"):
            continue
        end += 1
        while end < len(prompt) and (_is_part(prompt[end]) or prompt[end] in "-_"):
            end += 1
        run = prompt[start + 1 : end].rstrip("-_")
        if run and run[0].isalpha():
            folded = unicodedata.normalize("NFKC", run).casefold().replace("_", "-")
            yield start, start + 1 + len(run), folded


def _is_part(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter)[0] == "M"


# ---- Blanks


def blanks(words: str) -> list[str]:
    """Return the names of the blanks in the words of a look, each once, in order of their first place."""
    found = {name.casefold(): name for name in reversed([*map(_named, _BLANK.findall(words))]) if name}
    order = dict.fromkeys(name.casefold() for name in map(_named, _BLANK.findall(words)) if name)
    return [found[key] for key in order]


def fill(words: str, values: Mapping[str, str]) -> str:
    """Put a value in the place of each blank, in one pass: brackets in a value are text."""
    by_key = {_named(name).casefold(): value for name, value in values.items()}

    def filled(found: re.Match[str]) -> str:
        return by_key.get(_named(found[1]).casefold(), "") or found[0]

    return _BLANK.sub(filled, words)


def _named(raw: str) -> str:
    """Return the name of a blank as a label, "" for what is none: it needs a letter, and room above the prompt."""
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    return name if len(name) <= LONGEST_BLANK and any(letter.isalpha() for letter in name) else ""


# ---- What a look adds


def role_sentence(roles: Sequence[str], names: Mapping[int, str]) -> str:
    """Say what is taken from which picture: `roles` by place in the look, `names` what each place is in the request."""
    of_role: dict[str, list[str]] = {}
    for place, role in enumerate(roles, 1):
        if role in _PHRASES and place in names:
            of_role.setdefault(role, []).append(names[place])
    phrases = [_PHRASES[role].format(joined(of_role[role])) for role in ROLES if role in of_role]
    return f"Use {joined(phrases)}." if phrases else ""


def avoid_sentence(words: Iterable[str]) -> str:
    named = list(words)
    return f"No {joined(named, last='or')}." if named else ""


def renamed(words: str, names: Mapping[int, str]) -> str:
    """Write the mentions of a look's own words as the request has them; one without a picture is left out."""
    most = max(mentions.mentioned(words), default=0)
    said = mentions.replace(words, most, lambda number: names.get(number, ""))
    return re.sub(r"[^\S\n]{2,}", " ", said).strip() if most else said


def joined(parts: Sequence[str], last: str = "and") -> str:
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else "".join(parts)


@dataclass(frozen=True, slots=True)
class Additions:
    """The words of a look around a prompt; those of a recipe stand before it."""

    words: str
    roles: str
    avoid: str
    is_first: bool

    @property
    def all(self) -> list[str]:
        return [part for part in (self.words, self.roles, self.avoid) if part]

    def around(self, prompt: str) -> str:
        main = (self.words, prompt) if self.is_first else (prompt, self.words)
        return "\n".join(part for part in (*main, self.roles, self.avoid) if part.strip())

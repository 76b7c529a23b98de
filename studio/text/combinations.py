"""`{red|green|blue}` in a prompt: every way to choose one of each, counted before anything is written out.

The page's script counts with the same rules (static/js/create/braces.js), and both pass tests/forms/combination_cases.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from math import prod

from studio.text import look_text

NESTED = "Braces can't stand inside {a|b}. Write \\{ for a plain brace, or list all the choices in one pair."
UNCLOSED = "Close the brace of {text}, or write \\{{ for a plain brace."
TOO_MANY = "{count} combinations; the limit is {most}. Take some choices out."
LONGEST_SHOWN = 30  # characters of a brace that was not closed
LONGEST_READ = 20_000  # characters: several times what a request may have
# No number longer than this is written out.
COUNTED = 1_000_000


class Refused(Exception):
    """The braces cannot be read, or say too much; `sentence` tells what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Escape(str):
    """A brace or a bar that was written with a backslash: always text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One pair of braces: its different alternatives, in their order; "" is one too."""

    values: tuple[str, ...]


Part = str | Choice


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt as it was read: text and choices in turn."""

    parts: tuple[Part, ...]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Those where there is something to choose."""
        return tuple(part for part in self.parts if isinstance(part, Choice) and len(part.values) > 1)

    @property
    def count(self) -> int:
        return prod(len(choice.values) for choice in self.choices)

    def picks(self) -> list[tuple[tuple[str, ...], str]]:
        """Every choice of values and the prompt it makes, each prompt once."""
        found: dict[str, tuple[str, ...]] = {}
        sets = [part.values if isinstance(part, Choice) else (part,) for part in self.parts]
        is_chosen = [isinstance(part, Choice) and len(part.values) > 1 for part in self.parts]
        for pieces in product(*sets):
            values = tuple(piece for piece, chosen in zip(pieces, is_chosen, strict=True) if chosen)
            found.setdefault(_joined(pieces), values)
        return [(values, text) for text, values in found.items()]


def read(prompt: str) -> Written:
    """Read the braces of a prompt. Raises Refused for choices inside choices and for one that is never closed.

    A pair without a bar is text, and so is what a backslash stands before.
    """
    frames: list[_Frame] = [_Frame(at=0)]
    for at, piece in _tokens(prompt):
        frame = frames[-1]
        if piece == "{" and not isinstance(piece, _Escape):
            frames.append(_Frame(at=at))
        elif piece == "|" and not isinstance(piece, _Escape) and len(frames) > 1:
            frame.alternatives.append([])
        elif piece == "}" and not isinstance(piece, _Escape) and len(frames) > 1:
            frames.pop()
            frames[-1].add(*frame.closed())
        elif isinstance(piece, _Escape) and piece == "|" and len(frames) == 1:
            frame.add("\\|")  # outside of braces a bar needs no backslash, so there it is text
        else:
            frame.add(str(piece))
    first, *open_ones = frames
    for frame in open_ones:
        if len(frame.alternatives) > 1:
            text = prompt[frame.at : frame.at + LONGEST_SHOWN]
            raise Refused(UNCLOSED.format(text=f"“{text}{'…' if len(prompt) > frame.at + LONGEST_SHOWN else ''}”"))
        first.add("{", *frame.alternatives[0])
    return Written(tuple(first.alternatives[0]))


def counted(count: int, most: int) -> str:
    """Say that so many combinations are more than `most`."""
    shown = f"{count:,}" if count <= COUNTED else f"More than {COUNTED:,}"
    return TOO_MANY.format(count=shown, most=most)


def plain(prompt: str) -> str | None:
    """Return the one prompt that is written; None when there is something to choose. Raises Refused.

    One that is too long for any request is not read.
    """
    if len(prompt) > LONGEST_READ:
        return prompt
    written = read(prompt)
    return None if written.choices else written.picks()[0][1]


def fixed_tags(prompt: str) -> list[str]:
    """Return the #tags that stand in the prompt whatever is chosen in braces; of one that cannot be read all of them."""
    try:
        written = read(prompt) if len(prompt) <= LONGEST_READ else Written((prompt,))
    except Refused:
        written = Written((prompt,))
    # A choice ends a word as a brace does.
    return look_text.tags("".join(part if isinstance(part, str) else "}" for part in written.parts))


def escaped(prompt: str) -> str:
    """Write a prompt that was sent so that it is read as nothing but text: what settings are used again from."""
    try:
        written = read(prompt)
        is_itself = written.count == 1 and written.picks() == [((), prompt.strip())]
    except Refused:
        is_itself = False
    return prompt if is_itself else re.sub(r"([{}])", r"\\\1", prompt)


class _Frame:
    """What stands inside one pair of braces so far."""

    def __init__(self, *, at: int) -> None:
        self.at = at
        self.alternatives: list[list[Part]] = [[]]

    def add(self, *parts: Part) -> None:
        there = self.alternatives[-1]
        for part in parts:
            if isinstance(part, str) and there and isinstance(there[-1], str):
                there[-1] += part
            else:
                there.append(part)

    def closed(self) -> list[Part]:
        if len(self.alternatives) == 1:
            return ["{", *self.alternatives[0], "}"]
        if any(isinstance(part, Choice) for parts in self.alternatives for part in parts):
            raise Refused(NESTED)
        values = ("".join(str(part) for part in parts).strip() for parts in self.alternatives)
        return [Choice(tuple(dict.fromkeys(values)))]


def _tokens(prompt: str) -> list[tuple[int, str]]:
    """Cut at braces and bars; one that a backslash stands before is an _Escape."""
    found: list[tuple[int, str]] = []
    for match in re.finditer(r"\\[{}|]|[{}|]|[^\\{}|]+|\\", prompt):
        text = match[0]
        is_escape = len(text) == 2 and text[0] == "\\" and text[1] in "{}|"
        found.append((match.start(), _Escape(text[1]) if is_escape else text))
    return found


def _joined(pieces: tuple[str, ...]) -> str:
    """Put the pieces together; where an empty one stood between two blanks, one of them goes."""
    text = ""
    was_empty = False
    for piece in pieces:
        if was_empty and text.endswith(" ") and piece.startswith(" "):
            piece = piece[1:]
        was_empty = not piece
        text += piece
    return text.strip()

"""Which words of a text went and which came, for people who compare two prompts.

Words are compared whole, and scripts that write without spaces sign by sign. `difflib` takes the time of all pairs of
equal tokens, so their number is bounded: long texts are compared clause by clause first, and then only what differs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

# Han, kana, hangul, Thai, Lao, Khmer, Myanmar: written without spaces between words, or nearly so.
_SIGN = (
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003ffff]"
)
# A vowel or tone mark stays with the letter before it.
_MARKS = r"[\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u3099\u309a]*"
_TOKEN = re.compile(rf"{_SIGN}{_MARKS}|(?:(?!{_SIGN})[\w'’@-])+{_MARKS}|\s+|.", re.DOTALL)
_CLAUSE_ENDS = frozenset(".,;:!?\n。、，；：！？")
MOST_PAIRS = 40_000  # of equal tokens: at most a few hundredths of a second


class Part(NamedTuple):
    """A piece of a text, and whether the other text lacks it."""

    text: str
    differs: bool


def diff(before: str, after: str) -> tuple[list[Part], list[Part]]:
    """Return both texts in parts: of the first those that went differ, of the second those that came."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    gone, come = _differing(old, new)
    return _parts(old, gone), _parts(new, come)


def differing_from_all(text: str, others: Iterable[str]) -> list[Part]:
    """Return the text in parts, of which those differ that no other text has."""
    tokens = _TOKEN.findall(text)
    differs = [True] * len(tokens)
    for other in others:
        alone, _ = _differing(tokens, _TOKEN.findall(other))
        differs = [was and is_alone for was, is_alone in zip(differs, alone, strict=True)]
    return _parts(tokens, differs)


def _differing(old: Sequence[str], new: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Say of each token whether the other text lacks it."""
    gone, come = [True] * len(old), [True] * len(new)
    for i, j, length in _blocks(old, new, MOST_PAIRS):
        gone[i : i + length] = [False] * length
        come[j : j + length] = [False] * length
    return gone, come


def _blocks(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int, int]]:
    """Find what both texts have in common, as (place in the old, place in the new, length)."""
    start = _same_length(zip(old, new, strict=False))
    end = _same_length(zip(reversed(old[start:]), reversed(new[start:]), strict=False))
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    blocks = [(0, 0, start), (len(old) - end, len(new) - end, end)]
    if _pairs(a, b) <= most:
        found = SequenceMatcher(None, [_folded(one) for one in a], [_folded(one) for one in b], autojunk=False)
        return [*blocks, *((start + i, start + j, length) for i, j, length in found.get_matching_blocks())]
    return [*blocks, *((start + i, start + j, length) for i, j, length in _by_clauses(a, b, most))]


def _by_clauses(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int, int]]:
    """As `_blocks`, for texts too long to be compared token by token: first their clauses, then what differs in them."""
    a, b = _clauses(old), _clauses(new)
    in_a, in_b = (["".join(one) for one in side] for side in (a, b))
    if _pairs(in_a, in_b) > most:
        return []
    at_a, at_b = _starts(a), _starts(b)
    blocks: list[tuple[int, int, int]] = []
    for verb, i, i_end, j, j_end in SequenceMatcher(None, in_a, in_b, autojunk=False).get_opcodes():
        if verb == "equal":
            blocks.append((at_a[i], at_b[j], at_a[i_end] - at_a[i]))
        elif verb == "replace":
            inner_a, inner_b = old[at_a[i] : at_a[i_end]], new[at_b[j] : at_b[j_end]]
            if (pairs := _pairs(inner_a, inner_b)) <= most:
                most -= pairs
                blocks += ((at_a[i] + x, at_b[j] + y, n) for x, y, n in _blocks(inner_a, inner_b, pairs))
    return blocks


def _clauses(tokens: Sequence[str]) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for token in tokens:
        clauses[-1].append(token)
        if not _CLAUSE_ENDS.isdisjoint(token):
            clauses.append([])
    return [one for one in clauses if one]


def _starts(clauses: Sequence[Sequence[str]]) -> list[int]:
    starts = [0]
    for clause in clauses:
        starts.append(starts[-1] + len(clause))
    return starts


def _same_length(pairs: Iterable[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if _folded(one) != _folded(other):
            break
        count += 1
    return count


def _folded(token: str) -> str:
    """Return the token as it counts: any white space is one, and capitals are no difference."""
    return " " if token.isspace() else token.casefold()


def _pairs(a: Iterable[str], b: Iterable[str]) -> int:
    in_a, in_b = Counter(map(_folded, a)), Counter(map(_folded, b))
    return sum(count * in_b[token] for token, count in in_a.items())


def _parts(tokens: Sequence[str], differs: Sequence[bool]) -> list[Part]:
    """Join tokens to parts: white space between two that differ is one of them, and at their edges none."""
    marks = list(differs)
    last = len(tokens) - 1
    for place, token in enumerate(tokens):
        if token.isspace():
            marks[place] = 0 < place < last and differs[place - 1] and differs[place + 1]
    pairs = zip(marks, tokens, strict=True)
    return [Part("".join(token for _, token in run), mark) for mark, run in groupby(pairs, key=lambda pair: pair[0])]

"""How many of a thing, in words."""

from __future__ import annotations


def counted(number: int, word: str, words: str = "") -> str:
    """Write a number of things: `1 reference`, `2,000 references`; `words` where more of them is not `word` and an s."""
    return f"{number} {word}" if number == 1 else f"{number:,} {words or f'{word}s'}"

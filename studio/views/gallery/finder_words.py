"""What is typed into the search of the gallery, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.models import User
from studio.models.search.clauses import Typed
from studio.text import names, search_text
from studio.text.search_text import fact

TYPED = re.compile(r'(-?)"([^"]*)"?|(\S+)')
LONGEST_QUERY = 200  # characters
# A name is found by so many letters of it.
SHORTEST_NAME = 2


def clean(text: str) -> str:
    """The words of a search in one spelling, cut between two words where there are too many."""
    words = names.one_line(text[: 10 * LONGEST_QUERY])
    if len(words) <= LONGEST_QUERY:
        return words
    return words[:LONGEST_QUERY].rpartition(" ")[0] or words[:LONGEST_QUERY]


def typed(q: str) -> Iterable[Typed]:
    for found in TYPED.finditer(q):
        sign, quoted, word = found.groups()
        if quoted is not None:
            yield Typed(quoted, quoted=True, excluded=bool(sign))
        elif len(word) > 1 and word[0] == "-":
            yield Typed(word[1:], excluded=True)
        else:
            yield Typed(word)


def means_nothing(q: str) -> bool:
    """Whether something is typed in which nothing can be searched for, such as a question mark."""
    return bool(q) and not any(words for one in typed(q) for words in search_text.pieces(one.text))


def named(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Whom a typed word may name: a person is found by the beginning of each part of the name."""
    wanted = {text: "".join(words) for text in texts for words in search_text.pieces(text)[:1]}
    wanted = {text: word for text, word in wanted.items() if len(word) >= SHORTEST_NAME}
    if not wanted:
        return {}
    people = [(pk, _parts(name)) for pk, name in User.objects.values_list("pk", "name")]
    found = {
        text: tuple(fact("p", pk) for pk, parts in people if any(part.startswith(word) for part in parts))
        for text, word in wanted.items()
    }
    return {text: facts for text, facts in found.items() if facts}


def _parts(name: str) -> list[str]:
    return ["".join(words) for words in search_text.pieces(name)]

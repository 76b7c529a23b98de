"""From what somebody types to clauses, which the full text index is asked for (search_query)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db import connection

from studio.text import search_text

Phrase = tuple[str, ...]

# Words that one typed word may stand for: those that begin with it, and those that have it inside.
MOST_BEGINNING = 100
MOST_INSIDE = 50
# Words read to choose them: those that pictures have had for longest, which are the common ones.
MOST_READ = 2_000
# Of so many typed words each stands for others too; of more, each is a whole word.
MOST_GROWN = 8
# Of a word with a hyphen: how many words its last part may become.
MOST_LAST = 20
# As ranges: LIKE of SQLite takes no notice of case, so it can't use the index, and PostgreSQL would sort all that begin
# so. There the order is that of the bytes, whatever the language of the database.
BEGINNING = """
SELECT id, word FROM (
  SELECT id, word FROM studio_searchword WHERE word >= %s AND word < %s ORDER BY word LIMIT %s
) AS known ORDER BY id LIMIT %s
"""
BEGINNING_THERE = """
SELECT id, word FROM (
  SELECT id, word FROM studio_searchword WHERE word ~>=~ %s AND word ~<~ %s ORDER BY word USING ~<~ LIMIT %s
) AS known ORDER BY id LIMIT %s
"""
INSIDE = "SELECT rowid, word FROM studio_searchwordpart WHERE studio_searchwordpart MATCH %s ORDER BY rowid LIMIT %s"
# Left to itself the planner reads words in their order until it has enough: of a rare text nearly all of them. Of a very
# common one some are read, which are as they are stored, the oldest first.
MOST_READ_INSIDE = 5_000
INSIDE_THERE = """
WITH known AS MATERIALIZED (SELECT id, word FROM studio_searchword WHERE word LIKE %s LIMIT %s)
SELECT id, word FROM known ORDER BY id LIMIT %s
"""
LIKE = re.compile(r"[\\%_]")  # what means something in a pattern
OPEN = "*"  # no word has it
SHORTEST_BEGINNING = 2  # characters
SHORTEST_INSIDE = 3  # characters: what a trigram index finds


@dataclass(frozen=True, slots=True)
class Clause:
    """One of these phrases has to be there, or none of them may be.

    What ends with OPEN is the beginning of a word; it is the last of its phrase.
    """

    phrases: tuple[Phrase, ...]
    excluded: bool = False

    @classmethod
    def of(cls, *tokens: str) -> Clause:
        return cls(tuple((token,) for token in tokens))


@dataclass(frozen=True, slots=True)
class Typed:
    """One word or quoted phrase of a search."""

    text: str
    quoted: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that was typed. `facts`: facts that a typed word may mean beside itself, such as a person's name;
    `owners`: the people whose own words are asked for too (`search_text.own_word`)."""

    typed: tuple[Typed, ...] = ()
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    owners: tuple[int, ...] = ()

    def clauses(self) -> tuple[Clause, ...]:
        found: list[Clause] = []
        for one in self.typed:
            pieces = search_text.pieces(one.text)
            whole = _whole(one.text)
            for words in [list(chain.from_iterable(pieces))] if one.quoted or whole else pieces:
                # A whole prompt may be pasted: of many words none is looked up in the vocabulary.
                is_grown = len(self.typed) <= MOST_GROWN
                found += _clauses(words, one, self.facts.get(one.text, ()), self.owners, whole, is_grown=is_grown)
        return tuple(dict.fromkeys(found))


def _whole(text: str) -> list[str]:
    """The words of a text without their apostrophes, which is how others write them; none where it has none."""
    whole = search_text.without_apostrophes(text)
    return list(chain.from_iterable(search_text.pieces(whole))) if whole != text else []


def _clauses(
    words: list[str],
    typed: Typed,
    facts: tuple[str, ...],
    owners: tuple[int, ...],
    whole: list[str],
    *,
    is_grown: bool,
) -> list[Clause]:
    """Return what a piece of the search asks for: its words beside each other, or parts of one word."""
    if not words:
        return []
    lonely = [word for word in words if len(word) == 1 and search_text.is_run(word)]
    if lonely and len(words) > 1 and not typed.excluded:
        # A single character of a run is a pair with its neighbour where it is stored: no phrase has it.
        return [one for word in words for one in _clauses([word], typed, facts, owners, [], is_grown=is_grown)]
    also = (*((fact,) for fact in facts), *_own(words, typed, owners, is_grown=is_grown))
    if whole:
        phrase = tuple(part for word in whole for part in search_text.parts(word))
        is_open = is_grown and len(phrase) == 1 and not typed.quoted
        longer = known_words(phrase[-1], inside=False)[:MOST_LAST] if is_open else []
        also += (phrase, *((one,) for one in longer), *_own(whole, typed, owners, is_grown=is_grown))
    if len(words) > 1 or typed.quoted or search_text.is_run(words[0]):
        phrase = tuple(part for word in words for part in search_text.parts(word))
        is_open = is_grown and len(phrase) > 1 and not (typed.quoted or search_text.is_run(words[-1]))
        # Of "art-dec" the last word is still being typed.
        last = known_words(phrase[-1], inside=False)[:MOST_LAST] if is_open else []
        grown = ((*phrase[:-1], word) for word in dict.fromkeys([phrase[-1], *last]))
        return [Clause((*grown, *also), typed.excluded)]
    word = search_text.parts(words[0])[0]
    known = (word, *(known_words(word, inside=not typed.excluded) if is_grown else ()))
    return [Clause((*((one,) for one in dict.fromkeys(known)), *also), typed.excluded)]


def _own(words: list[str], typed: Typed, owners: tuple[int, ...], *, is_grown: bool) -> Iterator[Phrase]:
    """The same words as somebody's own. The last is asked for by its beginning, as no vocabulary knows these."""
    phrase = [part for word in words for part in search_text.parts(word)]
    is_open = is_grown and len(phrase[-1]) >= SHORTEST_BEGINNING and not (typed.quoted or phrase[-1].isdigit())
    for key in owners:
        own = tuple(search_text.own_word(key, part) for part in phrase)
        yield (*own[:-1], own[-1] + OPEN) if is_open else own


def known_words(start: str, *, inside: bool) -> list[str]:
    """Return words of pictures that begin with a text, and, if `inside`, some that have it farther on; those that
    pictures have had for longest come first."""
    if len(start) < SHORTEST_BEGINNING or start.isdigit():
        return []
    is_postgresql = connection.vendor == "postgresql"
    following = start[:-1] + chr(ord(start[-1]) + 1)
    found = _words(BEGINNING_THERE if is_postgresql else BEGINNING, [start, following, MOST_READ, MOST_BEGINNING])
    if inside and len(start) >= SHORTEST_INSIDE:
        if is_postgresql:
            pattern = LIKE.sub(r"\\\g<0>", start)
            found |= _words(INSIDE_THERE, [f"%{pattern}%", MOST_READ_INSIDE, MOST_INSIDE])
        else:
            found |= _words(INSIDE, [f'"{start}"', MOST_INSIDE])
    return [word for _, word in sorted(found)]


def _words(sql: str, values: list[Any]) -> set[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return set(cursor.fetchall())

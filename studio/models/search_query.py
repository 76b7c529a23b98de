"""Ask the full text index: the same clauses on SQLite and on PostgreSQL, newest first, never further than asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from django.db import connection

from studio import search_text
from studio.models.search_document import ALL, SearchDocument, SearchWord

Phrase = tuple[str, ...]

# Words that one typed word may stand for: those that begin with it, and those that have it inside.
MOST_BEGINNING = 100
MOST_INSIDE = 50
FACT = "="  # how a fact begins; no word does
FEW = 40  # places that are looked up one by one
# On PostgreSQL: pictures that are read in their order before the index of words is asked.
NEAREST, NEAREST_EACH = 2_000, 32  # and for each that is wanted
FEW_WORDS = 10
# Words read to choose them: those that pictures have had for longest, which are the common ones.
MOST_READ = 2_000
# Of so many typed words each stands for others too; of more, each is a whole word.
MOST_GROWN = 8
# Of a word with a hyphen: how many words its last part may become.
MOST_LAST = 20
SHORTEST_BEGINNING = 2  # characters
SHORTEST_INSIDE = 3  # characters: what a trigram index finds


@dataclass(frozen=True, slots=True)
class Clause:
    """One of these phrases has to be there, or none of them may be."""

    phrases: tuple[Phrase, ...]
    excluded: bool = False

    @classmethod
    def of(cls, *tokens: str) -> Clause:
        return cls(tuple((token,) for token in tokens))


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What pictures are asked for. `first` and `last` are places: the oldest and the newest that may be found.

    `seen` are facts of which a picture has one, or it may not be found (`may_find`).
    """

    clauses: tuple[Clause, ...] = ()
    seen: tuple[str, ...] = ()
    first: int | None = None
    last: int | None = None

    def places(self, most: int, *, newest_first: bool = True) -> list[tuple[int, int]]:
        """Return the places and the keys of at most so many pictures."""
        if self.first is not None and self.last is not None and self.first > self.last:
            return []
        order = "DESC" if newest_first else "ASC"
        if not self.clauses and not self.seen:
            found = self._ranged().order_by("-place" if newest_first else "place")
            return list(found.values_list("place", "picture_id")[:most])
        ask = _postgresql if connection.vendor == "postgresql" else _sqlite
        return ask(self, order, most)

    def count(self, most: int) -> int:
        """Count no further than `most`."""
        return len(self.places(most))

    def below(self, place: int) -> SearchQuery:
        return replace(self, last=place - 1 if self.last is None else min(self.last, place - 1))

    def above(self, place: int) -> SearchQuery:
        return replace(self, first=place + 1 if self.first is None else max(self.first, place + 1))

    def _ranged(self) -> Any:
        rows = SearchDocument.objects.all()
        if self.first is not None:
            rows = rows.filter(place__gte=self.first)
        return rows if self.last is None else rows.filter(place__lte=self.last)


def _sqlite(query: SearchQuery, order: str, most: int) -> list[tuple[int, int]]:
    def phrases(clause: Clause) -> str:
        return " OR ".join(f'"{" ".join(phrase)}"' for phrase in clause.phrases)

    wanted, unwanted = _sorted(query.clauses)
    asked = " AND ".join(f"({phrases(clause)})" for clause in wanted)
    if unwanted:
        asked = f"({asked}) NOT ({' OR '.join(phrases(clause) for clause in unwanted)})"
    where, values = _range(query, "found.rowid")
    if facts := _facts(wanted):
        asked_facts = " AND ".join(f"({phrases(clause)})" for clause in facts)
        few = _few(
            "SELECT rowid FROM studio_searchindex AS found WHERE studio_searchindex MATCH", asked_facts, where, values
        )
        if few is not None:
            where, values = f"{where} AND found.rowid IN ({', '.join(['%s'] * len(few))})", [*values, *few]
    if query.seen:
        # What nearly every picture has is looked for in the rows that are found: the index would read its whole list.
        has = " OR ".join("instr(' ' || document.tokens || ' ', %s)" for _ in query.seen)
        where, values = f"{where} AND ({has})", [*values, *(f" {one} " for one in query.seen)]
    # The index gives its rows in their order and stops at the limit; the join must not turn that round.
    sql = (
        "SELECT document.place, document.picture_id FROM studio_searchindex AS found"  # noqa: S608 - our own words
        " CROSS JOIN studio_searchdocument AS document ON document.place = found.rowid"
        f" WHERE studio_searchindex MATCH %s{where} ORDER BY found.rowid {order} LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked, *values, most])
        return list(cursor.fetchall())


def _facts(wanted: Sequence[Clause]) -> list[Clause]:
    """Return the facts among these, where they are several and there are words beside them.

    An index steps through all its lists in turn, so where facts alone leave few pictures, words are asked of those.
    """
    facts = [clause for clause in wanted if all(phrase[0].startswith(FACT) for phrase in clause.phrases)]
    return facts if 1 < len(facts) < len(wanted) else []


def _few(select: str, asked: str, where: str, values: list[Any]) -> list[int] | None:
    """Return the places where all of this is, or None where they are more than FEW. `select` ends before the query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{select} %s{where} LIMIT %s", [asked, *values, FEW + 1])
        found = [place for (place,) in cursor.fetchall()]
    return found if len(found) <= FEW else None


def _postgresql(query: SearchQuery, order: str, most: int) -> list[tuple[int, int]]:
    def phrases(clause: Clause) -> str:
        return " | ".join(" <-> ".join(f"'{token}'" for token in phrase) for phrase in clause.phrases)

    wanted, unwanted = _sorted(query.clauses)
    asked = " & ".join(
        [*(f"({phrases(clause)})" for clause in wanted), *(f"!({phrases(clause)})" for clause in unwanted)]
    )
    where, values = _range(query, "place")
    seen, keys = "", []
    if query.seen:
        # As a function, which no index serves: what nearly every picture has would be read there as a whole.
        seen, keys = " AND ts_match_vq(tokens, %s::tsquery)", [phrases(Clause.of(*query.seen))]
    # Left to itself the planner walks the whole order for a rare word (340 ms at 600,000 pictures). So the nearest
    # pictures are asked first, which answers what is common, and then the index of words, which answers what is not.
    near = (
        "SELECT place, picture_id FROM"  # noqa: S608 - our own words
        f" (SELECT place, picture_id, tokens FROM studio_searchdocument WHERE TRUE{where}"
        f" ORDER BY place {order} LIMIT %s) AS near WHERE tokens @@ %s::tsquery{seen} ORDER BY place {order} LIMIT %s"
    )
    # A picture is compared with each word that a part of one stands for: of many words fewer pictures.
    first = NEAREST // max(1, sum(len(clause.phrases) for clause in query.clauses) // FEW_WORDS)

    def look(rows: int) -> list[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(near, [*values, rows, asked, *keys, most])
            return list(cursor.fetchall())

    found = look(first)
    if first <= len(found) * NEAREST_EACH < most * NEAREST_EACH:
        # Many more only where the first few say that they would do: then it is more than were read.
        found = look(NEAREST_EACH * most)
    if len(found) >= most:
        return found
    matches = "tokens @@ %s::tsquery"
    if facts := _facts(wanted):
        asked_facts = " & ".join(f"({phrases(clause)})" for clause in facts)
        few = _few("SELECT place FROM studio_searchdocument WHERE tokens @@", asked_facts, where, values)
        if few is not None:
            # By their places: as a function, which the index of words does not serve.
            matches = "ts_match_vq(tokens, %s::tsquery)"
            where, values = f"{where} AND place = ANY(%s)", [*values, few]
    every = (
        "WITH found AS MATERIALIZED (SELECT place, picture_id FROM studio_searchdocument"  # noqa: S608 - our own words
        f" WHERE {matches}{where}{seen}) SELECT place, picture_id FROM found ORDER BY place {order} LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(every, [asked, *values, *keys, most])
        return list(cursor.fetchall())


def _sorted(clauses: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    wanted = [clause for clause in clauses if not clause.excluded]
    return wanted or [Clause.of(ALL)], [clause for clause in clauses if clause.excluded]


def _range(query: SearchQuery, column: str) -> tuple[str, list[Any]]:
    ends = ((">=", query.first), ("<=", query.last))
    known = [(sign, place) for sign, place in ends if place is not None]
    return "".join(f" AND {column} {sign} %s" for sign, _ in known), [place for _, place in known]


# ---- From what somebody types to clauses


@dataclass(frozen=True, slots=True)
class Typed:
    """One word or quoted phrase of a search."""

    text: str
    quoted: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that was typed. `facts`: facts that a typed word may mean beside itself, such as a person's name."""

    typed: tuple[Typed, ...] = ()
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def clauses(self) -> tuple[Clause, ...]:
        found: list[Clause] = []
        for one in self.typed:
            pieces = search_text.pieces(one.text)
            for words in [list(chain.from_iterable(pieces))] if one.quoted else pieces:
                # A whole prompt may be pasted: of many words none is looked up in the vocabulary.
                found += _clauses(words, one, self.facts.get(one.text, ()), is_grown=len(self.typed) <= MOST_GROWN)
        return tuple(dict.fromkeys(found))


def _clauses(words: list[str], typed: Typed, facts: tuple[str, ...], *, is_grown: bool) -> list[Clause]:
    """Return what a piece of the search asks for: its words beside each other, or parts of one word."""
    if not words:
        return []
    also = tuple((fact,) for fact in facts)
    lonely = [word for word in words if len(word) == 1 and search_text.is_run(word)]
    if lonely and len(words) > 1 and not typed.excluded:
        # A single character of a run is a pair with its neighbour where it is stored: no phrase has it.
        return [one for word in words for one in _clauses([word], typed, facts, is_grown=is_grown)]
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


def known_words(start: str, *, inside: bool) -> list[str]:
    """Return words of pictures that begin with a text, and, if `inside`, some that have it farther on."""
    if len(start) < SHORTEST_BEGINNING or start.isdigit():
        return []
    if connection.vendor == "postgresql":
        beginning = SearchWord.objects.filter(word__startswith=start)
    else:
        # As a range: LIKE of SQLite takes no notice of case, so it can't use the index.
        beginning = SearchWord.objects.filter(word__gte=start, word__lt=start[:-1] + chr(ord(start[-1]) + 1))
    rows = sorted(beginning.order_by("word").values_list("pk", "word")[:MOST_READ])
    found = [word for _, word in rows[:MOST_BEGINNING]]
    return found + (_having(start) if inside and len(start) >= SHORTEST_INSIDE else [])


def _having(text: str) -> list[str]:
    if connection.vendor == "postgresql":
        return list(
            SearchWord.objects.filter(word__contains=text).order_by("pk").values_list("word", flat=True)[:MOST_INSIDE]
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM studio_searchwordpart WHERE studio_searchwordpart MATCH %s ORDER BY rowid LIMIT %s",
            [f'"{text}"', MOST_INSIDE],
        )
        return [word for (word,) in cursor.fetchall()]

"""Ask the full text index: the same clauses on SQLite and on PostgreSQL, newest first, never further than asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import connection

from studio.models.search.clauses import OPEN, Clause
from studio.models.search.document import ALL, SearchDocument

FACT = "="  # how a fact begins; no word does
FEW = 40  # places that are looked up one by one
# On PostgreSQL: pictures that are read in their order before the index of words is asked, and so many more where these
# say that it would do: at least, and for each that is wanted.
NEAREST, FURTHER, FURTHER_EACH = 2_000, 16_000, 32
FEW_WORDS = 10
# What a person may not find, of the place at hand, on SQLite; it goes on with what that lacks.
HIDDEN = (
    " AND NOT EXISTS (SELECT 1 FROM studio_searchdocument AS hidden INDEXED BY search_of_private"
    " WHERE hidden.place = found.rowid AND"
)


class Beginning(NamedTuple):
    """The keys of the first pictures, and how many there are in all. Not `is_counted`: at least so many."""

    keys: list[int]
    number: int
    is_counted: bool


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
        if self.is_void:
            return []
        order = "DESC" if newest_first else "ASC"
        if not self.clauses and not self.seen:
            found = self.ranged().order_by("-place" if newest_first else "place")
            return list(found.values_list("place", "picture_id")[:most])
        if connection.vendor == "postgresql":
            return _Postgresql(self, order).places(most)
        return _Sqlite(self, order).places(most)

    def beginning(self, wanted: int, most: int, *, newest_first: bool = True, is_whole: bool = False) -> Beginning:
        """Return the first and how many there are, counted no further than `most`, and unless `is_whole` only as far as
        that costs little."""
        if (self.clauses or self.seen) and not self.is_void:
            order = "DESC" if newest_first else "ASC"
            if connection.vendor == "postgresql":
                return _Postgresql(self, order).beginning(wanted, most, is_whole=is_whole)
            return _Sqlite(self, order).beginning(wanted, most)
        places = self.places(most, newest_first=newest_first)
        return Beginning([key for _, key in places[:wanted]], len(places), True)

    def count(self, most: int) -> int:
        """Count no further than `most`."""
        # SQLite compares each picture with every word that a part of one stands for: the common ones may be enough.
        fewer = self._of_first_words() if connection.vendor == "sqlite" else self
        if fewer != self and fewer.beginning(0, most).number >= most:
            return most
        return self.beginning(0, most, is_whole=True).number

    def _of_first_words(self) -> SearchQuery:
        """The same of the first few words that each part of one stands for: all that it finds is found by this too."""
        return replace(
            self,
            clauses=tuple(
                clause if clause.excluded else replace(clause, phrases=clause.phrases[:FEW_WORDS])
                for clause in self.clauses
            ),
        )

    def below(self, place: int) -> SearchQuery:
        return replace(self, last=place - 1 if self.last is None else min(self.last, place - 1))

    def above(self, place: int) -> SearchQuery:
        return replace(self, first=place + 1 if self.first is None else max(self.first, place + 1))

    @property
    def is_void(self) -> bool:
        """Whether its newest place comes before its oldest."""
        return self.first is not None and self.last is not None and self.first > self.last

    def ranged(self) -> Any:
        rows = SearchDocument.objects.all()
        if self.first is not None:
            rows = rows.filter(place__gte=self.first)
        return rows if self.last is None else rows.filter(place__lte=self.last)


class _Sqlite:
    """What one query asks SQLite: its index gives places in their order and stops at a limit, newest or oldest first."""

    def __init__(self, query: SearchQuery, order: str) -> None:
        self.is_newest_first = order == "DESC"
        wanted, unwanted = _sorted(query.clauses)
        asked = " AND ".join(f"({_match(clause)})" for clause in wanted)
        if unwanted:
            asked = f"({asked}) NOT ({' OR '.join(_match(clause) for clause in unwanted)})"
        where, values = _range(query, "found.rowid")
        index = "SELECT rowid AS place FROM studio_searchindex AS found WHERE studio_searchindex MATCH"
        if facts := _facts(wanted):
            asked_facts = " AND ".join(f"({_match(clause)})" for clause in facts)
            few = _few(index, asked_facts, where, values)
            if few is not None:
                where, values = f"{where} AND found.rowid IN ({', '.join(['%s'] * len(few))})", [*values, *few]
        if query.seen:
            # What nearly every picture has is not asked of the index, which would read its whole list: those that don't
            # have it are few, and have an index of their own.
            team, *others = query.seen
            hidden = [f"instr(hidden.tokens, ' {team} ') = 0", *["instr(hidden.tokens, %s) = 0"] * len(others)]
            where += f"{HIDDEN} {' AND '.join(hidden)})"
            values = [*values, *(f" {one} " for one in others)]
        self.found, self.values = f"{index} %s{where} ORDER BY found.rowid {order} LIMIT %s", [asked, *values]

    def places(self, most: int) -> list[tuple[int, int]]:
        """Return the places and the keys of at most so many pictures."""
        rows = _rows(
            f"SELECT place, picture_id FROM ({self.found}) CROSS JOIN studio_searchdocument USING (place)",  # noqa: S608
            [*self.values, most],
        )
        return sorted(rows, reverse=self.is_newest_first)

    def beginning(self, wanted: int, most: int) -> Beginning:
        """Return the keys of the first, and how many there are: of those beyond them nothing else is read."""
        if not wanted:
            ((number,),) = _rows(f"SELECT COUNT(*) FROM ({self.found})", [*self.values, most])  # noqa: S608 - our own
            return Beginning([], number, True)
        rows = _rows(
            f"WITH hit AS MATERIALIZED ({self.found}) SELECT place, picture_id, (SELECT COUNT(*) FROM hit)"  # noqa: S608
            " FROM (SELECT place FROM hit LIMIT %s) CROSS JOIN studio_searchdocument USING (place)",
            [*self.values, most, wanted],
        )
        rows.sort(reverse=self.is_newest_first)
        return Beginning([key for _, key, _ in rows], rows[0][2] if rows else 0, True)


def _match(clause: Clause) -> str:
    return " OR ".join(
        f'"{" ".join(phrase).removesuffix(OPEN)}"{OPEN * phrase[-1].endswith(OPEN)}' for phrase in clause.phrases
    )


def _facts(wanted: Sequence[Clause]) -> list[Clause]:
    """Return the facts among these, where they are several and there are words beside them.

    An index steps through all its lists in turn, so where facts alone leave few pictures, words are asked of those.
    """
    facts = [clause for clause in wanted if all(phrase[0].startswith(FACT) for phrase in clause.phrases)]
    return facts if 1 < len(facts) < len(wanted) else []


def _few(select: str, asked: str, where: str, values: list[Any]) -> list[int] | None:
    """Return the places where all of this is, or None where they are more than FEW. `select` ends before the query."""
    found = [place for (place,) in _rows(f"{select} %s{where} LIMIT %s", [asked, *values, FEW + 1])]
    return found if len(found) <= FEW else None


class _Postgresql:
    """What one query asks PostgreSQL.

    Left to itself the planner walks the whole order for a rare word (340 ms at 600,000 pictures). So the nearest
    pictures are asked first, which answers what is common, and then the index of words, which answers what is not.
    """

    def __init__(self, query: SearchQuery, order: str) -> None:
        self.query, self.order = query, order
        self.wanted, unwanted = _sorted(query.clauses)
        asked = [f"({_tsquery(clause)})" for clause in self.wanted]
        self.asked = " & ".join([*asked, *(f"!({_tsquery(clause)})" for clause in unwanted)])
        self.where, self.values = _range(query, "place")
        self.seen, self.facts = "", list[str]()
        if query.seen:
            # As a function, which no index serves: what nearly every picture has would be read there as a whole.
            self.seen, self.facts = " AND ts_match_vq(tokens, %s::tsquery)", [_tsquery(Clause.of(*query.seen))]
        # A picture is compared with each word that a part of one stands for: of many words fewer pictures.
        self.first = NEAREST // max(1, sum(len(clause.phrases) for clause in query.clauses) // FEW_WORDS)

    def places(self, most: int) -> list[tuple[int, int]]:
        """Return the places and the keys of at most so many pictures."""
        found = _rows(*self._near(self.first, most))
        if len(found) < most and (further := self._further(len(found), most)):
            found = _rows(*self._near(further, most))
        return found if len(found) >= most else _rows(*self._every(most))

    def beginning(self, wanted: int, most: int, *, is_whole: bool) -> Beginning:
        enough = most if is_whole else wanted
        keys, number = self._counted(*self._near(self.first, most), wanted)
        if number >= enough:
            return Beginning(keys, number, number >= most or self._has_read_all())
        if further := self._further(number, enough):
            keys, number = self._counted(*self._near(further, enough), wanted)
            if number >= enough:
                return Beginning(keys, number, number >= most)
        if not wanted:
            return Beginning([], self._number(most), True)
        return Beginning(*self._counted(*self._every(most), wanted), True)

    def _has_read_all(self) -> bool:
        """Whether no more pictures than the nearest can be found."""
        return not self.query.ranged().order_by("place" if self.order == "ASC" else "-place")[self.first :].exists()

    def _further(self, found: int, most: int) -> int:
        """How many pictures to read where the nearest have too few; 0 where these say that more would not do."""
        rows = max(FURTHER, FURTHER_EACH * most)
        return rows if found * rows >= most * self.first else 0

    def _near(self, rows: int, most: int) -> tuple[str, list[Any]]:
        """Ask so many pictures in their order."""
        sql = (
            "SELECT place, picture_id FROM"  # noqa: S608 - our own words
            f" (SELECT place, picture_id, tokens FROM studio_searchdocument WHERE TRUE{self.where}"
            f" ORDER BY place {self.order} LIMIT %s) AS near"
            f" WHERE tokens @@ %s::tsquery{self.seen} ORDER BY place {self.order} LIMIT %s"
        )
        return sql, [*self.values, rows, self.asked, *self.facts, most]

    def _every(self, most: int) -> tuple[str, list[Any]]:
        """Ask the index of words for all of them."""
        found, values = self._matching()
        sql = f"{found} SELECT place, picture_id FROM found ORDER BY place {self.order} LIMIT %s"  # noqa: S608 - our own
        return sql, [*values, most]

    def _number(self, most: int) -> int:
        """Ask the index of words how many there are: without an order, no more of them are read than are counted."""
        found, values = self._matching()
        sql = f"{found} SELECT count(*) FROM (SELECT FROM found LIMIT %s) AS counted"  # noqa: S608 - our own words
        return int(_rows(sql, [*values, most])[0][0])

    def _matching(self) -> tuple[str, list[Any]]:
        # Apart from any limit, which would lead the planner past the index.
        matches, where, values = "tokens @@ %s::tsquery", self.where, self.values
        if facts := _facts(self.wanted):
            asked_facts = " & ".join(f"({_tsquery(clause)})" for clause in facts)
            few = _few("SELECT place FROM studio_searchdocument WHERE tokens @@", asked_facts, where, values)
            if few is not None:
                # By their places: as a function, which the index of words does not serve.
                matches = "ts_match_vq(tokens, %s::tsquery)"
                where, values = f"{where} AND place = ANY(%s)", [*values, few]
        sql = (
            "WITH found AS MATERIALIZED (SELECT place, picture_id FROM studio_searchdocument"  # noqa: S608 - our own words
            f" WHERE {matches}{where}{self.seen})"
        )
        return sql, [self.asked, *values, *self.facts]

    def _counted(self, sql: str, values: list[Any], wanted: int) -> tuple[list[int], int]:
        """The first keys of what a statement finds, and how many it finds: a thousand rows are long to read."""
        ((keys, number),) = _rows(
            f"WITH hit AS MATERIALIZED ({sql}) SELECT ARRAY(SELECT picture_id FROM hit"  # noqa: S608 - our own words
            f" ORDER BY place {self.order} LIMIT %s), (SELECT count(*) FROM hit)",
            [*values, wanted],
        )
        return keys, number


def _tsquery(clause: Clause) -> str:
    return " | ".join(" <-> ".join(map(_lexeme, phrase)) for phrase in clause.phrases)


def _lexeme(token: str) -> str:
    return f"'{token[: -len(OPEN)]}':{OPEN}" if token.endswith(OPEN) else f"'{token}'"


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _sorted(clauses: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    wanted = [clause for clause in clauses if not clause.excluded]
    return wanted or [Clause.of(ALL)], [clause for clause in clauses if clause.excluded]


def _range(query: SearchQuery, column: str) -> tuple[str, list[Any]]:
    ends = ((">=", query.first), ("<=", query.last))
    known = [(sign, place) for sign, place in ends if place is not None]
    return "".join(f" AND {column} {sign} %s" for sign, _ in known), [place for _, place in known]

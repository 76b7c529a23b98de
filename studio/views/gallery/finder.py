"""What an address of the gallery asks for, and the pictures that it finds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from studio.models import Picture, SearchDocument, SearchWord, User
from studio.models.picture import PictureQuerySet
from studio.models.search.clauses import Clause, Words
from studio.models.search.document import may_find, place_of
from studio.models.search.query import Beginning, SearchQuery
from studio.text.names import isolated
from studio.text.search_text import fact
from studio.views.gallery.dates import Span
from studio.views.gallery.filters import BY_NAME, FILTERS, GONE, MOST_CHOSEN, Choice, Filter
from studio.views.gallery.finder_words import clean, named, typed
from studio.views.request import viewer

EVER = Span()
PAGE = 60  # pictures: five to ten rows on a desk, and two queries whatever their number
MOST_COUNTED = 1000
JOB_NUMBER = re.compile(r"j-(\d{1,18})", re.ASCII | re.IGNORECASE)


class Cursor(Protocol):
    """A place in the gallery's order (studio.views.gallery.page.Cursor)."""

    @property
    def shown_at(self) -> datetime: ...
    @property
    def pk(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Active:
    """Something that narrows the gallery down: its chip, and the address without it. `label` is "" for words."""

    name: str
    label: str
    words: str
    without: Finder
    is_gone: bool = False

    @property
    def text(self) -> str:
        """What a sentence calls it."""
        words = f"{self.label} {self.words}" if self.is_gone else self.words
        return words if self.label else f"“{isolated(words)}”"


class Neighbours(NamedTuple):
    """The keys of the newer and the older picture, 0 where there is none, and how many there are of each; the other way
    round where the oldest comes first."""

    newer: int
    older: int
    before: int
    after: int


@dataclass(frozen=True)
class Finder:
    """What a gallery address asks for: words and filters."""

    person: User
    q: str = ""
    chosen: tuple[tuple[str, Choice], ...] = ()
    span: Span = EVER
    is_oldest: bool = False  # the oldest first
    is_by_day: bool = False  # a heading for each day, not for each month
    is_selecting: bool = False  # pictures are chosen without a script; its links keep to that

    @classmethod
    def of(cls, request: HttpRequest) -> Finder:
        found = cls.read(request.GET, viewer(request))
        return replace(found, is_selecting=True) if request.GET.get("select") == "on" else found

    @classmethod
    def parse(cls, address: str, person: User) -> Finder:
        """Read what follows the ? of an address, such as a saved view's or a posted selection's."""
        try:
            return cls.read(QueryDict(address, mutable=False), person)
        except TooManyFieldsSent:
            return cls(person)  # more fields than any address of the gallery has

    @classmethod
    def read(cls, fields: QueryDict, person: User) -> Finder:
        """Read the fields of an address; what means nothing is left out."""
        chosen = []
        for one in FILTERS:
            values = sorted(dict.fromkeys(fields.getlist(one.name)))[:MOST_CHOSEN]
            found = one.read(values, person) if values else []
            chosen += [(one.name, choice) for choice in dict.fromkeys(found)]
        span = Span.read(fields.get("from", ""), fields.get("to", ""))
        is_oldest, is_by_day = fields.get("sort") == "oldest", fields.get("by") == "day"
        return cls(person, clean(fields.get("q", "")), tuple(chosen), span, is_oldest, is_by_day)

    # ---- What it says

    @property
    def is_on(self) -> bool:
        """Whether any word or filter narrows the gallery down."""
        return bool(self._asked or self.span.pairs)

    @property
    def shows_archived(self) -> bool:
        """Whether it asks for archived pictures alone."""
        return any(name == "archived" for name, _ in self.chosen)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields of the address, sorted."""
        found = [(name, choice.value) for name, choice in self.chosen] + self.span.pairs
        found += [("sort", "oldest")] * self.is_oldest + [("by", "day")] * self.is_by_day
        return sorted(found + [("q", self.q)] * bool(self.q))

    @property
    def linked(self) -> list[tuple[str, str]]:
        """The fields of its own links."""
        return sorted(self.pairs + ([("select", "on")] if self.is_selecting else []))

    @cached_property
    def address(self) -> str:
        """Its own query string, "" when nothing is asked for."""
        return urlencode(self.pairs)

    @property
    def url(self) -> str:
        return reverse("studio:gallery") + (f"?{urlencode(self.linked)}" if self.linked else "")

    @cached_property
    def active(self) -> list[Active]:
        """The filters that are on, in the order of their chips."""
        found = [Active("q", "", self.q, self.without_words)] if self.q else []
        if self.span.pairs:
            found.append(Active("from", "Date", str(self.span), replace(self, span=EVER)))
        switches = {"sort": ("Oldest first", "is_oldest"), "by": ("By day", "is_by_day")}
        found += [
            Active(name, " ", words, replace(self, **{field: False}))  # type: ignore[arg-type]
            for name, (words, field) in switches.items()
            if getattr(self, field)
        ]
        for name, choice in self.chosen:
            label = "" if BY_NAME[name].is_switch else BY_NAME[name].label
            is_gone = choice.is_gone and choice.label == GONE
            found.append(Active(name, label or " ", choice.label, self.toggled(name, choice), is_gone))
        return found

    def toggled(self, name: str, choice: Choice) -> Finder:
        """The same with a value of a filter, or without it."""
        pair = (name, choice)
        rest = tuple(one for one in self.chosen if one != pair)
        return replace(self, chosen=rest if pair in self.chosen else (*rest, pair))

    @property
    def without_words(self) -> Finder:
        return replace(self, q="")

    def in_span(self, span: Span) -> Finder:
        """The same in this span of days, or in every one where it is that already."""
        return replace(self, span=EVER if self.span == span else span)

    # ---- What it finds

    @property
    def rows(self) -> PictureQuerySet:
        """Its pictures, newest first: the gallery's own list has none that are archived, and what is searched for has."""
        seen = Picture.objects.visible_to(self.person)
        return (seen.made() if self.is_on else seen.in_gallery()).newest_first()

    @cached_property
    def _asked(self) -> tuple[Clause, ...]:
        by_filter: dict[str, list[str]] = {}
        for name, choice in self.chosen:
            by_filter.setdefault(name, []).append(choice.fact)
            by_filter |= {"own": list(choice.among)} if choice.among else {}
        return (*self._words().clauses(), *(Clause.of(*facts) for facts in by_filter.values()))

    @cached_property
    def query(self) -> SearchQuery:
        """What is asked for, among the pictures that the person may find."""
        begin, end = self.span.begin, self.span.end
        return SearchQuery(
            self._asked,
            may_find(self.person),
            first=place_of(begin) if begin else None,
            last=place_of(end) - 1 if end else None,
        )

    def page(self, after: Cursor | None, most: int) -> list[int]:
        """Return the keys of the pictures that follow a place, newest first."""
        query = self.query if after is None else self.query.below(self._place(after))
        return [key for _, key in query.places(most)]

    def codes(self, most: int, *, upto: datetime | None) -> list[str]:
        """Return the codes of its newest pictures, of those that were shown by `upto`."""
        rows = self.rows
        if not self.is_on:
            rows = rows.filter(shown_at__lte=upto) if upto else rows
            return [str(code) for code in rows.values_list("code", flat=True)[:most]]
        query = self.query.below(place_of(upto) + 1) if upto else self.query
        keys = [key for _, key in query.places(most)]
        codes = dict(rows.filter(pk__in=keys).values_list("pk", "code"))
        return [str(codes[key]) for key in keys if key in codes]

    @cached_property
    def beginning(self) -> Beginning:
        """The newest that it finds, one more than a page has, and how many there are as far as that costs little: asked
        for once, as the index of words is the costly part."""
        return self.query.beginning(PAGE + 1, MOST_COUNTED)

    def count(self) -> int:
        """Count no further than MOST_COUNTED."""
        return self.query.count(MOST_COUNTED)

    def newest(self, rows: PictureQuerySet, most: int) -> list[Picture]:
        """Load the newest, at most a page and one."""
        return rows.in_order(self.beginning.keys[:most])

    def older(self, rows: PictureQuerySet, after: Cursor | None, most: int) -> list[Picture]:
        """Load what follows a place, or the newest; the nearest first. `rows`: the gallery, newest first."""
        if self.is_on:
            return rows.in_order(self.page(after, most))
        return list((rows.older_than(after.shown_at, after.pk) if after else rows)[:most])

    def newer(self, rows: PictureQuerySet, before: Cursor, most: int) -> list[Picture]:
        """Load what stands above a place; the nearest first."""
        if self.is_on:
            places = self.query.above(self._place(before)).places(most, newest_first=False)
            return rows.in_order([key for _, key in places])
        return list(rows.newer_than(before.shown_at, before.pk).reverse()[:most])

    def following(self, rows: PictureQuerySet, after: Cursor | None, most: int) -> list[Picture]:
        """Load what follows a place in the order that is asked for, or its beginning."""
        if not self.is_oldest:
            return self.older(rows, after, most)
        if after:
            return self.newer(rows, after, most)
        if self.is_on:
            return rows.in_order([key for _, key in self.query.places(most, newest_first=False)])
        return list(rows.reverse()[:most])

    def preceding(self, rows: PictureQuerySet, before: Cursor, most: int) -> list[Picture]:
        """Load what stands before a place in the order that is asked for; the nearest first."""
        return (self.older if self.is_oldest else self.newer)(rows, before, most)

    def count_newer(self, rows: PictureQuerySet, top: Cursor | None, most: int) -> int:
        """Count what stands above a place, or everything without one, no further than `most`."""
        if self.is_on:
            return (self.query.above(self._place(top)) if top else self.query).count(most)
        return (rows.newer_than(top.shown_at, top.pk) if top else rows)[:most].count()

    def has_picture(self, shown: Picture) -> bool:
        """Whether the picture is among those it finds."""
        place = _known_place(shown.pk)
        return place is not None and bool(self.query.above(place - 1).below(place + 1).places(1))

    def neighbours(self, shown: Picture) -> Neighbours:
        """Return what stands beside a picture that it finds, with at most MOST_COUNTED counted."""
        place = _known_place(shown.pk) or place_of(shown.shown_at or shown.created_at)
        beside = (self.query.above(place), self.query.below(place))
        newer, older = beside[::-1] if self.is_oldest else beside
        before = newer.beginning(1, MOST_COUNTED, newest_first=self.is_oldest, is_whole=True)
        most = max(1, MOST_COUNTED - before.number)
        after = older.beginning(1, most, newest_first=not self.is_oldest, is_whole=True)
        return Neighbours(next(iter(before.keys), 0), next(iter(after.keys), 0), before.number, after.number)

    def around(self, shown: Picture, most: int) -> list[int]:
        """Return the keys of a picture that it finds and of at most so many before and behind it, in its order."""
        place = _known_place(shown.pk) or place_of(shown.shown_at or shown.created_at)
        newer = self.query.above(place).places(most, newest_first=False)
        keys = [*(key for _, key in reversed(newer)), shown.pk, *(k for _, k in self.query.below(place).places(most))]
        return keys[::-1] if self.is_oldest else keys

    def _place(self, at: Cursor) -> int:
        """The place of a picture in the order; of one that is gone, the place that it had or one beside it."""
        known = _known_place(at.pk)
        return place_of(at.shown_at) if known is None else known

    def _words(self) -> Words:
        words = tuple(typed(self.q))
        plain = [one.text for one in words if not one.quoted]
        facts = {text: (fact("j", int(known[1])),) for text in plain if (known := JOB_NUMBER.fullmatch(text))}
        return Words(words, facts | named(plain), SearchWord.owners(self.person.owner_keys) if words else ())


def _known_place(key: int) -> int | None:
    return SearchDocument.objects.filter(picture_id=key).values_list("place", flat=True).first()


__all__ = ["Active", "Filter", "Finder"]

"""The trail: who did what to which thing and when, for admins; newest first, to be searched and exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Self

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio.codes import read_code
from studio.engine.archives.lists import safe_cell
from studio.models import TrailEntry, User
from studio.models.private_things import hidden_from
from studio.models.trail import TrailQuerySet
from studio.text import search_text
from studio.views import left_out
from studio.views.gallery.dates import Span
from studio.views.permissions import admin_only, page_address
from studio.views.request import read_number, viewer

PAGE = 50
# Entries that one page reads to find those with certain words; further back is one click away.
MOST_READ = 2_000
MOST_EXPORTED = 100_000
LONGEST_TEXT = 1_000  # more than an entry has
Verb = TrailEntry.Verb
ICONS = {
    Verb.SIGNED_IN: "user",
    Verb.SIGN_IN_REFUSED: "shield-alert",
    Verb.SIGNED_OUT: "log-out",
    Verb.INVITED: "user-plus",
    Verb.JOINED: "user",
    Verb.ROLE: "users",
    Verb.ACCESS: "users",
    Verb.NAME: "user",
    Verb.PASSWORD: "key-round",
    Verb.HANDED_OVER: "arrow-right",
    Verb.BUDGET: "wallet",
    Verb.PRICE: "wallet",
    Verb.APPROVAL: "check-check",
    Verb.RETRY: "rotate-cw",
    Verb.WRITE_OFF: "x",
    Verb.SETTLED: "circle-check",
    Verb.PAUSE: "activity",
    Verb.LIMITS: "sliders-horizontal",
    Verb.ALERT: "bell",
    Verb.DELETED: "trash-2",
    Verb.SHARED: "share-2",
    Verb.EXPORTED: "hard-drive-download",
    Verb.TOKEN: "key-round",
}
COLUMNS = ("time", "who", "kind", "thing", "what", "page")
PRIVATE = "Private work"


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as this viewer may read it: of somebody else's private work, nobody reads what it was."""

    entry: TrailEntry
    is_hidden: bool

    @classmethod
    def all_of(cls, entries: Sequence[TrailEntry], person: User) -> list[Self]:
        """Those of some entries. What was the team's may be private by now."""
        hidden = hidden_from(person, {one.address for one in entries})
        return [cls(one, one.private_to_id not in {None, person.pk} or one.address in hidden) for one in entries]

    @property
    def who(self) -> str:
        return self.entry.name or "Studio"

    @property
    def initials(self) -> str:
        return self.entry.actor.initials if self.entry.actor else ""

    @property
    def icon(self) -> str:
        return ICONS.get(Verb(self.entry.verb), "info") if self.entry.verb in Verb else "info"

    @property
    def thing(self) -> str:
        return PRIVATE if self.is_hidden else self.entry.thing

    @property
    def text(self) -> str:
        return "" if self.is_hidden else self.entry.text

    @property
    def address(self) -> str:
        return "" if self.is_hidden else page_address(self.entry.address)

    @property
    def day(self) -> date:
        return timezone.localtime(self.entry.at).date()

    def says(self, words: list[str]) -> bool:
        """Whether each word is somewhere in what this viewer reads."""
        said = search_text.plain(f"{self.who} {self.entry.get_verb_display()} {self.thing} {self.text}")
        return all(word in said for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for. What it does not understand of it is left out, and said (`left_out`)."""

    actor: int | None
    verb: str
    span: Span
    text: str

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        actor, verb = given.get("person", ""), given.get("kind", "")
        text = " ".join(given.get("q", "").replace("\0", " ").split())[:LONGEST_TEXT]
        return cls(
            actor=read_number(actor),
            verb=verb if verb in Verb else "",
            span=Span.read(given.get("from", ""), given.get("to", "")),
            text=text,
        )

    def left_out(self, given: QueryDict) -> list[str]:
        """Say what of these fields is not in what was read of them."""
        read = {"person": self.actor, "kind": self.verb, "from": self.span.first, "to": self.span.last}
        labels = {"person": "Person", "kind": "Kind", "from": "From", "to": "To"}
        wrong = [name for name, one in read.items() if one in {None, ""} and given.get(name, "").strip()]
        said = left_out.unknown(
            (left_out.shown(labels[one], given.get(one, "")) for one in wrong), where=left_out.FILTERS
        )
        return said + left_out.long_search(given.get("q", ""), LONGEST_TEXT)

    @property
    def is_on(self) -> bool:
        return bool(self.actor is not None or self.verb or self.span.first or self.span.last or self.text)

    @property
    def reads(self) -> bool:
        """Whether entries have to be read one by one: an index knows a person or a kind, not both, and no words."""
        return bool(self.text or (self.actor is not None and self.verb))

    def address(self, **more: str) -> str:
        query = QueryDict(mutable=True)
        if self.actor is not None:
            query["person"] = str(self.actor)
        if self.verb:
            query["kind"] = self.verb
        first, last = self.span.first, self.span.last
        query.update({name: day.isoformat() for name, day in (("from", first), ("to", last)) if day})
        if self.text:
            query["q"] = self.text
        query.update({name: value for name, value in more.items() if value})
        return query.urlencode()

    def rows(self) -> TrailQuerySet:
        """What an index finds of it, the newest first."""
        rows = TrailEntry.objects.newest_first()
        if self.actor is not None:
            rows = rows.filter(actor=self.actor)
        elif self.verb:
            rows = rows.filter(verb=self.verb)
        if self.span.begin:
            rows = rows.filter(at__gte=self.span.begin)
        return rows.filter(at__lt=self.span.end) if self.span.end else rows

    def fits(self, row: Row) -> bool:
        if self.verb and row.entry.verb != self.verb:
            return False
        return not self.text or row.says(search_text.plain(self.text).split())


@require_safe
@admin_only
def trail(request: HttpRequest) -> HttpResponse:
    """Show what was done, by day; of what is chosen, only what fits."""
    person, asked = viewer(request), Asked.read(request.GET)
    people = list(User.objects.order_by("name").only("name"))
    if asked.actor not in {one.pk for one in people}:
        asked = replace(asked, actor=None)
    last = _last(request.GET.get("after", ""))
    rows, after, looked_back_to = _page(asked, person, last)
    context = {
        "days": [(day, list(same)) for day, same in groupby(rows, key=lambda row: row.day)],
        "today": timezone.localdate(),
        "asked": asked,
        "is_first": last is None,
        "more": asked.address(after=after) if after else "",
        "looked_back_to": looked_back_to,
        "most_read": MOST_READ,
        "export": asked.address(),
        "people": people,
        "left_out": asked.left_out(request.GET),
        "verbs": Verb.choices,
        "page": "other",
    }
    return render(request, "team/trail.html", context)


@require_POST
@admin_only
def export_trail(request: HttpRequest) -> StreamingHttpResponse:
    """Send what fits as CSV, the newest first, and say so in the trail."""
    person, asked = viewer(request), Asked.read(request.POST)
    TrailEntry.log(Verb.EXPORTED, by=person, thing="The trail", address=f"/trail/?{asked.address()}"[:300])
    response = StreamingHttpResponse(_table(asked, person), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="studio-trail-{timezone.localdate()}.csv"'
    return response


def _page(asked: Asked, person: User, last: TrailEntry | None) -> tuple[list[Row], str, datetime | None]:
    """Return the rows, the code of the entry that the next page follows, and how far back entries were read, if short."""
    rows = asked.rows().select_related("actor")
    rows = rows.older_than(last.at, last.pk) if last else rows
    most = MOST_READ if asked.reads else PAGE
    read = list(rows[: most + 1])
    found: list[Row] = []
    for row in Row.all_of(read[:most], person):
        if asked.fits(row):
            found.append(row)
            if len(found) == PAGE:
                is_end = row.entry is read[-1]
                return found, "" if is_end else str(row.entry.code), None
    if len(read) > most:
        return found, str(read[most - 1].code), read[most - 1].at
    return found, "", None


def _last(code: str) -> TrailEntry | None:
    known = read_code(code)
    return TrailEntry.objects.filter(code=known).first() if known else None


def _table(asked: Asked, person: User) -> Iterator[bytes]:
    """Write UTF-8 with its mark, some rows at a time; no cell is a formula, no entry more than one line."""
    yield "\ufeff".encode() + _line(COLUMNS)
    last: TrailEntry | None = None
    for _ in range(MOST_EXPORTED // MOST_READ):
        rows = asked.rows().select_related("actor")
        read = list((rows.older_than(last.at, last.pk) if last else rows)[:MOST_READ])
        shown = [row for row in Row.all_of(read, person) if asked.fits(row)]
        yield b"".join(_line(_cells(row)) for row in shown)
        if len(read) < MOST_READ:
            return
        last = read[-1]


def _cells(row: Row) -> tuple[str, ...]:
    at = timezone.localtime(row.entry.at).isoformat(timespec="seconds")
    return at, row.who, row.entry.get_verb_display(), row.thing, row.text, row.address


def _line(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(" ".join(cell.split())) for cell in cells])
    return out.getvalue().encode("utf-8", "replace")

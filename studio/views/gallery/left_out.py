"""What an address of the gallery asks for and the page can't do, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import QueryDict

from studio.views import left_out as said_of
from studio.views.gallery.filters import BY_NAME, MOST_CHOSEN
from studio.views.gallery.finder import Finder
from studio.views.gallery.finder_words import LONGEST_QUERY, means_nothing

TOO_MANY = f"{{label}} takes {MOST_CHOSEN} values at once. The others are left out."
NOTHING_TO_FIND = "Nothing in {words} can be searched for. Type letters, digits or an emoji."
SIGNS = set("\"-' ")  # with which a search may begin, while it is typed
SORTS = {"", "newest", "oldest"}
SPANS = {"", "month", "day"}  # that have headings


def left_out(fields: QueryDict, finder: Finder) -> list[str]:
    """Say what of these fields of an address is not in what was read of them."""
    said = said_of.unknown(_unknown(fields, finder), where=said_of.FILTERS)
    for name, one in BY_NAME.items():
        if len(set(fields.getlist(name))) > MOST_CHOSEN:
            said.append(TOO_MANY.format(label=one.label))
    said += said_of.long_search(fields.get("q", ""), LONGEST_QUERY)
    if means_nothing(finder.q) and not SIGNS.issuperset(finder.q):
        said.append(NOTHING_TO_FIND.format(words=said_of.quoted(finder.q)))
    return said


def _unknown(fields: QueryDict, finder: Finder) -> Iterator[str]:
    for name, one in BY_NAME.items():
        values = sorted({value for value in fields.getlist(name) if value.strip()})[:MOST_CHOSEN]
        chosen = [choice for of, choice in finder.chosen if of == name]
        # One value may be written in several ways, so what is chosen is counted first.
        wrong = [value for value in values if not one.read([value], finder.person)] if len(chosen) < len(values) else []
        yield from (said_of.shown(one.label, value) for value in wrong)
    for name, label, day in (("from", "Date", finder.span.first), ("to", "Date", finder.span.last)):
        if day is None and fields.get(name, "").strip():
            yield said_of.shown(label, fields.get(name, ""))
    if fields.get("sort", "") not in SORTS:
        yield said_of.shown("Order", fields.get("sort", ""))
    if fields.get("by", "") not in SPANS:
        yield said_of.shown("Headings", fields.get("by", ""))

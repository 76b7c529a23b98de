"""What an address of the gallery asks for and the page can't do, as sentences: a typed, old or shared address has such."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import QueryDict

from studio.text.names import isolated, one_line
from studio.views.gallery.filters import BY_NAME, MOST_CHOSEN
from studio.views.gallery.finder import Finder
from studio.views.gallery.finder_words import LONGEST_QUERY, means_nothing

LONGEST_SHOWN = 40  # characters of a value
MOST_SHOWN = 3
UNKNOWN = "Left out, because Studio doesn't know it: {values}. Choose again in the filters."
TOO_MANY = f"{{label}} takes {MOST_CHOSEN} values at once. The others are left out."
LONG = f"Only the first {LONGEST_QUERY} characters are searched for. Shorten the search."
NOTHING_TO_FIND = "Nothing in {words} can be searched for. Type letters, digits or an emoji."
SIGNS = set("\"-' ")  # with which a search may begin, while it is typed
SORTS = {"", "newest", "oldest"}


def left_out(fields: QueryDict, finder: Finder) -> list[str]:
    """Say what of these fields of an address is not in what was read of them."""
    found = list(_unknown(fields, finder))
    said = [UNKNOWN.format(values=", ".join(found[:MOST_SHOWN]))] if found else []
    for name, one in BY_NAME.items():
        if len(set(fields.getlist(name))) > MOST_CHOSEN:
            said.append(TOO_MANY.format(label=one.label))
    if len(one_line(fields.get("q", ""))) > LONGEST_QUERY:
        said.append(LONG)
    if means_nothing(finder.q) and not SIGNS.issuperset(finder.q):
        said.append(NOTHING_TO_FIND.format(words=_quoted(finder.q)))
    return said


def _unknown(fields: QueryDict, finder: Finder) -> Iterator[str]:
    for name, one in BY_NAME.items():
        values = sorted({value for value in fields.getlist(name) if value.strip()})[:MOST_CHOSEN]
        chosen = [choice for of, choice in finder.chosen if of == name]
        # One value may be written in several ways, so what is chosen is counted first.
        wrong = [value for value in values if not one.read([value], finder.person)] if len(chosen) < len(values) else []
        yield from (_shown(one.label, value) for value in wrong)
    for name, label, day in (("from", "Date", finder.span.first), ("to", "Date", finder.span.last)):
        if day is None and fields.get(name, "").strip():
            yield _shown(label, fields.get(name, ""))
    if fields.get("sort", "") not in SORTS:
        yield _shown("Order", fields.get("sort", ""))


def _shown(label: str, value: str) -> str:
    return f"{label} {_quoted(value)}"


def _quoted(value: str) -> str:
    words = one_line(value)
    return f"“{isolated(f'{words[:LONGEST_SHOWN]}…' if len(words) > LONGEST_SHOWN else words)}”"

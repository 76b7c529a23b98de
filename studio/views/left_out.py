"""What an address asks for and its page can't do, as sentences: a typed, old or shared address has such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import QueryDict

from studio.text.names import isolated, one_line
from studio.views.request import LONGEST_SEARCH

LONGEST_SHOWN = 40  # characters of a value
MOST_SHOWN = 3
UNKNOWN = "Left out, because Studio doesn't know it: {values}. Choose again{where}."
FILTERS = " in the filters"
LONG = "Only the first {most:,} characters are searched for. Shorten the search."


def unknown(values: Iterable[str], *, where: str = "") -> list[str]:
    """Say which values (`shown`) are left out; nothing where there are none."""
    found = list(values)[:MOST_SHOWN]
    return [UNKNOWN.format(values=", ".join(found), where=where)] if found else []


def shown(label: str, value: str) -> str:
    return f"{label} {quoted(value)}"


def quoted(value: str) -> str:
    words = one_line(value)
    return f"“{isolated(f'{words[:LONGEST_SHOWN]}…' if len(words) > LONGEST_SHOWN else words)}”"


def long_search(words: str, most: int = LONGEST_SEARCH) -> list[str]:
    """Say that only the beginning of a search is searched for; nothing where all of it is."""
    return [LONG.format(most=most)] if len(one_line(words)) > most else []


def choices(fields: QueryDict, offered: Mapping[str, tuple[str, Iterable[object]]], *, where: str = "") -> list[str]:
    """Say what of these fields is none of what is offered. `offered`: the label of each field and its values."""
    given = ((label, fields.get(name, ""), values) for name, (label, values) in offered.items())
    return unknown(
        (shown(label, one) for label, one, values in given if one.strip() and one not in values), where=where
    )

"""Search what one person has, newest first, a bounded number of rows for each request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from studio.text import search_text
from studio.views.request import LONGEST_SEARCH

# Rows that one request reads at most; older ones are searched by the link at the end of the page.
MOST_READ = 2_000
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Found:
    """The keys of one page. `after`: the code of the last row that was read, "" when none follows it."""

    keys: list[int]
    after: str = ""
    # The page is not full because the search stopped where it may stop, not because nothing is left.
    is_cut: bool = False


def search(
    rows: QuerySet[Any, Any], query: str, *, text: str, after: Model | None, most: int, once: bool = False
) -> Found:
    """Walk `rows` by (created_at, pk), newest first, from `after` on, and keep those whose field `text` has each word.

    `once`: of those with the same text only the first of the page; without any text it is left out.
    """
    words = search_text.plain(query[:LONGEST_SEARCH]).split()
    keys: list[int] = []
    seen: set[str] = set()
    last = (after.created_at, after.pk, "") if after else None  # type: ignore[attr-defined]
    read = 0
    while read < MOST_READ:
        chunk = list(_following(rows, last).values_list("created_at", "pk", "code", text)[:CHUNK])
        for created_at, pk, code, found in chunk:
            if len(keys) == most:
                return Found(keys, str(last[2]) if last else "")
            last = (created_at, pk, code)
            if (once and (not found or found in seen)) or not _has(words, found):
                continue
            seen.add(found)
            keys.append(pk)
        read += len(chunk)
        if len(chunk) < CHUNK:
            return Found(keys)
    return Found(keys, str(last[2]) if last else "", is_cut=True)


def _following(rows: QuerySet[Any, Any], last: tuple[Any, int, Any] | None) -> QuerySet[Any, Any]:
    newest = rows.order_by("-created_at", "-pk")
    if last is None:
        return newest
    # Not as an OR, which would walk the index from its start.
    return newest.filter(created_at__lte=last[0]).exclude(created_at=last[0], pk__gte=last[1])


def _has(words: list[str], text: str) -> bool:
    where = search_text.plain(text)
    return all(word in where for word in words)

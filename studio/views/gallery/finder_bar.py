"""The bar above the gallery: search, the menus of filters, what is on, saved views, and what an empty result suggests."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from studio.models import SavedView
from studio.models.search.query import Beginning
from studio.models.search.saved_view import MOST_SHOWN
from studio.models.sql.compiled_query import PERSON, CompiledQuery
from studio.views import stencil
from studio.views.gallery import dates
from studio.views.gallery.filters import FILTERS, Filter
from studio.views.gallery.finder import MOST_COUNTED, Active, Finder
from studio.views.gallery.finder_words import means_nothing
from studio.views.request import HtmxRequest

NOTHING = Beginning([], 0, is_counted=True)


@dataclass(frozen=True, slots=True)
class Option:
    """An entry of a menu: choosing it adds the filter, or takes it away where it is on.

    `counting`: where the pictures of this value are counted, once somebody looks at it, among what else is asked for.
    """

    label: str
    url: str
    is_on: bool
    counting: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """The chip of a filter; a switch has one option and no menu. `address`: where a menu fetches its options as it opens,
    which no page needs before."""

    name: str
    label: str
    icon: str
    options: list[Option]
    is_switch: bool
    address: str = ""
    # More than it lists can be found by words, and the words that were looked for.
    is_searched: bool = False
    words: str = ""

    @property
    def items(self) -> SafeString:
        """Its options as the template has them: there may be two hundred."""
        return stencil.join(
            (_item_parts(one.is_on), {"one_url": one.url, "one_label": one.label, "one_counting": one.counting})
            for one in self.options
        )


@dataclass(frozen=True, slots=True)
class Saved:
    view: SavedView
    url: str
    counting: str  # where its pictures are counted, once somebody looks at it
    is_on: bool
    is_removable: bool


def context(finder: Finder, *, is_empty: bool, is_part: bool) -> dict[str, Any]:
    """What templates/gallery/_search.html needs. `is_part`: the page stays, and only what was found takes its place."""
    return {
        **counts(finder),
        "oob": is_part,
        "active": finder.active,
        "narrowing": _narrowing(finder),
        "menus": list(_menus(finder)),
        "spans": _spans(finder),
        "saved": saved(finder),
        "dropped": list(_dropped(finder)) if is_empty and finder.is_on else [],
    }


def counts(finder: Finder, *, is_whole: bool = False) -> dict[str, Any]:
    """How many pictures were found. Not `is_whole`: as far as that costs little, and `counting` is where the rest of it
    is asked for."""
    known = NOTHING if is_whole or not finder.is_on else finder.beginning
    is_counted, found = known.is_counted, finder.count() if is_whole else known.number
    asked = urlencode(finder.linked)
    return {
        "found": found,
        "is_more": found >= MOST_COUNTED or not is_counted,
        "count": "" if not finder.is_on else counted(found) if is_counted else at_least(found),
        "counting": "" if is_counted else _counting(asked),
        "cleared": finder.without_words.url,
    }


def at_least(number: int) -> str:
    """Write how many pictures there are at least, rounded down: 213 is “200+”."""
    step = 100 if number >= 100 else 10
    return f"{number // step * step}+"


def counted(number: int) -> str:
    """Write how many pictures were found; beyond MOST_COUNTED nobody counts."""
    return f"{MOST_COUNTED:,}+" if number >= MOST_COUNTED else f"{number:,}"


def with_address(answer: HttpResponse, request: HtmxRequest, finder: Finder) -> HttpResponse:
    """Have the address bar say what is shown. A search that is typed on takes the place of its beginning."""
    before = parse_qs(urlsplit(request.htmx.current_url or "").query, max_num_fields=None)
    is_typed_on = bool(finder.q and before.get("q")) and not request.htmx.boosted
    answer["HX-Replace-Url" if is_typed_on else "HX-Push-Url"] = finder.url
    return answer


def menu_of(finder: Finder, one: Filter, words: str = "") -> Menu:
    """The menu of a filter with all that it offers, or of it what these words find."""
    options = _options(finder, one, words)
    address, is_searched = reverse("studio:filter_menu", args=[one.name]), bool(words) or 0 < one.most <= len(options)
    return Menu(one.name, one.label, one.icon, options, one.is_switch, address, is_searched, words)


def _counting(query: str) -> str:
    return f"{reverse('studio:gallery_count')}?{query}"


def _options(finder: Finder, one: Filter, words: str = "") -> list[Option]:
    # There may be two hundred options: the addresses of those that are off are put together from parts.
    base, on, pairs = reverse("studio:gallery"), set(finder.chosen), finder.linked
    parts = [urlencode([pair]) for pair in pairs]
    # Two values of a filter find the pictures of both, so each is counted without the others.
    others = _counting("".join(f"{urlencode([pair])}&" for pair in finder.pairs if pair[0] != one.name))
    options = []
    for choice in one.offered(finder.person, words) if one.offered else ():
        part = f"{one.name}={_quoted(choice.value)}"
        if is_on := (one.name, choice) in on:
            url = finder.toggled(one.name, choice).url
        else:
            at = bisect(pairs, (one.name, choice.value))
            url = f"{base}?{'&'.join([*parts[:at], part, *parts[at:]])}"
        options.append(Option(choice.label, url, is_on, f"{others}{part}"))
    return options


def _menus(finder: Finder) -> Iterator[Menu]:
    asked = urlencode(finder.linked)
    for one in FILTERS:
        if one.is_switch:
            options = _options(finder, one)
            if not any(option.is_on for option in options):  # else its chip among those that are on takes it away
                yield Menu(one.name, one.label, one.icon, options, True)
        elif one.offered:
            there = reverse("studio:filter_menu", args=[one.name])
            yield Menu(one.name, one.label, one.icon, [], False, f"{there}?{asked}" if asked else there)
    if not finder.is_oldest:
        oldest = Option("Oldest first", replace(finder, is_oldest=True).url, False)
        yield Menu("sort", oldest.label, "history", [oldest], True)
    if not finder.is_by_day:
        by_day = Option("By day", replace(finder, is_by_day=True).url, False)
        yield Menu("by", by_day.label, "calendar", [by_day], True)


@cache
def _item_parts(is_on: bool) -> tuple[str, ...]:
    return stencil.cut(
        "gallery/_found.html#option", {"one": stencil.fields("one", ("url", "label", "counting"), is_on=is_on)}
    )


@lru_cache(maxsize=4096)
def _quoted(value: str) -> str:
    return quote_plus(value)


def _spans(finder: Finder) -> list[Option]:
    today = timezone.localdate()
    return [
        Option(
            name,
            finder.in_span(span).url,
            finder.span == span,
            _counting(replace(finder, span=span).address),
        )
        for name, span in dates.usual(today)
    ]


_SAVED = CompiledQuery(
    lambda person: SavedView.objects.visible_to(person).select_related("person")[:MOST_SHOWN], PERSON
)


def saved(finder: Finder) -> list[Saved]:
    """The saved views that the person sees, and which of them this is."""
    there, person = reverse("studio:gallery"), finder.person
    return [
        Saved(
            view,
            f"{there}?{view.query}",
            _counting(view.query),
            view.query == finder.address,
            view.may_delete(person),
        )
        for view in _SAVED(person)
    ]


def _narrowing(finder: Finder) -> list[Active]:
    """What is on, without the order and without words that find everything."""
    left_out = {"sort", "q"} if means_nothing(finder.q) else {"sort"}
    return [one for one in finder.active if one.name not in left_out]


def _dropped(finder: Finder) -> Iterator[tuple[Active, str]]:
    """What each filter that is on holds back."""
    narrowing = _narrowing(finder)
    for one in narrowing if len(narrowing) > 1 else ():
        if count := one.without.count():
            yield one, f"{counted(count)} {'result' if count == 1 else 'results'}"

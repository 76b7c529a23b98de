"""The pictures of the team, newest first, page by page without ever counting from the start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio.models import Picture, Revision
from studio.models.batch import MOST_EDITED
from studio.models.layers import load_stacks
from studio.models.picture import load_sizes
from studio.views import finder_bar
from studio.views.finder import Finder
from studio.views.request import HtmxRequest, viewer

PAGE = 60  # pictures: five to ten rows on a desk, and two queries whatever their number
MOST_COUNTED = 99
# Pictures that every screen shows at once, however small it is.
FIRST = 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the newest-first order: just after this picture."""

    shown_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.shown_at - EPOCH) // MICROSECOND}-{self.pk}"

    @classmethod
    def at(cls, picture: Picture) -> Cursor:
        return cls(picture.shown_at or picture.created_at, picture.pk)

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """Read a cursor from an address; None when there is none. Raises Http404 for nonsense."""
        if not text:
            return None
        try:
            at, pk = (int(part) for part in text.split("-"))
            return cls(EPOCH + at * MICROSECOND, pk)
        except (ValueError, OverflowError):
            raise Http404 from None


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture, the month that begins with it, if one does, and whether it is among the first of the page."""

    picture: Picture
    month: str
    first: bool


@require_safe
def gallery(request: HtmxRequest) -> HttpResponse:
    """Show a page of the gallery, or what follows `after`, appended by htmx."""
    since = Revision.current()
    after = Cursor.parse(request.GET.get("after", ""))
    finder = Finder.of(request)
    shown = Picture.objects.visible_to(viewer(request)).made().for_wall().newest_first()
    rows = finder.older(shown, after, PAGE + 1)
    page = rows[:PAGE]
    load_sizes(page)
    load_stacks(page)
    context = {
        "placed": list(by_month(page, after)),
        "more": str(Cursor.at(page[-1])) if len(rows) > PAGE else "",
        "is_first": after is None,
        # What keeps to this search in the address of another page of it.
        "kept_address": f"&{finder.address}" if finder.address else "",
        # Tiles are chosen and not opened.
        "selecting": request.GET.get("select") == "on",
        "most_chosen": MOST_EDITED,
        "page": "gallery",
        "since": since,
        "top": str(Cursor.at(page[0])) if page and after is None else "",
        "finder": finder,
        "ask": finder.address,
    }
    if request.htmx and after and not request.htmx.boosted:
        return render(request, "gallery/gallery.html#rows", context)
    is_part = bool(request.htmx) and request.htmx.target == "results"
    context |= finder_bar.context(finder, is_empty=not page and after is None, is_part=is_part)
    if is_part:
        return finder_bar.with_address(render(request, "gallery/gallery.html#found", context), request, finder)
    return render(request, "gallery/gallery.html", context)


def by_month(pictures: Iterable[Picture], after: Cursor | None = None) -> Iterator[Placed]:
    """Pair each picture with its month where that differs from the month before it."""
    current = month_of(after.shown_at) if after else ""
    for number, picture in enumerate(pictures):
        month = month_of(picture.shown_at or picture.created_at)
        yield Placed(picture, "" if month == current else month, after is None and number < FIRST)
        current = month


def month_of(at: datetime) -> str:
    """Name the month, with its year unless that is this year: `November`, `December 2025`."""
    there = timezone.localtime(at)
    return f"{there:%B}" if there.year == timezone.localtime().year else f"{there:%B %Y}"


def update(request: HttpRequest) -> str:
    """Return the pill that says how many pictures are newer than the page's first, for the pulse."""
    shown = Picture.objects.visible_to(viewer(request)).made().newest_first()
    finder, top = Finder.of(request), Cursor.parse(request.GET.get("top", ""))
    count = finder.count_newer(shown, top, MOST_COUNTED + 1)
    label = f"{MOST_COUNTED}+ new" if count > MOST_COUNTED else f"{count} new"
    context = {"label": label if count else "", "finder": finder}
    return render_to_string("gallery/gallery.html#new-pictures", context)

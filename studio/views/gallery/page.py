"""The pictures of the team, newest first, page by page without ever counting from the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio.context_processors import revision
from studio.models import Picture, Revision, Star
from studio.models.picture import PictureQuerySet, load_sizes
from studio.models.pictures.gallery_month import Day, Month
from studio.models.pictures.layers import load_stacks
from studio.models.requests.batch import MOST_EDITED
from studio.models.search.document import EPOCH, MICROSECOND, place_of
from studio.models.stacks import stacks
from studio.views import typed
from studio.views.gallery import finder_bar, opinions_of_many, saved_views, tile_changes
from studio.views.gallery.finder import PAGE, Finder
from studio.views.gallery.left_out import left_out
from studio.views.gallery.months import Months
from studio.views.request import HtmxRequest, viewer

MOST_COUNTED = 99
# Pictures that every screen shows at once, however small it is.
FIRST = 6
# Of an answer with newer pictures: the place of the first of them (static/js/gallery/gallery.js).
NEWEST = "Studio-Newest"
# What a place may say: microseconds up to the year 6537, and the keys that a database has.
LATEST, MOST_KEYS = 2**57, 2**63


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the newest-first order: just after this picture."""

    shown_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{place_of(self.shown_at)}-{self.pk}"

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
            if not (0 <= at < LATEST and 0 <= pk < MOST_KEYS):
                raise ValueError
            return cls(EPOCH + at * MICROSECOND, pk)
        except (ValueError, OverflowError):
            raise Http404 from None

    @classmethod
    def before_month(cls, text: str, *, is_oldest: bool = False) -> Cursor | None:
        """The place just above the newest picture of a month (`2025-03`), or before its oldest. Raises Http404 for
        anything else."""
        try:
            month = Month.parse(text) if text else None
            # No picture has the key 0.
            return cls(month.begins_at if is_oldest else month.following.begins_at, 0) if month else None
        except ValueError:
            raise Http404 from None


@dataclass(frozen=True, slots=True)
class Page:
    """Pictures in a row, newest first or oldest first, and the places where it goes on; "" where nothing follows.

    `newer` stands before them and `older` behind, in either order.
    """

    pictures: list[Picture]
    newer: str = ""
    older: str = ""

    @classmethod
    def of(cls, shown: PictureQuerySet, request: HtmxRequest, finder: Finder) -> Page:
        """The page that the address asks for: at a month, `before` or `after` a picture, or the newest."""
        before = Cursor.parse(request.GET.get("before", ""))
        if before:
            rows = finder.preceding(shown, before, PAGE + 1)
            pictures = rows[:PAGE][::-1]
            return cls(
                pictures,
                str(Cursor.at(pictures[0])) if len(rows) > PAGE else "",
                str(Cursor.at(pictures[-1])) if pictures else str(before),
            )
        after = place(request)
        # At the top what was found is counted as well.
        is_counted = finder.is_on and after is None and not finder.is_oldest
        rows = finder.newest(shown, PAGE + 1) if is_counted else finder.following(shown, after, PAGE + 1)
        pictures = rows[:PAGE]
        older = str(Cursor.at(pictures[-1])) if len(rows) > PAGE else ""
        newer_than = Cursor.at(pictures[0]) if after and pictures and not is_part(request) else None
        has_newer = newer_than and finder.preceding(shown, newer_than, 1)
        return cls(pictures, str(newer_than) if has_newer else "", older)


def place(request: HtmxRequest) -> Cursor | None:
    """Where the page begins: at a month, after a picture, or None at the top."""
    is_oldest = request.GET.get("sort") == "oldest"
    return Cursor.before_month(request.GET.get("at", ""), is_oldest=is_oldest) or Cursor.parse(
        request.GET.get("after", "")
    )


def is_part(request: HtmxRequest) -> bool:
    """Whether the page is there and only asks for more pictures."""
    return bool(request.htmx and not request.htmx.boosted and {"after", "before"} & request.GET.keys())


@require_safe
def gallery(request: HtmxRequest) -> HttpResponse:
    """Show a page of the gallery, or what follows on either side, put there by htmx."""
    part = is_part(request)
    since = Revision.current() if part else revision(request)
    finder = Finder.of(request)
    selecting = request.GET.get("select") == "on"
    # Without a script each picture is chosen by itself.
    is_wall = not finder.is_on and not selecting
    shown = (finder.rows.on_wall() if is_wall else finder.rows).for_wall()
    page, after = Page.of(shown, request, finder), place(request)
    load_sizes(page.pictures)
    load_stacks(page.pictures)
    stacks.load(page.pictures, viewer(request), is_wall=is_wall)
    Star.load(page.pictures, viewer(request))
    months = Months(finder.person, finder.address, is_counted=not finder.is_on, is_oldest=finder.is_oldest)
    is_before = "before" in request.GET
    unit = Day if finder.is_by_day else Month
    current = unit.of(after.shown_at) if part and after and not is_before else None
    first = 0 if part else FIRST
    context = {
        "placed": list(months.placed(page.pictures, unit, current=current, first=first)),
        "newer": page.newer,
        "more": "" if part and is_before else page.older,
        "is_first": after is None and not is_before,
        "months": months,
        # Tiles are chosen and not opened.
        "selecting": selecting,
        "most_chosen": MOST_EDITED,
        "page": "gallery",
        "since": since,
        "top": "" if part else newest(shown, page, finder, is_deep=after or is_before),
        "finder": finder,
        "left_out": [] if part else left_out(request.GET, finder),
        "ask": finder.address,
        # Whoever chooses all means what is there now: that of another machine, whose clock is ahead, too.
        "upto": max(place_of(at) for at in (timezone.now(), *(one.shown_at for one in page.pictures[:1])) if at),
    }
    if part:
        answer = render(request, "gallery/gallery.html#rows", context)
        if is_before and page.pictures:
            answer.headers[NEWEST] = str(Cursor.at(page.pictures[0]))
        return answer
    found_alone = bool(request.htmx) and request.htmx.target == "results"
    is_empty = not page.pictures and after is None
    context |= finder_bar.context(finder, is_empty=is_empty, is_part=found_alone)
    context["typed"] = typed.take(request, saved_views.FORM)
    context["tag_of_many"] = typed.take(request, opinions_of_many.FORM).get("tag", "")
    if found_alone:
        return finder_bar.with_address(render(request, "gallery/gallery.html#found", context), request, finder)
    return render(request, "gallery/gallery.html", context)


def newest(shown: PictureQuerySet, page: Page, finder: Finder, *, is_deep: object) -> str:
    """The place of the newest picture there is, which tells what is new later; "" where that comes last."""
    if finder.is_oldest:
        return ""
    pictures = finder.older(shown, None, 1) if is_deep and page.newer else page.pictures
    return str(Cursor.at(pictures[0])) if pictures else ""


def update(request: HttpRequest, since: int) -> str:
    """Return what the pulse tells an open page: the pill that says how many pictures are newer than its first, the tiles
    that changed since a revision, and the saved views."""
    finder, top = Finder.of(request), Cursor.parse(request.GET.get("top", ""))
    rows = finder.rows if finder.is_on else finder.rows.on_wall()
    count = 0 if finder.is_oldest else finder.count_newer(rows, top, MOST_COUNTED + 1)
    label = f"{MOST_COUNTED}+ new" if count > MOST_COUNTED else f"{count} new"
    context = {"label": label if count else "", "finder": finder}
    pill = render_to_string("gallery/gallery.html#new-pictures", context)
    changes = tile_changes.changed(viewer(request), since, is_wall=not finder.is_on)
    views = {"saved": finder_bar.saved(finder), "finder": finder}
    return f"{pill}{changes}{render_to_string('gallery/_saved_views.html', views, request)}"

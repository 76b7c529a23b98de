"""Provenance sheets, to be printed: where a picture, or all pictures of a board, come from."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from studio.models import Picture
from studio.models.lineage.lineage import MOST_COUNTED
from studio.models.lineage.provenance import Provenance
from studio.views.boards.board import find, place_of, rows_after
from studio.views.request import viewer

PAGE = 50
MOST_DIGITS = 7  # of a place in a board


@require_safe
def picture_sheet(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Say where one picture comes from; with `for=client` without prompts and prices."""
    person = viewer(request)
    shown = get_object_or_404(Picture.objects.visible_to(person).only("pk"), code=code)
    context = _context(request, Provenance.of([shown.pk], person))
    return render(request, "pictures/sheet.html", context)


@require_safe
def board_sheet(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Say where the pictures of a board come from, in its order and so many on a page: those that the person may see."""
    person, shown = viewer(request), find(request, code)
    rows = list(rows_after(shown.places.seen_by(person), shown.order, request.GET.get("after", ""))[: PAGE + 1])
    listed = Provenance.of([row.picture_id for row in rows[:PAGE]], person)
    first = _first(request)
    context = _context(request, listed) | {
        "board": shown,
        "number": shown.number_for(person),
        "first": first,
        "last": first + len(listed) - 1,
    }
    if len(rows) > PAGE:
        following = {"after": place_of(rows[PAGE - 1], shown.order), "first": str(first + PAGE)}
        context["more"] = urlencode(following | ({"for": "client"} if context["for_client"] else {}))
    return render(request, "pictures/sheet.html", context)


def _context(request: HttpRequest, listed: list[Provenance]) -> dict[str, Any]:
    for_client = request.GET.get("for") == "client"
    known = {name: request.GET[name] for name in ("after", "first") if name in request.GET}
    return {
        "listed": listed,
        "for_client": for_client,
        # The same page in its other form.
        "other": urlencode(known | ({} if for_client else {"for": "client"})),
        "most_counted": MOST_COUNTED,
        "printed_at": timezone.now(),
    }


def _first(request: HttpRequest) -> int:
    given = request.GET.get("first", "")
    return int(given) if given.isdecimal() and given.isascii() and len(given) <= MOST_DIGITS else 1

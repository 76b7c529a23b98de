"""The pictures that a form of the gallery was sent with: each by its code, or all of a list but some."""

from __future__ import annotations

import re

from django.http import HttpRequest, QueryDict

from studio.models import Board, BoardPicture
from studio.views.gallery.finder import Finder
from studio.views.request import read_instant, viewer

MOST_LEFT_OUT = 1000
# What an open page of a board hears of comes by revisions, so that its number is true up to one of them.
REVISION = re.compile(r"r([0-9]{1,18})")


def chosen(request: HttpRequest, most: int) -> list[str]:
    """Return the codes in the order they were sent, or newest first; of a whole list one more than `most` at most.

    `all=on` means everything that `address` finds without those in `except`, and without what came after `upto`: whoever
    chose all has not seen that. `upto` is in microseconds since 1970, or of a board its revision, as "r12".
    """
    if request.POST.get("all") != "on":
        return list(dict.fromkeys(code.strip().lower() for code in request.POST.getlist("picture")))
    upto = request.POST.get("upto", "")
    left_out = {code.strip().lower() for code in request.POST.getlist("except")[:MOST_LEFT_OUT]}
    finder = Finder.parse(request.POST.get("address", ""), viewer(request))
    if revision := REVISION.fullmatch(upto):
        left_out |= _came_later(finder, int(revision[1]))
    codes = finder.codes(most + 1 + len(left_out), upto=read_instant(upto))
    return [code for code in codes if code not in left_out][: most + 1]


def _came_later(finder: Finder, revision: int) -> set[str]:
    """The codes of what came to the board that is asked for, or was decided so, after a revision; a bounded number."""
    boards = [choice.value for name, choice in finder.chosen if name == "board"]
    places = BoardPicture.objects.filter(
        board__in=list(Board.objects.filter(code__in=boards).values_list("pk", flat=True))
    )
    later = [places.moved_since(revision).filter(came_rev__gt=revision)]
    if any(name == "decision" for name, _ in finder.chosen):
        later.append(places.decided_since(revision))
    return {str(code) for rows in later for code in rows.values_list("picture__code", flat=True)[:MOST_LEFT_OUT]}


def with_chosen(request: HttpRequest, most: int) -> QueryDict:
    """Return what was posted with one `picture` for each that is meant."""
    if request.POST.get("all") != "on":
        return request.POST
    posted = request.POST.copy()
    posted.setlist("picture", chosen(request, most))
    return posted

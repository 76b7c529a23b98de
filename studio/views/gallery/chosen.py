"""The pictures that a form of the gallery was sent with: each by its code, or all of a list but some."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from studio.models import Board, BoardPicture
from studio.views.formatting import counted
from studio.views.gallery.finder import Finder
from studio.views.permissions import came_from
from studio.views.request import read_instant, read_number, viewer

R = TypeVar("R", bound=HttpRequest)
P = ParamSpec("P")

MOST_LEFT_OUT = 1000
# What an open page of a board hears of comes by revisions, so that its number is true up to one of them.
REVISION = re.compile(r"r([0-9]{1,18})")
CAME = "Nothing was done: you selected all {selected}, and now there are {found}. Look at them, then select all again."


class CameMeanwhile(Exception):
    """A list has more pictures than its page said when all were selected, as a sentence."""


def choosing(view: Callable[Concatenate[R, P], HttpResponse]) -> Callable[Concatenate[R, P], HttpResponse]:
    """Lead back to the list, with the true number, where more pictures would be meant than its reader selected."""

    @wraps(view)
    def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except CameMeanwhile as sorry:
            messages.error(request, str(sorry))
            return redirect(came_from(request))

    return guarded


def chosen(request: HttpRequest, most: int) -> list[str]:
    """Return the codes in the order they were sent, or newest first; of a whole list one more than `most` at most.

    `all=on` means everything that `address` finds without those in `except`, and without what came after `upto`: whoever
    chose all has not seen that. `upto` is in microseconds since 1970, or of a board its revision, as "r12". `number`: how
    many the page said. What was restored, or tagged so, meanwhile is as old as the rest: raises CameMeanwhile where
    there are more, which `choosing` answers.
    """
    if request.POST.get("all") != "on":
        return list(dict.fromkeys(code.strip().lower() for code in request.POST.getlist("picture")))
    upto = request.POST.get("upto", "")
    left_out = {code.strip().lower() for code in request.POST.getlist("except")[:MOST_LEFT_OUT]}
    finder = Finder.parse(request.POST.get("address", ""), viewer(request))
    if revision := REVISION.fullmatch(upto):
        left_out |= _came_later(finder, int(revision[1]))
    codes = finder.codes(most + 1 + len(left_out), upto=read_instant(upto))
    found = [code for code in codes if code not in left_out][: most + 1]
    selected = read_number(request.POST.get("number", ""))
    if selected is not None and selected < len(found):
        more = f"more than {most:,}" if len(found) > most else f"{len(found):,}"
        raise CameMeanwhile(CAME.format(selected=counted(selected, "picture"), found=more))
    return found


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

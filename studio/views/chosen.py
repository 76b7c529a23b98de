"""The pictures that a form of the gallery was sent with: each by its code, or all of a list but some."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

from studio.views.finder import Finder
from studio.views.request import read_instant, viewer

MOST_LEFT_OUT = 1000


def chosen(request: HttpRequest, most: int) -> list[str]:
    """Return the codes in the order they were sent, or newest first; of a whole list one more than `most` at most.

    `all=on` means everything that `address` finds without those in `except`, and without what was shown after `upto`,
    in microseconds since 1970: whoever chose all has not seen that.
    """
    if request.POST.get("all") != "on":
        return list(dict.fromkeys(code.strip().lower() for code in request.POST.getlist("picture")))
    left_out = {code.strip().lower() for code in request.POST.getlist("except")[:MOST_LEFT_OUT]}
    finder = Finder.parse(request.POST.get("address", ""), viewer(request))
    codes = finder.codes(most + 1 + len(left_out), upto=read_instant(request.POST.get("upto", "")))
    return [code for code in codes if code not in left_out][: most + 1]


def with_chosen(request: HttpRequest, most: int) -> QueryDict:
    """Return what was posted with one `picture` for each that is meant."""
    if request.POST.get("all") != "on":
        return request.POST
    posted = request.POST.copy()
    posted.setlist("picture", chosen(request, most))
    return posted

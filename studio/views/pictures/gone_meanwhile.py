"""What an open page of one or a few pictures hears when one of them is deleted or made private, or comes back."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.http import urlencode

from studio.codes import read_code
from studio.models import Picture
from studio.views.request import viewer

MOST_WATCHED = 4


def ask(*pictures: Picture) -> dict[str, object]:
    """What a page that shows these pictures says about itself, for its pulse."""
    return {"ask": urlencode([("code", str(one.code)) for one in pictures]), "watched": len(pictures)}


def asked_again(request: HttpRequest) -> str:
    return urlencode([("code", code) for code in request.GET.getlist("code")[:MOST_WATCHED]])


def update(request: HttpRequest) -> str:
    """Return the notice that says how many of the page's pictures the person can't see any more: hidden while none."""
    named = request.GET.getlist("code")[:MOST_WATCHED]
    codes = {code for text in named if (code := read_code(text))}
    there = Picture.objects.visible_to(viewer(request)).filter(code__in=codes).count() if codes else 0
    return render_to_string("_shared.html#gone", {"gone": len(codes) - there, "watched": len(codes)}, request)

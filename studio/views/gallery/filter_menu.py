"""What a filter of the gallery offers: fetched by its menu when it opens, and a page of its own without a script."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.views.gallery.filters import BY_NAME
from studio.views.gallery.finder import Finder
from studio.views.gallery.finder_bar import menu_of
from studio.views.request import HtmxRequest, search_words


@require_safe
def filter_menu(request: HtmxRequest, field: str) -> HttpResponse:
    """List the values of a filter as links that add them to what the address asks for already; `named`: words of them."""
    one = BY_NAME.get(field)
    if not one or one.is_switch or not one.offered:
        raise Http404
    finder = Finder.of(request)
    words = search_words(request.GET.get("named", ""))
    part = ("#found" if "named" in request.GET else "#options") if request.htmx else ""
    context = {"menu": menu_of(finder, one, words), "finder": finder, "page": "gallery", "is_part": bool(part)}
    return render(request, f"gallery/filter_menu.html{part}", context)

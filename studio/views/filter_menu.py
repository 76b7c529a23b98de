"""What a filter of the gallery offers: fetched by its menu when it opens, and a page of its own without a script."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.views.filters import BY_NAME
from studio.views.finder import Finder
from studio.views.finder_bar import menu_of
from studio.views.request import HtmxRequest


@require_safe
def filter_menu(request: HtmxRequest, field: str) -> HttpResponse:
    """List the values of a filter as links that add them to what the address asks for already."""
    one = BY_NAME.get(field)
    if not one or one.is_switch or not one.offered:
        raise Http404
    finder = Finder.of(request)
    template = "finder/filter_menu.html#options" if request.htmx else "finder/filter_menu.html"
    return render(request, template, {"menu": menu_of(finder, one), "finder": finder, "page": "gallery"})

"""How many pictures a search of the gallery finds, where its page says only how many at least, and a saved view."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from studio.views.finder import Finder
from studio.views.finder_bar import counts
from studio.views.request import HtmxRequest


@require_safe
def gallery_count(request: HtmxRequest) -> HttpResponse:
    """Count what the address asks for; without htmx, show it."""
    finder = Finder.of(request)
    if not request.htmx or not finder.is_on:
        return redirect(finder.url)
    is_view = (request.htmx.target or "").startswith("view-count-")
    template = "finder/_views.html#number" if is_view else "finder/_found.html#count"
    return render(request, template, {"finder": finder, **counts(finder, is_whole=True)})

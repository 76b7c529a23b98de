"""How many pictures a search of the gallery finds, where its page says only how many at least, or a value of a filter
or a saved view would find."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from studio.views.gallery.finder import Finder
from studio.views.gallery.finder_bar import counts
from studio.views.request import HtmxRequest


@require_safe
def gallery_count(request: HtmxRequest) -> HttpResponse:
    """Count what the address asks for; without htmx, show it."""
    finder = Finder.of(request)
    if not request.htmx or not finder.is_on:
        return redirect(finder.url)
    target = request.htmx.target or ""
    part = "count" if target == "find-count" else "words" if target.startswith("tip-") else "number"
    return render(request, f"gallery/_found.html#{part}", {"finder": finder, **counts(finder, is_whole=True)})

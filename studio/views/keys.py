"""All keys: a page of its own, and the sheet that `?` opens anywhere."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.keys import COLUMNS, TOUCH
from studio.views.request import HtmxRequest


@require_safe
def keys(request: HtmxRequest) -> HttpResponse:
    """Show the list of keys, or for a script only the sheet."""
    part = "#sheet" if request.htmx else ""
    return render(request, f"keys/keys.html{part}", {"columns": COLUMNS, "touch": TOUCH, "page": "other"})

"""What a person asked for and uploaded before: panels of the dock, and pages without script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from studio.codes import read_code
from studio.forms.create.asked import settings_of
from studio.models import Picture, Submission, User
from studio.text import combinations
from studio.views import left_out, searching
from studio.views.permissions import makers_only
from studio.views.request import HtmxRequest, viewer

PROMPTS, UPLOADS = 24, 36  # on one page


@dataclass(frozen=True, slots=True)
class PastPrompt:
    """One prompt of the past, with what the dock begins with for each of its two actions."""

    submission: Submission
    whole: str
    words: str

    @classmethod
    def of(cls, submission: Submission, person: User) -> PastPrompt:
        words = {"prompt": combinations.escaped(submission.prompt)}
        return cls(submission, whole=json.dumps(settings_of(submission, person)), words=json.dumps(words))


@require_safe
@makers_only
def past_prompts(request: HtmxRequest) -> HttpResponse:
    """List the person's own prompts, each once on a page, newest first."""
    person = viewer(request)
    own = person.submissions.all()
    query, after = _query(request), _after(request, own)
    found = searching.search(own, query, text="prompt", after=after, most=PROMPTS, once=True)
    by_key = own.select_related("look__look").prefetch_related("inputs__picture").in_bulk(found.keys)
    shown = [PastPrompt.of(by_key[key], person) for key in found.keys]
    return _answer(request, "prompts", query, found, shown)


@require_safe
@makers_only
def my_uploads(request: HtmxRequest) -> HttpResponse:
    """List the pictures that the person uploaded, newest first."""
    person = viewer(request)
    own = Picture.objects.visible_to(person).uploaded_by(person)
    query, after = _query(request), _after(request, own)
    found = searching.search(own, query, text="original_name", after=after, most=UPLOADS)
    by_key = Picture.objects.for_tiles().in_bulk(found.keys)
    return _answer(request, "uploads", query, found, [by_key[key] for key in found.keys])


def _answer(request: HtmxRequest, name: str, query: str, found: searching.Found, shown: list[Any]) -> HttpResponse:
    """A page; for htmx the panel, its list for another search, or what follows in the list."""
    part = ""
    if request.htmx and not request.htmx.boosted:
        part = "#items" if "after" in request.GET else "#found" if "q" in request.GET else "#panel"
    context = {
        "shown": shown,
        "query": query,
        "found": found,
        "more": urlencode({**({"q": query} if query else {}), "after": found.after}) if found.after else "",
        "is_first": "after" not in request.GET,
        "left_out": left_out.long_search(query),
        # The live region of what was found stands only where a list is already.
        "is_search": part == "#found",
        "most_read": searching.MOST_READ,
    }
    return render(request, f"create/{name}.html{part}", context)


def _query(request: HtmxRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()


def _after(request: HtmxRequest, own: QuerySet[Any, Any]) -> Model | None:
    """The row that the page before ended with. Raises Http404 for nonsense."""
    if "after" not in request.GET:
        return None
    last: Model = get_object_or_404(own.only("created_at"), code=read_code(request.GET["after"]))
    return last

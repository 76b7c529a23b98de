"""What is in the dock and not sent yet, kept for its person on every device."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from studio.forms.create.asked import seen_of
from studio.forms.create.draft import cleaned
from studio.models import Draft, User
from studio.views.permissions import makers_only
from studio.views.request import viewer

# What a page may send: a prompt of 50,000 letters of any script, twice (the draft that is set aside).
MOST_BYTES = 500_000
# Nobody edits longer without a connection; a clock that jumped says what it likes.
OLDEST = timedelta(days=30)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Keep what a page has (POST), or tell it what it has not seen (GET ?number=)."""
    return _keep(request) if request.method == "POST" else _tell(request)


@makers_only
def _keep(request: HttpRequest) -> HttpResponse:
    """Take `{content, number: the last one seen, age: milliseconds since its last edit}`; 409 with a newer one."""
    if len(request.body) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        sent = json.loads(request.body)
        content = cleaned(sent["content"])
        seen, age = int(sent["number"]), timedelta(milliseconds=float(sent["age"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return HttpResponseBadRequest()
    if content is None:
        return HttpResponseBadRequest()
    age = max(timedelta(), min(age, OLDEST))
    kept = Draft.keep(viewer(request), content, seen=seen, edited_at=timezone.now() - age)
    if not kept.is_taken:
        return JsonResponse(_shown(kept.draft, viewer(request)), status=409)
    # PostgreSQL gives its names back in an order of its own, and pages compare drafts as they are written.
    replaced = cleaned(kept.replaced)
    return JsonResponse({"number": kept.draft.number, "replaced": replaced and seen_of(replaced, viewer(request))})


def _tell(request: HttpRequest) -> HttpResponse:
    """The token comes along, for viewers too: after another sign-in the one of an open page is refused."""
    known = Draft.objects.filter(person=viewer(request)).first()
    answer = {"token": get_token(request)}
    if known and str(known.number) != request.GET.get("number"):
        answer |= _shown(known, viewer(request))
    return JsonResponse(answer)


def _shown(known: Draft, person: User) -> dict[str, Any]:
    age = (timezone.now() - known.edited_at) / timedelta(milliseconds=1)
    content = cleaned(known.content)
    return {"number": known.number, "age": round(age), "content": content and seen_of(content, person)}

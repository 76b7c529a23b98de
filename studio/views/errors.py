"""What is said when a request cannot be served: a page, or a notice for a fragment."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from studio import full_disk
from studio.views.request import is_another_person, session_ended

# The statuses that have a template of their own; any other uses the text of the nearest.
WITH_TEXT = {400, 403, 404, 405, 413, 429, 500, 503, 507}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_large = isinstance(exception, RequestDataTooBig | TooManyFilesSent)
    return refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, HTTPStatus.NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token does not count: after another sign-in an open page has the old one, and renews it."""
    if request.headers.get("Studio-Person"):
        if not request.user.is_authenticated:
            return session_ended("ended")
        if is_another_person(request):
            return session_ended("other")
        renewed = {"sentence": "You signed in again meanwhile.", "advice": "Nothing was changed: try once more."}
        answer = refuse(request, HTTPStatus.FORBIDDEN, **renewed)
        answer.headers["Studio-Session"] = "renewed"
        return answer
    return refuse(
        request,
        HTTPStatus.FORBIDDEN,
        sentence="This page has expired.",
        advice="Reload it; what you typed is kept. Nothing was changed.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke, or that the disk is full; whatever raised is still being handled here."""
    full = full_disk.is_cause(sys.exc_info()[1])
    return refuse(request, HTTPStatus.INSUFFICIENT_STORAGE if full else HTTPStatus.INTERNAL_SERVER_ERROR)


def refuse(request: HttpRequest, status: int, **words: str) -> HttpResponse:
    """Answer with the page of this status, or its notice for htmx; `sentence` and `advice` replace its words."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return render(request, _template(status), words, status=status)
    # No context processor runs: one of them may be what broke. Nor does the middleware that places a notice, perhaps.
    response = HttpResponse(loader.get_template(_template(status)).render({"request": request, **words}), status=status)
    if getattr(request, "htmx", False):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#toasts", "beforeend"
    return response


def notice(request: HttpRequest, status: int) -> str:
    """Return the notice for an answer without text."""
    return loader.render_to_string(_template(status), {"request": request})


def _template(status: int) -> str:
    nearest = status if status in WITH_TEXT else 500 if status >= 500 else 400
    return f"errors/{nearest}.html"

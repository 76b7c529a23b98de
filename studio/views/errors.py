"""What is said when a request cannot be served: a page, or a notice for a fragment."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template import loader

from studio import disk, imaging
from studio.database import silent_database
from studio.forms.files.multipart import CutOff
from studio.forms.files.uploads import MOST_BYTES, TooMuchAtOnce
from studio.luma.capabilities import MAX_PROMPT, MAX_REFERENCES
from studio.views import form_refusals
from studio.views.permissions import AdminsOnly, NotYours, page_address
from studio.views.request import is_another_person, session_ended

log = logging.getLogger(__name__)

MEGABYTE = 2**20
UNCHANGED = "Nothing was changed."
# What a request is refused for before a view sees it -> its status, what is so and what to do. The first that fits.
REFUSED: tuple[tuple[type[Exception], HTTPStatus, str, str], ...] = (
    (
        TooManyFilesSent,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "That's too many files at once.",
        f"A picture can have {MAX_REFERENCES} references: choose at most that many. {UNCHANGED}",
    ),
    (
        TooManyFieldsSent,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"That's more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields at once.",
        f"No page of Studio sends so many: reload the page and try again. {UNCHANGED}",
    ),
    (
        TooMuchAtOnce,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"These files come to more than {MOST_BYTES // MEGABYTE} MB together.",
        f"Send fewer at once; each can have up to {imaging.MAX_BYTES // MEGABYTE} MB. {UNCHANGED}",
    ),
    (
        RequestDataTooBig,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "That's too much text.",
        f"A prompt can have up to {MAX_PROMPT:,} characters: go back and shorten it. {UNCHANGED}",
    ),
    (
        CutOff,
        HTTPStatus.BAD_REQUEST,
        "What you sent didn't arrive whole.",
        f"The end is missing: go back and send it again. {UNCHANGED}",
    ),
    (
        MultiPartParserError,
        HTTPStatus.BAD_REQUEST,
        "Studio couldn't read what was sent.",
        f"The form was damaged on its way: go back and send it again. {UNCHANGED}",
    ),
)
# The statuses that have a template of their own; any other uses the text of the nearest.
WITH_TEXT = {400, 401, 403, 404, 405, 413, 429, 500, 503, 507}


SILENT_DATABASE = {
    "sentence": "Studio's database does not answer.",
    "advice": "Jobs already in line go on. Nothing was changed; this page asks again by itself.",
}
UNUSABLE_DISK = {
    "sentence": "Studio can't use its disk.",
    "advice": "Nothing was changed and nothing was sent. Copy what you typed, tell an admin, then try again.",
}
READ_ONLY_DATABASE = {**SILENT_DATABASE, "sentence": "Studio's database takes nothing just now: it can only be read."}

# What a person reads who only looks.
VIEWER = {
    "sentence": "You're a viewer here: you can look, star and comment, but not make or change anything.",
    "advice": f"Ask an admin to make you a designer. {UNCHANGED}",
}
# In which fields people write: a form that was refused is gone with its page, so what stood in it is shown instead.
WRITTEN = (
    *("name", "title", "client", "job_number", "purpose", "note", "text", "tag"),
    *("prompt", "whole", "words", "avoid", "question", "reason"),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        return refuse(request, HTTPStatus.BAD_REQUEST, **form_refusals.NOT_ITS_NAME)
    for kind, status, sentence, advice in REFUSED:
        if isinstance(exception, kind):
            return refuse(request, status, sentence=sentence, advice=advice)
    return refuse(request, HTTPStatus.BAD_REQUEST)


def not_a_form(request: HttpRequest) -> HttpResponse:
    """Refuse a body of a type that no page sends."""
    return refuse(
        request,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        sentence="Studio only takes forms.",
        advice=f"What was sent isn't one: send pictures and settings from Studio's own pages. {UNCHANGED}",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    person = getattr(request, "user", None)
    is_viewer = person is not None and person.is_authenticated and not person.can_make
    words = VIEWER if is_viewer and not isinstance(exception, AdminsOnly) else {}
    if not words and isinstance(exception, NotYours):
        words = {"sentence": str(exception), "advice": UNCHANGED}
    role = person.role_mark if person is not None and person.is_authenticated else ""
    return refuse(request, HTTPStatus.FORBIDDEN, written=written(request), role=role, **words)


def ended(request: HttpRequest, *, back: str) -> HttpResponse:
    """Answer a form of somebody who is signed out by now; `back` is where its page can be opened again."""
    return refuse(request, HTTPStatus.UNAUTHORIZED, written=written(request), sign_in=back)


def written(request: HttpRequest) -> list[str]:
    """Return what a person wrote into a form that is refused, and whose page is gone with that."""
    if request.method != "POST" or getattr(request, "htmx", False) or request.resolver_match is None:
        return []
    try:
        posted = request.POST
    except (SuspiciousOperation, MultiPartParserError, OSError):
        return []  # a body that can't be read is not why this was refused
    return [text for field in WRITTEN for text in posted.getlist(field) if text.strip()]


# What was acted on stood on a page that was open: somebody took it away since.
GONE_MEANWHILE = {
    "sentence": "It's no longer there for you.",
    "advice": f"Somebody may have deleted it or made it private meanwhile. {UNCHANGED}",
}


class NotThere(Http404):
    """Nothing is there, and the page says why."""

    def __init__(self, sentence: str, advice: str) -> None:
        super().__init__(sentence)
        self.words = {"sentence": sentence, "advice": advice}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    is_act = request.method not in {"GET", "HEAD"} and request.resolver_match is not None
    words = exception.words if isinstance(exception, NotThere) else GONE_MEANWHILE if is_act else {}
    return refuse(request, HTTPStatus.NOT_FOUND, written=written(request), **words)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was not taken. What only an operator can mend stands in the log, and on an admin's page.

    After another sign-in an open page has the old token, and renews it.
    """
    if request.headers.get("Studio-Person"):
        if not request.user.is_authenticated:
            return session_ended("ended")
        if is_another_person(request):
            return session_ended("other")
        if form_refusals.is_about_the_token(reason):
            answer = refuse(request, HTTPStatus.FORBIDDEN, **form_refusals.RENEWED)
            answer.headers["Studio-Session"] = "renewed"
            return answer
    words, cause = form_refusals.explain(request, reason)
    log.warning("A form sent to %s was refused: %s", request.path, cause)
    person = getattr(request, "user", None)
    # Whoever runs Studio has nothing to mend where somebody signed in again in another tab.
    is_stale = reason.startswith(form_refusals.STALE)
    if cause and not is_stale and person is not None and person.is_authenticated and person.is_admin:
        words["advice"] = f"{cause} Nothing was changed."
    return refuse(request, HTTPStatus.FORBIDDEN, written=written(request), **words)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something broke, that the disk is full or takes nothing, or that the database is silent; whatever raised is
    still being handled here.
    """
    problem, typed = sys.exc_info()[1], written(request)
    if disk.is_full(problem):
        return refuse(request, HTTPStatus.INSUFFICIENT_STORAGE, written=typed)
    if disk.is_unusable(problem):
        return refuse(request, HTTPStatus.SERVICE_UNAVAILABLE, written=typed, **UNUSABLE_DISK)
    if silent_database.is_cause(problem):
        words = READ_ONLY_DATABASE if silent_database.is_read_only(problem) else SILENT_DATABASE
        answer = refuse(request, HTTPStatus.SERVICE_UNAVAILABLE, again=_again(request), written=typed, **words)
        answer.headers["Retry-After"] = "5"
        if _again(request):
            answer.headers["Refresh"] = "5"  # seconds
        return answer
    return refuse(request, HTTPStatus.INTERNAL_SERVER_ERROR, written=typed)


def _again(request: HttpRequest) -> str:
    """The address to ask for again by itself: of a page that was only looked at."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else ""


def _page_of_form(request: HttpRequest) -> str:
    """Where the form stood that is refused: whoever wants to try once more goes there."""
    if request.method in {"GET", "HEAD"}:
        return ""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    return page_address(request.headers.get("Referer", ""), host=host, is_secure=request.is_secure())


def refuse(request: HttpRequest, status: int, **words: Any) -> HttpResponse:
    """Answer with the page of this status, or its notice for htmx; `sentence` and `advice` replace its words."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return render(request, _template(status), {"reopen": _page_of_form(request)} | words, status=status)
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

"""Who looks at the page, and how."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast
from urllib.parse import SplitResult, urlsplit

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from studio.models import User
from studio.models.search.document import EPOCH, MICROSECOND
from studio.text import names

MICROSECONDS = re.compile(r"\d{1,16}", re.ASCII)
# As many digits as a column of the tables holds.
LONGEST_SEARCH = 1_000  # characters, of a list of names: far more than a name has, so that a cut finds no other one
NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class HtmxRequest(HttpRequest):
    """A request as the middleware hands it on: it knows whether htmx asks, and for which element."""

    htmx: HtmxDetails


def viewer(request: HttpRequest) -> User:
    """Return the person who is signed in: the middleware lets nobody else come this far."""
    # Itself and not the lazy stand-in, which asks anew for each of the hundreds of times that cards name it.
    person = request.user
    return cast("User", getattr(person, "_wrapped", person)) if person.is_authenticated else cast("User", person)


def read_number(text: str) -> int | None:
    """Read a key, a revision or another whole number, as an address or a form names it; None if it is none."""
    return int(text) if NUMBER.fullmatch(text) else None


def read_instant(text: str) -> datetime | None:
    """Read a time in microseconds since 1970, as an address or a form names it; None if it is none."""
    return EPOCH + int(text) * MICROSECOND if MICROSECONDS.fullmatch(text) else None


def page_before(request: HttpRequest) -> SplitResult:
    """Return the address of the page of Studio that the browser comes from; an empty one for any other and for none."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return urlsplit("")
    return page if page.netloc == request.get_host() else urlsplit("")


def search_words(raw: str) -> str:
    """Read the words that a list of names is searched by."""
    return names.one_line(raw)[:LONGEST_SEARCH]


def is_another_person(request: HttpRequest) -> bool:
    """Whether a page asks that was drawn for somebody else than who is signed in now (shell.js says for whom)."""
    drawn_for = request.headers.get("Studio-Person")
    return drawn_for is not None and drawn_for != str(request.user.pk)


def session_ended(how: str) -> HttpResponse:
    """Answer an open page whose session is over ("ended"), or somebody else's now ("other"): it stays and says so."""
    return HttpResponse(status=401, headers={"Studio-Session": how, "HX-Reswap": "none"})

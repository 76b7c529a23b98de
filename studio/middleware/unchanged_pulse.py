"""Answer unchanged pulse requests with 204 before the middleware stack runs: every open page sends one every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import TooManyFieldsSent
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from studio.views.pulse import number
from studio.views.request import viewer

# What the stack reads of a request, beside its scheme, before it lets a signed-in pulse through.
READ_ON_THE_WAY = (
    *("HTTP_COOKIE", "HTTP_HOST", "HTTP_X_FORWARDED_HOST", "SERVER_NAME", "SERVER_PORT"),
    "HTTP_STUDIO_PERSON",
)
# More browsers than a team has; about two kilobytes each.
MOST_KNOWN = 1_000
# Not through the ORM: making its query costs more than all the rest of the answer.
STATE = """
SELECT session.session_data, person.password, revision.number
FROM django_session AS session, studio_user AS person, studio_revision AS revision
WHERE session.session_key = %s AND session.expire_date > %s
  AND person.id = %s AND person.is_active AND revision.name = 'studio'
"""

Browser = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the whole stack has let through once, and with which headers it answered."""

    session_key: str
    person_id: int
    session_data: str
    password: str
    headers: dict[str, str]


class UnchangedPulse:
    """Say 204 with one query to a browser that this process knows; leave every other request to the stack.

    1. A browser is known when the stack answered its pulse with 204. Kept are the session and the password hash as
       they lie in the tables, once they are seen to be those that the stack has just compared.
    2. Its next pulse looks both up again, with expiry, access and revision. Where all is as it was, so is the verdict.
    3. Anything else goes the long way: another cookie, host or scheme, a session that ended, a revision that moved.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.path = reverse("studio:pulse")
        self.known: dict[Browser, Known] = {}
        self.changing = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info != self.path or request.method != "GET":
            return self.get_response(request)
        browser: Browser = (request.scheme, *map(request.META.get, READ_ON_THE_WAY))
        known = self.known.get(browser)
        if known and self._has_nothing_new(request, known):
            return HttpResponse(status=204, headers=known.headers)
        response = self.get_response(request)
        if response.status_code == 204:
            self._remember(browser, request, response)
        elif known and response.status_code != 200:
            self._forget(browser)
        return response

    def _has_nothing_new(self, request: HttpRequest, known: Known) -> bool:
        try:
            since = number(request, "since")
        except TooManyFieldsSent:
            return False  # the stack refuses it, with its headers
        return read_state(known.session_key, known.person_id) == (known.session_data, known.password, since)

    def _remember(self, browser: Browser, request: HttpRequest, response: HttpResponseBase) -> None:
        session, person = request.session, viewer(request)
        if response.cookies or (found := read_state(str(session.session_key), person.pk)) is None:
            return
        # What changed since the stack read it is not what the stack has compared.
        session_data, password, _ = found
        if password != person.password or session.decode(session_data) != dict(session.items()):
            return
        known = Known(str(session.session_key), person.pk, session_data, password, dict(response.items()))
        with self.changing:
            while len(self.known) >= MOST_KNOWN:
                del self.known[next(iter(self.known))]
            self.known[browser] = known

    def _forget(self, browser: Browser) -> None:
        with self.changing:
            self.known.pop(browser, None)


def read_state(session_key: str, person_id: int) -> tuple[str, str, int] | None:
    """Return the data of a session that runs, the password hash of a person who has access, and the revision.

    None when there is no such session or person, or when the database does not answer: the stack finds out which.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    try:
        with connection.cursor() as cursor:
            cursor.execute(STATE, (session_key, now, person_id))
            found: tuple[str, str, int] | None = cursor.fetchone()
            return found
    except DatabaseError:
        return None

"""Browsers that the whole middleware stack has let through before, so that what they ask for often needs no stack."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from studio.network import client_address
from studio.views.request import viewer

# What the stack reads of a request, beside its scheme, before it lets a signed-in browser through.
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

    def revision(self) -> int | None:
        """Return the revision, or None where the session, the password or the access is not what it was."""
        found = read_state(self.session_key, self.person_id)
        return found[2] if found and found[:2] == (self.session_data, self.password) else None


@dataclass
class KnownBrowsers:
    """Those that one kind of request is answered for.

    1. A browser is remembered when the stack has answered it. Kept are the session and the password hash as they lie in
       the tables, once they are seen to be those that the stack has just compared.
    2. At its next request both are looked up again, with expiry and access. Where all is as it was, so is the verdict.
    3. Another cookie, host or scheme is another browser.
    """

    known: dict[Browser, Known] = field(default_factory=dict)
    changing: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def key(request: HttpRequest) -> Browser:
        return (request.scheme, client_address.named_by_proxy(request), *map(request.META.get, READ_ON_THE_WAY))

    def get(self, browser: Browser) -> Known | None:
        return self.known.get(browser)

    def remember(self, browser: Browser, request: HttpRequest, response: HttpResponseBase) -> None:
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

    def forget(self, browser: Browser) -> None:
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

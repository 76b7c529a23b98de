"""Note when each session was last used, and from where: at most once in five minutes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from allauth.usersessions.models import UserSession
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponseBase

# Seconds; what an open page asks for in between changes nothing that anybody would see.
EVERY = 5 * 60
MOST_KNOWN = 10_000
_noted: dict[str, float] = {}
_changing = threading.Lock()


class LastSeen:
    """A session that has no row yet gets one, so that the list of sessions lacks none.

    It is written when the answer is sent: no page waits for what only tells when somebody was here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = request.session.session_key
        response = self.get_response(request)
        key = request.session.session_key
        if key and key == before and is_due(key) and request.user.is_authenticated:
            response._resource_closers.append(lambda: note(request))  # type: ignore[attr-defined]
        return response


def note(request: HttpRequest) -> None:
    """Write down when this session was used. A database that does not answer loses no more than that."""
    with suppress(DatabaseError, InterfaceError), transaction.atomic():
        # One that was ended meanwhile stays so.
        if request.session.exists(str(request.session.session_key)):
            UserSession.objects.create_from_request(request)


def is_due(key: str) -> bool:
    """Whether this session has to be noted now; the next time is EVERY seconds later."""
    now = time.monotonic()
    with _changing:
        if (at := _noted.get(key)) is not None and now - at < EVERY:
            return False
        while len(_noted) >= MOST_KNOWN:
            del _noted[next(iter(_noted))]
        _noted[key] = now
    return True

"""Slow down whoever guesses passwords: by name and address, by address, by name; never a person's own browser.

django-axes writes the tries down and asks here whether one more is allowed. A try is counted in rows of name, address
and user agent; for a browser that its person has signed in with before, its number stands in for the user agent, so
that tries of strangers and tries from there are counted apart.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import user_login_failed
from django.core import signing
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from studio.models import User

# Wrong tries within AXES_COOLOFF_TIME. Many people may sign in from one address, and one person from several.
PER_NAME_AND_ADDRESS = settings.AXES_FAILURE_LIMIT
PER_ADDRESS = 20
PER_NAME = 50
PER_KNOWN_BROWSER = settings.AXES_FAILURE_LIMIT

COOKIE_AGE = 180 * 24 * 3600  # seconds
SALT = "studio.known-browser"
KNOWN = "known browser "
# People who share one browser.
MOST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Browser:
    """What the cookie of a browser says: its number, and who has signed in with it."""

    number: str
    people: tuple[int, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> Browser | None:
        try:
            said = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=COOKIE_AGE)
            return cls(str(said["number"]), tuple(map(int, said["people"])))
        except (signing.BadSignature, KeyError, TypeError, ValueError):
            return None


def cookie_name() -> str:
    return f"{settings.SESSION_COOKIE_NAME.partition('session')[0]}browser"


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Let this browser try later, however often strangers have guessed this person's password meanwhile."""
    known = Browser.of(request) or Browser(secrets.token_urlsafe(12))
    people = [person.pk, *(pk for pk in known.people if pk != person.pk)][:MOST_PEOPLE]
    response.set_cookie(
        cookie_name(),
        signing.dumps({"number": known.number, "people": people}, salt=SALT),
        max_age=COOKIE_AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SERVED_OVER_TLS,
        httponly=True,
        samesite="Lax",
    )


class Brake(AxesDatabaseHandler):  # type: ignore[misc]
    """The handler that django-axes calls (settings.AXES_HANDLER)."""

    def is_allowed(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        _tell_apart(request, credentials)
        return bool(super().is_allowed(request, credentials))

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is not None:
            _tell_apart(request, credentials)
        super().user_login_failed(sender, credentials, request, **kwargs)

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return AXES_FAILURE_LIMIT when one of the brakes holds, else 0: each has a limit of its own."""
        return settings.AXES_FAILURE_LIMIT if free_at(request, credentials) else 0

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Forgive the tries of this name from here; not those of other names, or one account would free an address."""
        _tell_apart(request, credentials)
        name = get_client_username(request, credentials)
        here = Q(ip_address=_address(request)) | Q(user_agent=_agent(request))
        return int(AccessAttempt.objects.filter(here, username=name).delete()[0])


def free_at(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime | None:
    """Return when the next try is allowed, or None when it is allowed now."""
    _tell_apart(request, credentials)
    now: datetime = request.axes_attempt_time  # type: ignore[attr-defined]
    waits = [_free_at(tries, limit, now) for tries, limit in _brakes(request, credentials)]
    return max((wait for wait in waits if wait), default=None)


def held_until(request: HttpRequest, name: str) -> datetime | None:
    """Return until when no code of this person is looked at, or None: it may be tried now."""
    AxesProxyHandler.update_request(request)
    return free_at(request, {"username": name})


def count_wrong(request: HttpRequest, name: str) -> None:
    """Count a wrong second step as a wrong password; one too many is answered as such (AxesMiddleware)."""
    user_login_failed.send(sender=__name__, credentials={"username": name}, request=request)


def forgive_here(request: HttpRequest, name: str) -> None:
    """Forget the wrong tries of somebody who is signed in and has just given the right password."""
    AxesProxyHandler.get_implementation().reset_user_attempts(request, {"username": name})


def free_for(name: str, address: str | None, now: datetime) -> datetime | None:
    """Return when the next try at a password that is nobody's own may be made from here, or None: it is allowed now."""
    strangers = AccessAttempt.objects.exclude(user_agent__startswith=KNOWN)
    brakes = [
        (strangers.filter(username=name, ip_address=address), PER_NAME_AND_ADDRESS),
        (strangers.filter(ip_address=address), PER_ADDRESS),
        (strangers.filter(username=name), PER_NAME),
    ]
    waits = [_free_at(tries, limit, now) for tries, limit in brakes]
    return max((wait for wait in waits if wait), default=None)


def count_try(name: str, address: str | None, now: datetime) -> None:
    """Write a try down before it is judged, without the page's address: that of a proof link is a secret."""
    tries, _ = AccessAttempt.objects.get_or_create(
        username=name,
        ip_address=address,
        user_agent="",
        defaults={"attempt_time": now, "failures_since_start": 0, "get_data": "", "post_data": "", "path_info": ""},
    )
    is_over = tries.attempt_time <= now - settings.AXES_COOLOFF_TIME
    count = 1 if is_over else F("failures_since_start") + 1
    AccessAttempt.objects.filter(pk=tries.pk).update(failures_since_start=count, attempt_time=now)


def forgive(name: str, address: str | None) -> None:
    """Forget the tries of this name from here: the last one was right."""
    AccessAttempt.objects.filter(username=name, ip_address=address).delete()


def _brakes(request: HttpRequest, credentials: dict[str, Any] | None) -> list[tuple[QuerySet[Any], int]]:
    name, agent = get_client_username(request, credentials), _agent(request)
    if agent.startswith(KNOWN):
        return [(AccessAttempt.objects.filter(username=name, user_agent=agent), PER_KNOWN_BROWSER)]
    strangers = AccessAttempt.objects.exclude(user_agent__startswith=KNOWN)
    address = _address(request)
    return [
        (strangers.filter(username=name, ip_address=address), PER_NAME_AND_ADDRESS),
        (strangers.filter(ip_address=address), PER_ADDRESS),
        (strangers.filter(username=name), PER_NAME),
    ]


def _free_at(tries: QuerySet[Any], limit: int, now: datetime) -> datetime | None:
    """Return when enough of these tries are old enough that fewer than `limit` are left."""
    counted = tries.filter(attempt_time__gt=now - settings.AXES_COOLOFF_TIME).order_by("-attempt_time")
    total = 0
    for count, at in counted.values_list("failures_since_start", "attempt_time"):
        total += count
        if total >= limit:
            return at + settings.AXES_COOLOFF_TIME  # type: ignore[no-any-return]
    return None


def _tell_apart(request: HttpRequest, credentials: dict[str, Any] | None) -> None:
    """Put the browser's number in place of its user agent, if this person has signed in with it before."""
    agent: str = getattr(request, "axes_user_agent", None) or ""
    if getattr(request, "brake_told_apart", False):
        return
    request.brake_told_apart = True  # type: ignore[attr-defined]
    person = User.objects.known_as(get_client_username(request, credentials) or "")
    browser = Browser.of(request)
    if person and browser and person.pk in browser.people:
        agent = f"{KNOWN}{browser.number}"
    elif agent.startswith(KNOWN):
        agent = f"({agent})"[:255]
    request.axes_user_agent = agent  # type: ignore[attr-defined]


def _agent(request: HttpRequest) -> str:
    return request.axes_user_agent  # type: ignore[attr-defined, no-any-return]


def _address(request: HttpRequest) -> str | None:
    return request.axes_ip_address  # type: ignore[attr-defined, no-any-return]

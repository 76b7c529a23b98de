"""The sessions of a person: on which devices somebody is signed in, since when, and how they end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

# What a browser calls itself, the first that fits: most of them also call themselves after those further down.
BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "ChromeOS"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "Mac"),
    (r"Linux|X11", "Linux"),
)
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - what stands for a client without one


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One session as a page shows it. `pk` names it: its key is a secret of the browser."""

    pk: int
    device: str
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(person_id: int, *, this: str | None = None) -> list[OpenSession]:
    """Return the sessions of a person that still run, the one with the key `this` first, then the last seen."""
    rows = _open(person_id).order_by("-last_seen_at", "-pk")
    found = [
        OpenSession(
            pk=row.pk,
            device=device(row.user_agent),
            address="" if row.ip == NO_ADDRESS else row.ip,
            since=row.created_at,
            seen_at=row.last_seen_at,
            is_this=row.session_key == this,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.is_this)


def seen_of(people: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """On how many devices each of these people is signed in, and when they were last seen; one query."""
    rows = UserSession.objects.filter(user_id__in=list(people))
    running = Q(session_key__in=Session.objects.filter(expire_date__gt=timezone.now()).values("session_key"))
    found = rows.order_by().values("user_id").annotate(number=Count("pk", filter=running), at=Max("last_seen_at"))
    return {row["user_id"]: (row["number"], row["at"]) for row in found}


def end_session(person_id: int, pk: int) -> str | None:
    """End one session of a person. Return its device in words, or None when it had ended already."""
    row = UserSession.objects.filter(user_id=person_id, pk=pk).first()
    if row is None:
        return None
    _end([row.session_key])
    return device(row.user_agent)


def end_sessions(person_id: int, *, besides: str | None = None) -> int:
    """End all sessions of a person but the one with the key `besides`. Return how many were running."""
    running = _open(person_id).exclude(session_key=besides).count()
    keys = UserSession.objects.filter(user_id=person_id).exclude(session_key=besides)
    _end(list(keys.values_list("session_key", flat=True)))
    return int(running)


def device(user_agent: str) -> str:
    """Say in words what a user agent is: "Firefox on Linux"."""
    browser = next((name for pattern, name in BROWSERS if re.search(pattern, user_agent)), "")
    place = next((name for pattern, name in SYSTEMS if re.search(pattern, user_agent)), "")
    if browser and place:
        return f"{browser} on {place}"
    return browser or place or "Unknown device"


def _open(person_id: int) -> Any:
    running = Session.objects.filter(expire_date__gt=timezone.now())
    return UserSession.objects.filter(user_id=person_id, session_key__in=running.values("session_key"))


def _end(keys: list[str]) -> None:
    with transaction.atomic():
        Session.objects.filter(session_key__in=keys).delete()
        UserSession.objects.filter(session_key__in=keys).delete()

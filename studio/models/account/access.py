"""Roles, rights and caps of a person: saved by an admin who has seen what they change, with its entry in the trail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from studio.models.account import hand_over
from studio.models.account.notification import Notification
from studio.models.budget import dollars
from studio.models.people import AccessRefused, User
from studio.models.proof.link import ProofLink
from studio.models.revision import Revision
from studio.models.trail import TrailEntry
from studio.text.names import isolated
from studio.text.plurals import counted

CAPS = ("cap_running", "cap_waiting", "cap_per_hour", "cap_per_day", "cap_per_month", "asks_above")
RIGHTS = ("role", "may_decide", "models_allowed", "may_search_web", "may_split", *CAPS)
WORDS = {
    "role": "role",
    "may_decide": "decisions",
    "models_allowed": "models",
    "may_search_web": "web search",
    "may_split": "layers",
    "cap_running": "running",
    "cap_waiting": "waiting",
    "cap_per_hour": "pictures an hour",
    "cap_per_day": "per day",
    "cap_per_month": "per month",
    "asks_above": "approval above",
}
OPEN_LINKS = "made you a viewer. {links} of yours can still be opened by clients: revoke what should end."
FASTER = "{who} changed {name} a moment ago. Look at what it is now: nothing of yours was saved."


def seen_of(person: User) -> str:
    """A short mark of a person's rights as a page shows them, to notice that another admin was faster."""
    values = [_plain(getattr(person, name)) for name in RIGHTS]
    return hashlib.sha256("\n".join([str(person.is_active), *values]).encode()).hexdigest()[:16]


def save_rights(pk: int, *, by: User, seen: str, rights: Mapping[str, Any]) -> list[str]:
    """Save the rights of a person that differ, and return which did, in words.

    `seen` is the mark of what the admin saw. Raises AccessRefused, and saves nothing, as UserManager.change_access, and
    where somebody changed the person since.
    """
    with transaction.atomic():
        Revision.bump()  # before the rows of people, as the engine does
        # What is saved is compared under the lock of all admins' rows, which change_access takes as well.
        list(User.objects.admins().select_for_update().order_by("pk").values_list("pk", flat=True))
        person = User.objects.select_for_update().get(pk=pk)
        if seen != seen_of(person):
            raise AccessRefused(FASTER.format(who=isolated(_last_to_change(person)), name=isolated(person.name)))
        changed = {
            name: rights[name]
            for name in RIGHTS
            if name in rights and _plain(getattr(person, name)) != _plain(rights[name])
        }
        if not changed:
            return []
        person = User.objects.change_access(pk, by=by, **changed)
        said = [f"{WORDS[name]}: {_said(name, getattr(person, name))}" for name in changed]
        _log(TrailEntry.Verb.ROLE, person, by, "; ".join(said))
        text = f"changed what you may do: {', '.join(WORDS[name] for name in changed)}."
        Notification.tell(person, Notification.Kind.CHANGE, text, "/", actor=by, key=f"rights:{person.pk}")
        if "role" in changed:
            _tell_of_links(person, by)
    return said


def change_access(pk: int, *, by: User, **changes: Any) -> User:
    """Change one thing of a person's access, and write it into the trail. Raises as UserManager.change_access.

    Who gets access back gets their work back as well.
    """
    with transaction.atomic():
        Revision.bump()
        person = User.objects.change_access(pk, by=by, **changes)
        if "is_active" in changes:
            text = "gave access back" if person.is_active else "took access away"
            _log(TrailEntry.Verb.ACCESS, person, by, text)
            if person.is_active:
                hand_over.take_back(person)
        else:
            said = (f"{WORDS[name]}: {_said(name, value)}" for name, value in changes.items())
            _log(TrailEntry.Verb.ROLE, person, by, "; ".join(said))
            _tell_of_links(person, by)
    return person


def _tell_of_links(person: User, by: User) -> None:
    """Tell who is a viewer now of the proof links that they made before: these stay open."""
    is_open = {"revoked_at": None, "expires_at__gt": timezone.now()}
    links = 0 if person.can_make else ProofLink.objects.filter(person.owned(), **is_open).count()
    if links:
        text = OPEN_LINKS.format(links=counted(links, "proof link"))
        Notification.tell(person, Notification.Kind.CHANGE, text, "/proofs/", actor=by, key=f"links:{person.pk}")


def _log(verb: TrailEntry.Verb, person: User, by: User, text: str) -> None:
    TrailEntry.log(verb, by=by, thing=person.name, address=f"/people/{person.pk}/", text=text)


def _last_to_change(person: User) -> str:
    verbs = [TrailEntry.Verb.ROLE, TrailEntry.Verb.ACCESS, TrailEntry.Verb.HANDED_OVER]
    rows = TrailEntry.objects.filter(verb__in=verbs).newest_first()[:200].values_list("address", "name")
    return next((name for address, name in rows if address == f"/people/{person.pk}/"), "Somebody")


def _plain(value: Any) -> str:
    """A value as it is compared: amounts without the zeros at their end, models in their order."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(sorted(value))
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "models_allowed":
        return ", ".join(value) or "all"
    if value is None:
        return "the team's"
    return dollars(value) if isinstance(value, Decimal) else _plain(value)

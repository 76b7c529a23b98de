"""Take somebody's second step and passkeys away, when the devices that hold them are lost."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from studio.models.account.notification import Notification
from studio.models.account.session import end_sessions
from studio.models.people import User
from studio.models.trail import TrailEntry

# Codes of an app that are good at one time: the present one, and one before and after it.
MOST_USED = 3


def has_second_step(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists())


def by_code(person: User, code: str) -> Authenticator | None:
    """Return the app or the recovery codes that this code of six to eight digits belongs to, or None.

    Each code works once: the tables remember it, because another machine may be asked the second time.
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user=person)
        for row in rows.exclude(type=Authenticator.Type.WEBAUTHN):
            if code in row.data.get("used", ()) or not row.wrap().validate_code(code):
                continue
            if row.type == Authenticator.Type.TOTP:
                row.data["used"] = [*row.data.get("used", ()), code][-MOST_USED:]
                row.save(update_fields=["data"])
            return row
    return None


def remove_second_step(person: User, *, by: User) -> bool:
    """Remove authenticator app, recovery codes and passkeys, and end all sessions: a lost device may hold one of them.

    Return whether there was anything to remove. The person is told, and the trail.
    """
    with transaction.atomic():
        if not Authenticator.objects.filter(user=person).delete()[0]:
            return False
        end_sessions(person.pk)
        text = "Removed the second step and passkeys"
        TrailEntry.log(TrailEntry.Verb.PASSWORD, by=by, thing=person.name, text=text)
        text = "removed your second step and passkeys. Set them up again."
        Notification.tell(person, Notification.Kind.CHANGE, text, "/account/", actor=by)
    return True

"""A picture that nobody may use any more as a source or a reference: an admin flags it, and says why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from studio.models.account.notification import Notification
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.review.case import clean
from studio.models.trail import TrailEntry
from studio.text.names import isolated

LONGEST = 200  # characters of the reason
TOO_LONG = "Shorten the reason to {most} characters: it has {has}."
NO_REASON = "Say why, in a few words: whoever wants to use it reads that."
FLAGGED = "{named} is flagged by {who} and can't be used: “{reason}” Choose another picture."


def flag(picture: Picture, reason: str, *, by: User, now: datetime) -> bool:
    """Flag a picture; False where it is flagged already. Its owner is notified.

    Raises ValidationError with a sentence.
    """
    if not reason.strip():
        raise ValidationError(NO_REASON)
    if (has := len(" ".join(reason.split()))) > LONGEST:
        raise ValidationError(TOO_LONG.format(most=LONGEST, has=f"{has:,}"))
    words = clean(reason)
    with transaction.atomic():
        rows = Picture.objects.filter(pk=picture.pk, flagged_at=None)
        if not rows.update(flagged_at=now, flagged_by=by, flagged_reason=words):
            return False
        _tell(picture, f"flagged your picture, so nobody can use it: “{isolated(words)}”", by=by)
        _log(picture, f"Flagged: {isolated(words)}", by=by)
    return True


def unflag(picture: Picture, *, by: User) -> bool:
    """Let everybody use it again; False where it is not flagged."""
    with transaction.atomic():
        rows = Picture.objects.filter(pk=picture.pk, flagged_at__isnull=False)
        if not rows.update(flagged_at=None, flagged_by=None, flagged_reason=""):
            return False
        _tell(picture, "took the flag off your picture: it can be used again", by=by)
        _log(picture, "Flag taken off", by=by)
    return True


def sentences(source: Picture | None, references: Iterable[Picture]) -> list[tuple[str, str]]:
    """Return for each flagged picture of a request its field, source or reference, and what to do."""
    placed = [("source", "The source", source)] if source else []
    placed += [("reference", f"@{number}", one) for number, one in enumerate(references, 1)]
    flagged = [(field, named, one) for field, named, one in placed if one.flagged_at]
    if not flagged:
        return []
    names = dict(User.objects.filter(pk__in={one.flagged_by_id for *_, one in flagged}).values_list("pk", "name"))
    return [
        (
            field,
            FLAGGED.format(
                named=named,
                who=isolated(names.get(one.flagged_by_id or 0, "an admin")),
                reason=isolated(one.flagged_reason),
            ),
        )
        for field, named, one in flagged
    ]


def _tell(picture: Picture, text: str, *, by: User) -> None:
    kind, address = Notification.Kind.CHANGE, picture.get_absolute_url()
    Notification.tell(picture.person, kind, text, address, actor=by, picture=picture)


def _log(picture: Picture, text: str, *, by: User) -> None:
    TrailEntry.log(
        TrailEntry.Verb.SETTLED,
        by=by,
        thing=picture.title,
        address=picture.get_absolute_url(),
        text=text,
        private_to=picture.person if picture.is_private else None,
    )

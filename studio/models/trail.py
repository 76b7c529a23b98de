"""The trail: who did what to which thing, and when. Rows are added and never changed."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from studio.models import keyset
from studio.models.added_only import AddedOnly, AddedOnlyQuerySet
from studio.models.people import User

LONGEST = 300  # characters of what is said of one entry
NAME_LONGEST = 120  # characters of the thing's name


class TrailQuerySet(AddedOnlyQuerySet["TrailEntry"]):
    def newest_first(self) -> TrailQuerySet:
        return self.order_by("-at", "-pk")

    def older_than(self, at: datetime, pk: int) -> TrailQuerySet:
        """Keyset paging: what follows (at, pk) in the newest-first order."""
        return keyset.below(self, "at", at, pk)


class TrailEntry(AddedOnly):
    """One thing that somebody did: `verb` names the act in code, `text` says it to a person."""

    only_added = "The trail is only added to."

    class Verb(models.TextChoices):
        SIGNED_IN = "signed-in", "Signed in"
        SIGN_IN_REFUSED = "sign-in-refused", "Sign-in refused"
        SIGNED_OUT = "signed-out", "Signed out"
        INVITED = "invited", "Invited"
        JOINED = "joined", "Joined"
        ROLE = "role", "Role or rights"
        ACCESS = "access", "Access"
        NAME = "name", "Name"
        PASSWORD = "password", "Password or second step"
        HANDED_OVER = "handed-over", "Handed over"
        BUDGET = "budget", "Budget"
        PRICE = "price", "Price"
        RATIO = "ratio", "Ratio"
        APPROVAL = "approval", "Approval"
        RETRY = "retry", "Retry"
        WRITE_OFF = "write-off", "Write-off"
        SETTLED = "settled", "Failure settled"
        PAUSE = "pause", "Sending paused or resumed"
        LIMITS = "limits", "Limits"
        ALERT = "alert", "Alerts"
        DELETED = "deleted", "Deleted"
        SHARED = "shared", "Shared"
        EXPORTED = "exported", "Exported"
        TOKEN = "token", "Token"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now)
    verb = models.CharField(max_length=20, choices=Verb.choices)
    # Whoever did it: a person; or nobody who is known, then `name` says who (a client, the studio itself).
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    name = models.CharField(max_length=80, blank=True)
    # To which thing: a person, board, picture, job …, by its name at the time and the address of its page, if it has one.
    thing = models.CharField(max_length=NAME_LONGEST, blank=True)
    address = models.CharField(max_length=300, blank=True)
    # Of a person's work that is private, nobody but that person reads what thing it was.
    private_to = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.CharField(max_length=LONGEST, blank=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "trail entries"
        indexes = [
            models.Index(fields=["-at", "-id"], name="trail_in_order"),
            models.Index(fields=["actor", "-at", "-id"], name="trail_of_a_person"),
            models.Index(fields=["verb", "-at", "-id"], name="trail_of_a_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.thing}".strip()

    @classmethod
    def log(
        cls,
        verb: TrailEntry.Verb,
        *,
        by: User | None,
        thing: str = "",
        address: str = "",
        text: str = "",
        name: str = "",
        private_to: User | None = None,
    ) -> TrailEntry:
        """Add an entry, in the transaction of the change it tells of. Longer words are cut.

        `name` says who did it where `by` is nobody. Nothing secret belongs in it: no token, no password, no key.
        """
        return cls.objects.create(
            verb=verb,
            actor=by,
            name=(by.name if by else name)[:80],
            thing=thing[:NAME_LONGEST],
            address=address[:300],
            text=text[:LONGEST],
            private_to=private_to,
        )

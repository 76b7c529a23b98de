"""What every delivery to somebody's address has in common: one try at a time, spaced out, and given up in the end."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

LONGEST_ADDRESS = 500
LONGEST_RESULT = 300
# While one delivery is being made nobody else makes it; a worker that was killed leaves it for the next.
LEASE = timedelta(minutes=2)
# After each failed try; eight tries in all, over three and a half hours.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 300, 900, 1800, 3600, 5400))
MOST_TRIES = len(WAITS) + 1


def signing_key(kind: str, code: uuid.UUID) -> str:
    """What a receiver checks `Studio-Signature` with; nobody stores it."""
    return hmac.new(settings.SECRET_KEY.encode(), f"studio.{kind}:{code}".encode(), hashlib.sha256).hexdigest()


def masked(address: str) -> str:
    """The address of a webhook without what only its owner should know."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}/…"


class Receiver(models.Model):
    """Where something goes to, and how the last try went. Its address may hold a secret."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    address = models.CharField(max_length=LONGEST_ADDRESS)
    events = models.JSONField(default=list, blank=True)
    is_on = models.BooleanField(default=True)
    # The studio's own address as whoever added it has it: what links begin with.
    site = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # The last try, whatever it was for.
    tried_at = models.DateTimeField(null=True)
    is_well = models.BooleanField(null=True)
    result = models.CharField(max_length=LONGEST_RESULT, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return masked(self.address)

    def note(self, *, is_well: bool, result: str, now: datetime) -> None:
        """Write down how the last try went."""
        rows = type(self)._default_manager.filter(pk=self.pk)
        rows.update(tried_at=now, is_well=is_well, result=result[:LONGEST_RESULT])


class Delivery(models.Model):
    """Something on its way to one receiver; its code goes along in every try, so that a receiver knows a second one.

    waiting ──claim()──> waiting, leased ──deliver()──> sent
                              └── put_off() ──> waiting for the next try, after the last one failed
    """

    class State(models.TextChoices):
        WAITING = "waiting", "On its way"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not delivered"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=LONGEST_RESULT, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code}: {self.state}"

    @property
    @abstractmethod
    def is_wanted(self) -> bool:
        """Whether its receiver still wants it."""

    @classmethod
    def overdue(cls, now: datetime) -> models.QuerySet[Self]:
        """Those whose time has come, the oldest first."""
        return cls._default_manager.filter(ended_at__isnull=True, due_at__lte=now).order_by("due_at")

    def claim(self, *, now: datetime) -> bool:
        """Take it for one try; False where somebody was first."""
        mine = self._rows().filter(attempts=self.attempts, due_at__lte=now)
        if not mine.update(attempts=F("attempts") + 1, due_at=now + LEASE):
            return False
        self.attempts += 1
        return True

    def succeed(self, result: str, *, now: datetime) -> None:
        self._change(state=self.State.SENT, ended_at=now, result=result[:LONGEST_RESULT])

    def end_try(self, to: Receiver, *, is_well: bool, result: str) -> None:
        """Write down, here and at its receiver, how a try went."""
        now = timezone.now()
        if is_well:
            self.succeed(result, now=now)
        else:
            self.put_off(result, now=now)
        to.note(is_well=is_well, result=result, now=now)

    def put_off(self, result: str, *, now: datetime) -> None:
        """Plan the next try, or give up after the last one."""
        result = result[:LONGEST_RESULT]
        if self.attempts >= MOST_TRIES or not self.is_wanted:
            self._change(state=self.State.FAILED, ended_at=now, result=result)
        else:
            self._change(due_at=now + WAITS[self.attempts - 1], result=result)

    def _rows(self) -> models.QuerySet[Self]:
        return type(self)._default_manager.filter(pk=self.pk, ended_at__isnull=True)

    def _change(self, **fields: Any) -> None:
        self._rows().update(**fields)

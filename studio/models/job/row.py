from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from studio.models.attempt import Attempt, Charge
from studio.models.job.queries import JobQuerySet
from studio.models.job_count import COUNTED, JobCount, is_same
from studio.models.people import User
from studio.models.revision import Revision
from studio.models.submission import Submission

log = logging.getLogger("studio.jobs")

# How long a late job is still asked about.
GIVE_UP = timedelta(hours=24)
# Ends at which Luma took the request and never said that it failed.
FREE_TO_ASK = ("unsaved", "stopped", "lost")
# After so many certain misses in a row that Studio followed with another POST by itself, a person is asked.
MOST_RESENDS = 3


class JobRow(models.Model):
    """What is known of a job, and the one way in which its row changes: compare-and-set."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        RUNNING = "running", "Making"
        SAVING = "saving", "Made"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Outcome unknown"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (State.WAITING, State.SENDING, State.RUNNING, State.SAVING)
    FINISHED = (State.DONE, State.FAILED, State.UNKNOWN, State.CANCELLED)

    Charge = Charge

    class HoldReason(models.TextChoices):
        """Why a waiting job was sent and did not get through."""

        CAPACITY = "capacity", "No free place at Luma"
        RATE = "rate", "Too many requests a minute"
        FUNDS = "funds", "Out of funds"
        KEY = "key", "Key refused"
        UNREACHABLE = "unreachable", "Luma could not be reached"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # The constraint on its number is the index of it.
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    # What the submission asks for, as type:model, kept here for the usual time of its kind.
    kind = models.CharField(max_length=32, blank=True)
    number = models.PositiveSmallIntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    charge = models.CharField(max_length=10, choices=Charge.choices, default=Charge.NONE)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # For the indexes alone: no partial index can be found by a state that the query binds as a parameter. The database
    # keeps both; an object in memory does not know when they change (is_active does).
    is_under_way = models.GeneratedField(
        expression=models.Q(state__in=[state.value for state in ACTIVE]),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    has_trouble = models.GeneratedField(
        expression=models.Q(state__in=["failed", "unknown"]),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    state_at = models.DateTimeField()
    rev = models.BigIntegerField(default=0)
    prioritized = models.BooleanField(default=False)

    # The engine's hold on the row.
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_epoch = models.PositiveIntegerField(default=0)
    # Not before this; None once the job is at its end.
    due_at = models.DateTimeField(null=True)
    weight = models.PositiveSmallIntegerField(default=1)
    # Until when an unknown job is taken to hold its place at Luma.
    place_until = models.DateTimeField(null=True)
    # How often in a row a POST certainly missed, and why the last one did. Studio sends again by itself
    # MOST_RESENDS times.
    resends = models.PositiveSmallIntegerField(default=0)
    hold_reason = models.CharField(max_length=12, choices=HoldReason.choices, blank=True)

    # What is known of the request.
    attempts = models.PositiveSmallIntegerField(default=0)
    request_id = models.UUIDField(null=True)
    # Which API answers for it (an id means nothing to another one).
    provider = models.CharField(max_length=200, blank=True)
    remote_id = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - unique where present
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    making_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    # How often in a row it had to be put off; of a made picture, how many times its download was begun.
    fetches = models.PositiveSmallIntegerField(default=0)
    # Downloads that were whole and no picture.
    bad_files = models.PositiveSmallIntegerField(default=0)

    # Why it ended without a picture, or why the picture is not here yet.
    cause = models.CharField(max_length=20, blank=True)
    failure_code = models.CharField(max_length=40, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    sentence = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    dismissed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    # What a conductor counts while it holds the job, to slow down; it ends nothing, so a restart may forget it.
    misses = 0

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.label} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("studio:job", args=[self.code])

    # ---- Predicates

    @property
    def label(self) -> str:
        """How people name it: J-1042."""
        return f"J-{self.pk}"

    @property
    def log_facts(self) -> dict[str, object]:
        """What a log line says of it: never what somebody wrote."""
        return {
            "job": self.label,
            "attempt": self.attempts,
            "request_id": self.request_id,
            "remote_id": self.remote_id,
            "state": self.state,
            "cause": self.cause,
        }

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def is_finished(self) -> bool:
        return self.state in self.FINISHED

    def is_late(self, now: datetime) -> bool:
        return self.state == self.State.RUNNING and self.deadline_at is not None and self.deadline_at < now

    def is_lost(self, now: datetime) -> bool:
        """Whether a late job has been asked about for long enough."""
        return self.accepted_at is not None and self.accepted_at + GIVE_UP < now

    @property
    def is_only_unfetched(self) -> bool:
        """Whether Luma took it and may still give the picture, so that asking for it again costs nothing."""
        return self.state == self.State.FAILED and self.cause in FREE_TO_ASK and self.remote_id is not None

    @property
    def is_unsaved(self) -> bool:
        """Whether the picture is made and could not be saved so far; it is still tried."""
        return self.state == self.State.SAVING and self.cause != ""

    @property
    def is_watched(self) -> bool:
        """Whether somebody stopped waiting for it, and Studio still looks for a late picture."""
        return self.state == self.State.FAILED and self.cause == "stopped" and self.due_at is not None

    @property
    def may_be_paid_again(self) -> bool:
        """Whether every free way to the picture is exhausted, or somebody gave it up."""
        given_up = self.cause == "unsaved" and self.settled_at is not None
        return self.is_only_unfetched and (self.cause == "lost" or given_up)

    # ---- How a row changes

    def _rows(self) -> JobQuerySet:
        return JobQuerySet(type(self)).filter(pk=self.pk)

    def _mine(self) -> JobQuerySet:
        return self._rows().filter(lease_owner=self.lease_owner, lease_epoch=self.lease_epoch)

    def _move(self, *, to: str, expect: tuple[str, ...], now: datetime, **fields: Any) -> bool:
        moment = {} if self.state == to else {"state_at": now}
        return self._set(self._mine().filter(state__in=expect), {**moment, "state": to, **fields})

    def _move_freely(self, *, to: str, expect: tuple[str, ...], now: datetime | None, **fields: Any) -> bool:
        if now:
            fields["state_at"] = now
        return self._set(self._rows().filter(state__in=expect), {"state": to, **fields})

    def _set(self, row: JobQuerySet, fields: dict[str, Any]) -> bool:
        with transaction.atomic():
            before = row.select_for_update().order_by().values(*COUNTED).first()
            if before is None:
                return False
            self._show_change(fields)
            self._count_change(before, {**before, **fields})
        for name, value in fields.items():
            setattr(self, name, value)
        if fields.get("state", before["state"]) != before["state"]:
            transaction.on_commit(partial(log.info, "A job moved", extra=self.log_facts | {"from": before["state"]}))
        return True

    def _show_change(self, fields: dict[str, Any]) -> None:
        """Let open pages find the row. The row is locked before the counter, everywhere in this order."""
        self.rev = Revision.bump()
        self._rows().update(**fields, rev=self.rev)

    def _count_change(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Keep what is counted true. From the revision to the commit nobody else counts, so no change is missed."""
        if is_same(before, after):
            return
        JobCount.move(before, after)
        Submission.objects.filter(pk=self.submission_id).sort_into_feed()

    def _end_attempt(self, outcome: str, *, now: datetime | None, **facts: Any) -> None:
        if "detail" in facts:
            facts["detail"] = facts["detail"][:500]
        facts["charge"] = self.charge
        Attempt.objects.filter(job_id=self.pk, number=self.attempts).update(outcome=outcome, ended_at=now, **facts)

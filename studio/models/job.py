from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from studio.models.attempt import Attempt
from studio.models.job_queries import JobQuerySet
from studio.models.people import User
from studio.models.revision import Revision
from studio.models.submission import Submission

# Real edits took up to 135 s against documented 120 s (luma-api.md section 13); past this a job is shown as late.
DEADLINE = timedelta(seconds=300)
# How long a late job is still asked about.
GIVE_UP = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a job ended without a picture, in the words that a person will read."""

    cause: str
    sentence: str
    code: str = ""
    status: int | None = None
    detail: str = ""
    charge: str = "none"


class Job(models.Model):
    """One POST to Luma and what became of it.

        waiting ──> sending ──> running ──> saving ──> done
           │           ├──> waiting (surely not sent)  └─────> failed
           │           ├──> failed  (refused with an answer)
           │           └──> unknown (may have been accepted; only a person sends it again)
           └──> cancelled

    Each arrow is one compare-and-set on the state and, for the engine, the lease: False means that somebody was
    first, and the caller leaves quietly. A running job past its deadline is late: shown so, and still asked about.
    """

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

    class Charge(models.TextChoices):
        NONE = "none", "Not charged"
        HELD = "held", "Held"
        CHARGED = "charged", "Charged"
        REFUNDED = "refunded", "Refunded"
        MAYBE = "maybe", "May have been charged"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="jobs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    number = models.PositiveSmallIntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    charge = models.CharField(max_length=10, choices=Charge.choices, default=Charge.NONE)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    state_at = models.DateTimeField()
    rev = models.BigIntegerField(default=0)
    lifted = models.BooleanField(default=False)

    # The engine's hold on the row.
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_epoch = models.PositiveIntegerField(default=0)
    # Not before this; None once the job is at its end.
    due_at = models.DateTimeField(null=True)
    weight = models.PositiveSmallIntegerField(default=1)

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
    # How often in a row it had to be put off.
    fetches = models.PositiveSmallIntegerField(default=0)

    # Why it ended without a picture.
    cause = models.CharField(max_length=20, blank=True)
    failure_code = models.CharField(max_length=40, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    sentence = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    dismissed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    # What a conductor counts while it holds the job; nothing of it matters after a restart.
    misses = empty_looks = bad_files = 0

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="jobs_are_numbered"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["running", "saving"]) | models.Q(remote_id__isnull=False),
                name="a_running_job_has_an_id",
            ),
        ]
        indexes = [
            # What the conductor looks for.
            models.Index(
                fields=["due_at"],
                name="jobs_due",
                condition=models.Q(state__in=["waiting", "sending", "running", "saving"]),
            ),
            # The feed of one person, and of the team.
            models.Index(fields=["person", "-created_at"], name="jobs_of_a_person"),
            models.Index(fields=["-created_at"], name="jobs_by_time"),
            # What the pulse asks for.
            models.Index(fields=["rev"], name="jobs_by_revision"),
            # Review, and its count in the navigation.
            models.Index(
                fields=["cause"],
                name="open_cases",
                condition=models.Q(state__in=["failed", "unknown"], settled_at__isnull=True),
            ),
            # The usual time to make, from the latest pictures.
            models.Index(fields=["-made_at"], name="jobs_by_making", condition=models.Q(made_at__isnull=False)),
        ]

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
        """Whether the picture was made and paid for, and only bringing it home failed."""
        return self.state == self.State.FAILED and self.cause == "unreadable" and self.remote_id is not None

    # ---- Verbs of the engine: each needs the lease it was claimed with

    def begin_sending(self, *, provider: str, weight: int, until: datetime, now: datetime) -> Attempt | None:
        """Commit, before anything is sent, that this attempt is being sent. None means: do not send."""
        with transaction.atomic():
            reuse = self.attempts_made.filter(outcome=Attempt.Outcome.HELD).order_by("number").last()
            number = reuse.number if reuse else self.attempts + 1
            request_id = uuid.uuid4()
            if not self._move(
                to=self.State.SENDING,
                expect=(self.State.WAITING,),
                now=now,
                attempts=number,
                request_id=request_id,
                provider=provider,
                weight=weight,
                sent_at=now,
                accepted_at=None,
                making_at=None,
                made_at=None,
                deadline_at=None,
                lease_until=until,
                charge=self.Charge.HELD,
                **NO_TROUBLE,
            ):
                return None
            User.objects.filter(pk=self.person_id).update(served_at=now)
            attempt, _ = Attempt.objects.update_or_create(
                job=self,
                number=number,
                defaults={
                    "request_id": request_id,
                    "sent_at": now,
                    "weight": weight,
                    "ended_at": None,
                    "outcome": Attempt.Outcome.OPEN,
                    "status": None,
                    "detail": "",
                },
            )
        return attempt

    def stay(self, *, until: datetime) -> bool:
        """Back in line before anything was sent: this machine was at fault, not the request."""
        return self._move(
            to=self.State.WAITING,
            expect=(self.State.WAITING,),
            now=until,
            due_at=until,
            fetches=min(self.fetches + 1, 1000),
            **FREE,
        )

    def accept(self, remote_id: str, *, now: datetime) -> bool:
        """Keep Luma's id: from now on the job is followed to its end."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.RUNNING,
                expect=(self.State.SENDING,),
                now=now,
                remote_id=remote_id,
                accepted_at=now,
                deadline_at=now + DEADLINE,
                due_at=now,
                fetches=0,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.ACCEPTED, now=None, remote_id=remote_id)
        return moved

    @classmethod
    def adopt(cls, request_id: uuid.UUID, remote_id: str, *, now: datetime) -> bool:
        """Give a job the id that could not be stored when it arrived."""
        job = cls.objects.filter(request_id=request_id, state__in=[cls.State.SENDING, cls.State.UNKNOWN]).first()
        if job is None:
            return False
        with transaction.atomic():
            moved = job._move_freely(
                to=cls.State.RUNNING,
                expect=(cls.State.SENDING, cls.State.UNKNOWN),
                now=now,
                remote_id=remote_id,
                accepted_at=now,
                deadline_at=now + DEADLINE,
                due_at=now,
                finished_at=None,
                settled_at=None,
                dismissed_at=None,
                charge=cls.Charge.HELD,
                **NO_TROUBLE,
                **FREE,
            )
            if moved:
                job._end_attempt(Attempt.Outcome.ACCEPTED, now=None, remote_id=remote_id)
        return moved

    def hold(self, *, until: datetime, detail: str, status: int | None, now: datetime) -> bool:
        """Back in line: it surely was not accepted, and no attempt is spent."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.WAITING,
                expect=(self.State.SENDING,),
                now=now,
                due_at=until,
                charge=self.Charge.NONE,
                fetches=min(self.fetches + 1, 1000),
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.HELD, now=now, status=status, detail=detail)
        return moved

    def fail(self, trouble: Trouble, *, now: datetime) -> bool:
        """End without a picture, with a reason and the next step."""
        with transaction.atomic():
            refused = self.state == self.State.SENDING
            moved = self._move(
                to=self.State.FAILED,
                expect=(self.State.SENDING, self.State.RUNNING, self.State.SAVING),
                now=now,
                finished_at=now,
                due_at=None,
                settled_at=None,
                dismissed_at=None,
                **_told(trouble),
                **FREE,
            )
            if moved:
                outcome = Attempt.Outcome.REFUSED if refused else Attempt.Outcome.FAILED
                self._end_attempt(outcome, now=now, status=trouble.status, detail=trouble.detail or trouble.sentence)
        return moved

    def lose(self, trouble: Trouble, *, now: datetime) -> bool:
        """The outcome cannot be known. It is never sent again unless a person says so."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.UNKNOWN,
                expect=(self.State.SENDING,),
                now=now,
                finished_at=now,
                due_at=None,
                settled_at=None,
                dismissed_at=None,
                **_told(trouble),
                **FREE,
            )
            if moved:
                self._end_attempt(Attempt.Outcome.UNKNOWN, now=now, status=trouble.status, detail=trouble.detail)
        return moved

    def start_making(self, *, now: datetime) -> bool:
        """Luma left its own line and draws."""
        return self._move(to=self.State.RUNNING, expect=(self.State.RUNNING,), now=now, making_at=now)

    def start_saving(self, *, now: datetime) -> bool:
        """It is made and paid for; what is left is to bring it home."""
        return self._move(
            to=self.State.SAVING,
            expect=(self.State.RUNNING,),
            now=now,
            made_at=now,
            due_at=now,
            charge=self.Charge.CHARGED,
        )

    def put_off(self, *, until: datetime) -> bool:
        """Look at it again later. Nothing that a person sees changes."""
        return bool(self._mine().update(due_at=until, fetches=models.F("fetches") + 1))

    def finish(self, *, now: datetime) -> bool:
        """Every picture is stored, whole."""
        with transaction.atomic():
            moved = self._move(
                to=self.State.DONE, expect=(self.State.SAVING,), now=now, finished_at=now, due_at=None, **FREE
            )
            if moved:
                self._end_attempt(Attempt.Outcome.DONE, now=now)
        return moved

    # ---- Verbs of a person

    def cancel(self, *, now: datetime) -> bool:
        """Take it out of the line. Luma cannot be stopped, so this works only before it is sent."""
        return self._move_freely(
            to=self.State.CANCELLED, expect=(self.State.WAITING,), now=now, finished_at=now, due_at=None, **FREE
        )

    def retry(self, *, by: User, now: datetime) -> bool:
        """Try a failed job once more, on the same card. What is already made and paid for is only fetched again."""
        if self.is_only_unfetched:
            return self._move_freely(
                to=self.State.SAVING,
                expect=(self.State.FAILED,),
                now=now,
                due_at=now,
                finished_at=None,
                dismissed_at=None,
                settled_at=None,
                fetches=0,
                **NO_TROUBLE,
                **FREE,
            )
        return self._again(expect=(self.State.FAILED,), by=by, now=now)

    def send_again(self, *, by: User, now: datetime) -> bool:
        """Send an unknown job once more: a person accepts that it may cost twice."""
        return self._again(expect=(self.State.UNKNOWN,), by=by, now=now)

    def fetch_again(self, *, now: datetime) -> bool:
        """Bring a picture home once more whose file was lost here. It is paid for, so this is free."""
        return self.remote_id is not None and self._move_freely(
            to=self.State.SAVING,
            expect=(self.State.DONE,),
            now=now,
            due_at=now,
            finished_at=None,
            fetches=0,
            **FREE,
        )

    def write_off(self, *, by: User, now: datetime) -> bool:
        """Settle a failed or unknown job without sending it again."""
        return self._set(
            Job.objects.open_cases().filter(pk=self.pk), {"settled_at": now, "settled_by": by, "dismissed_at": now}
        )

    def dismiss(self, *, now: datetime) -> bool:
        """Take the card off the feed; Review still has the case."""
        ended = Job.objects.filter(pk=self.pk, state__in=self.FINISHED, dismissed_at=None)
        return self._set(ended, {"dismissed_at": now})

    def recall(self) -> bool:
        """Undo a dismissal."""
        return self._set(Job.objects.filter(pk=self.pk).exclude(dismissed_at=None), {"dismissed_at": None})

    def lift(self) -> bool:
        """An admin lets it go before all others."""
        return self._move_freely(to=self.State.WAITING, expect=(self.State.WAITING,), now=None, lifted=True)

    # ---- How a row changes

    def _mine(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.pk, lease_owner=self.lease_owner, lease_epoch=self.lease_epoch)

    def _move(self, *, to: str, expect: tuple[str, ...], now: datetime, **fields: Any) -> bool:
        return self._set(self._mine().filter(state__in=expect), {**_at(self.state, to, now), "state": to, **fields})

    def _move_freely(self, *, to: str, expect: tuple[str, ...], now: datetime | None, **fields: Any) -> bool:
        if now:
            fields["state_at"] = now
        return self._set(Job.objects.filter(pk=self.pk, state__in=expect), {"state": to, **fields})

    def _set(self, row: JobQuerySet, fields: dict[str, Any]) -> bool:
        with transaction.atomic():
            if not row.update(**fields):
                return False
            self._show_change()
        for name, value in fields.items():
            setattr(self, name, value)
        return True

    def _show_change(self) -> None:
        """Let open pages find the row. The row is locked before the counter, everywhere in this order."""
        self.rev = Revision.bump()
        Job.objects.filter(pk=self.pk).update(rev=self.rev)

    def _again(self, *, expect: tuple[str, ...], by: User, now: datetime) -> bool:
        with transaction.atomic():
            moved = self._move_freely(
                to=self.State.WAITING,
                expect=expect,
                now=now,
                due_at=now,
                remote_id=None,
                request_id=None,
                finished_at=None,
                dismissed_at=None,
                settled_at=None,
                fetches=0,
                charge=self.Charge.NONE,
                **NO_TROUBLE,
                **FREE,
            )
            if moved:
                self.attempts_made.filter(number=self.attempts).update(asked_by=by)
        return moved

    def _end_attempt(self, outcome: str, *, now: datetime | None, **facts: Any) -> None:
        if "detail" in facts:
            facts["detail"] = facts["detail"][:500]
        self.attempts_made.filter(number=self.attempts).update(outcome=outcome, ended_at=now, **facts)


FREE: dict[str, Any] = {"lease_owner": "", "lease_until": None}
NO_TROUBLE: dict[str, Any] = {"cause": "", "failure_code": "", "status": None, "sentence": "", "detail": ""}


def _at(old: str, new: str, now: datetime) -> dict[str, Any]:
    return {} if old == new else {"state_at": now}


def _told(trouble: Trouble) -> dict[str, Any]:
    return {
        "cause": trouble.cause[:20],
        "failure_code": trouble.code[:40],
        "status": trouble.status,
        "sentence": trouble.sentence[:300],
        "detail": trouble.detail[:500],
        "charge": trouble.charge,
    }

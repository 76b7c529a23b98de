from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from studio.luma.pricing import price
from studio.models.jobs.attempt import Charge
from studio.models.jobs.change import HoldReason, State
from studio.models.jobs.engine import EngineVerbs
from studio.models.jobs.people import PeopleVerbs
from studio.models.jobs.queries import JobQuerySet
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.review.case import CaseNote, CaseVerbs
from studio.models.sql.loading import QuickLoad
from studio.models.submission import Submission

# How long a late job is still asked about.
GIVE_UP = timedelta(hours=24)
# Ends at which Luma took the request and never said that it failed.
FREE_TO_ASK = ("unsaved", "stopped", "lost")
# After so many certain misses in a row that Studio followed with another POST by itself, a person is asked.
MOST_RESENDS = 3


class Job(EngineVerbs, PeopleVerbs, CaseVerbs, QuickLoad):
    """One POST to Luma and what became of it.

        waiting ──> sending ──> running ──> saving ──> done
           │           ├──> waiting (surely not sent)  └─────> failed
           │           ├──> failed  (refused with an answer)
           │           └──> unknown (may have been accepted; only a person sends it again)
           ├──> cancelled
           └──> unknown  (the tables were put back to an earlier state: it may have been sent since)

    What Luma took and never said to have failed (`FREE_TO_ASK`) goes from failed back to running or saving for free:
    when a person asks, or by itself when a late picture turns up after somebody stopped waiting for it.

    Each arrow is one compare-and-set on the state and, for the engine, the lease: False means that somebody was
    first, and the caller leaves quietly. A running job past its deadline is late: shown so, and still asked about.

    The verbs stand beside it, by who calls them: `job_engine`, `job_people`, `case`.
    """

    ACTIVE = (State.WAITING, State.SENDING, State.RUNNING, State.SAVING)
    FINISHED = (State.DONE, State.FAILED, State.UNKNOWN, State.CANCELLED)

    HoldReason = HoldReason

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # The constraint on its number is the index of it.
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    # What the submission asks for, as type:model, kept here for the usual time of its kind.
    kind = models.CharField(max_length=32, blank=True)
    number = models.PositiveSmallIntegerField(default=1)
    # As its submission: only its owner sees it.
    is_private = models.BooleanField(default=False)
    price = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    # The pictures that it starts from or looks at, which are paid for.
    input_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    charge = models.CharField(max_length=10, choices=Charge.choices, default=Charge.NONE)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # For the indexes alone: no partial index can be found by a state that the query binds as a parameter. The database
    # keeps both; an object in memory does not know when they change (is_active does).
    is_under_way = models.GeneratedField(
        expression=models.Q(state__in=[state.value for state in ACTIVE]),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    is_failure = models.GeneratedField(
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
    # Not before this; None once the job has ended.
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
    # How its pictures are sent otherwise than they are stored, and how one more try would (studio.models.jobs.remedy).
    fit = models.JSONField(default=dict, blank=True)
    remedy = models.JSONField(default=dict, blank=True)
    dismissed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # "" for written off; resolved: nothing is left to do.
    settled_as = models.CharField(max_length=10, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    # Who last said that it is to be sent once more.
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    # Why it had failed then: while it is under way, Review shows it there.
    asked_cause = models.CharField(max_length=20, blank=True)
    # How loudly admins were told that it is made and not saved (studio.engine.custody).
    custody = models.PositiveSmallIntegerField(default=0)

    # Filled in for many jobs at once (studio.models.review.case.load_notes).
    case_notes: list[CaseNote]

    # What a conductor counts while it holds the job, to slow down; it ends nothing, so a restart may forget it.
    misses = 0

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
            # A condition is a flag or IS NULL: what a query binds as a parameter, such as a state, finds no partial
            # index. All that is under way: what the conductor, the line and the slots are read from.
            models.Index(
                fields=["person", "state", "created_at"], name="jobs_under_way", condition=models.Q(is_under_way=True)
            ),
            # What the pulse asks for, of a person and of the team; the back office, newest first.
            models.Index(fields=["person", "rev"], name="jobs_of_a_person"),
            models.Index(fields=["rev"], name="jobs_by_revision"),
            models.Index(fields=["-created_at"], name="jobs_by_time"),
            # Review: the newest cases, of all causes and of one, and what is newer than the page.
            *(
                models.Index(fields=fields, name=f"{name}{ending}", condition=models.Q(condition, is_failure=True))
                for name, condition in (
                    ("open_cases", models.Q(settled_at__isnull=True)),
                    ("settled_cases", models.Q(settled_at__isnull=False)),
                )
                for ending, fields in (("", ["-finished_at", "-id"]), ("_of_a_cause", ["cause", "-finished_at", "-id"]))
            ),
            models.Index(
                fields=["rev"],
                name="open_cases_by_revision",
                condition=models.Q(is_failure=True, settled_at__isnull=True),
            ),
            models.Index(
                fields=["-finished_at", "-id"],
                name="acknowledged_cases",
                condition=models.Q(is_failure=True, settled_at__isnull=True, acknowledged_at__isnull=False),
            ),
            # Unknown ones that may still take a slot.
            models.Index(
                fields=["place_until"],
                name="jobs_holding_a_place",
                condition=models.Q(is_failure=True, place_until__isnull=False),
            ),
            # What somebody stopped waiting for and is still looked at.
            models.Index(
                fields=["due_at"], name="jobs_watched", condition=models.Q(is_failure=True, due_at__isnull=False)
            ),
            # What today's pictures cost, and the usual time to make, from the latest of a kind.
            models.Index(
                fields=["made_at", "charge", "price"],
                name="jobs_by_making",
                condition=models.Q(made_at__isnull=False),
            ),
            models.Index(fields=["kind", "-made_at"], name="jobs_of_a_kind", condition=models.Q(made_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("studio:job", args=[self.code])

    @property
    def review_url(self) -> str:
        """Where Review shows it among those of its cause."""
        cause = "unsaved" if self.state == self.State.SAVING else self.cause or self.asked_cause
        return f"{reverse('studio:review')}?cause={cause}#case-{self.code}"

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
    def is_free_to_get(self) -> bool:
        """Whether asking for it once more costs nothing: it is made, or Luma took it and may still give the picture."""
        return self.state == self.State.SAVING or self.is_only_unfetched

    @property
    def is_watched(self) -> bool:
        """Whether somebody stopped waiting for it, and Studio still looks for a late picture."""
        return self.state == self.State.FAILED and self.cause == "stopped" and self.due_at is not None

    @property
    def may_be_paid_again(self) -> bool:
        """Whether every free way to the picture is exhausted, or somebody gave it up."""
        given_up = self.cause == "unsaved" and self.settled_at is not None
        return self.is_only_unfetched and (self.cause == "lost" or given_up)

    @property
    def is_beyond_remedy(self) -> bool:
        """Whether Luma did not take a picture and one more try could only send the same bytes."""
        return self.cause == "bad_input" and self.failure_code != "" and not self.remedy

    @property
    def price_again(self) -> Decimal | None:
        """What another request costs, in dollars: at today's price, which may not be that of the first."""
        type, _, model = self.kind.partition(":")
        return price(type, model, self.input_count)

    @cached_property
    def outputs(self) -> list[Picture]:
        """Its pictures in their order; a query for many jobs fills it in (JobQuerySet.for_cards)."""
        return sorted(self.pictures.of_luma(), key=lambda picture: picture.position)

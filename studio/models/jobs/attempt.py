from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models

from studio.models.sql.loading import QuickLoad

# What says how fast Luma answers now.
RECENT, LATEST_ANSWERS = timedelta(minutes=10), 20


class Charge(models.TextChoices):
    """What is known of the money of a request."""

    NONE = "none", "Not charged"
    HELD = "held", "Held"
    CHARGED = "charged", "Charged"
    REFUNDED = "refunded", "Refunded"
    MAYBE = "maybe", "May have been charged"


class Attempt(QuickLoad):
    """One POST of a job, committed before its first byte leaves. No row is used for a second POST."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Sent"
        ACCEPTED = "accepted", "Accepted"
        HELD = "held", "Not accepted"  # a certain miss that costs nothing: 429, 402, 401, no connection
        UNSENT = "unsent", "Not sent"  # committed, and then the POST was not made: our own disk or a long sleep
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Outcome unknown"
        FAILED = "failed", "Failed"
        DONE = "done", "Done"

    # Luma took it, whatever came of it.
    ARRIVED = (Outcome.ACCEPTED, Outcome.DONE, Outcome.FAILED)

    job = models.ForeignKey("Job", on_delete=models.CASCADE, related_name="attempts_made")
    number = models.PositiveSmallIntegerField()
    # Sent as X-Request-Id: what Luma's support asks for.
    request_id = models.UUIDField(default=uuid.uuid4)
    sent_at = models.DateTimeField()
    weight = models.PositiveSmallIntegerField(default=1)
    # When Luma accepted it.
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    # When it became clear that Luma's answer would not come or cannot be read; empty where Studio broke off.
    answer_lost_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=500, blank=True)
    remote_id = models.CharField(max_length=64, blank=True)
    # What this POST costs or may have cost, in dollars; None where Luma publishes no price.
    price = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    charge = models.CharField(max_length=10, choices=Charge.choices, default=Charge.HELD)
    # Ids in an unreadable answer, or typed by an admin: each is asked about with a free GET until Luma knows it or
    # `look_until` is over.
    possible_ids = models.JSONField(default=list, blank=True)
    look_at = models.DateTimeField(null=True)
    look_until = models.DateTimeField(null=True)
    look_result = models.CharField(max_length=200, blank=True)
    # The admin who typed the id.
    look_by = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, related_name="+")
    # Who said that it may be sent again, if somebody did.
    asked_by = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="attempts_are_numbered")]
        indexes = [
            # The sliding minute of requests.
            models.Index(fields=["sent_at"], name="attempt_by_time"),
            # Lost answers of the last minute.
            models.Index(
                fields=["answer_lost_at"], name="attempt_by_loss", condition=models.Q(answer_lost_at__isnull=False)
            ),
            # What lost answers of a day may have cost.
            models.Index(fields=["charge", "sent_at"], name="attempt_by_charge"),
            # Which possible ids are to be asked about next.
            models.Index(fields=["look_at"], name="attempt_to_look_up", condition=models.Q(look_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.get_outcome_display()}"

    @classmethod
    def answer_seconds(cls, now: datetime) -> float:
        """Return how long Luma's latest answers to a POST took on average, in seconds; 0 when none is recent."""
        latest = cls.objects.filter(sent_at__gt=now - RECENT).order_by("-sent_at")[:LATEST_ANSWERS]
        took = [(one.answered_at - one.sent_at).total_seconds() for one in latest if one.answered_at]
        return max(0.0, sum(took) / len(took)) if took else 0.0

    @classmethod
    def lost_since(cls, since: datetime, now: datetime) -> int:
        """Return how many answers were lost since then; what Studio itself broke off is not counted."""
        # A time ahead of now was written by a clock that has since been set back.
        return cls.objects.filter(answer_lost_at__gt=since, answer_lost_at__lte=now + timedelta(seconds=5)).count()

    @classmethod
    def is_suspect(cls, since: datetime, now: datetime) -> bool:
        """Whether an answer was lost since then, and none of what was sent later has been accepted."""
        lost = cls.objects.filter(answer_lost_at__gt=since, answer_lost_at__lte=now + timedelta(seconds=5))
        last = lost.order_by("-answer_lost_at").values_list("answer_lost_at", flat=True).first()
        if last is None:
            return False
        return not cls.objects.filter(sent_at__gt=last, outcome__in=cls.ARRIVED).exists()

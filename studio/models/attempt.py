from __future__ import annotations

import uuid

from django.db import models


class Attempt(models.Model):
    """One POST of a job, written before it is sent. A refusal for want of a slot (429) does not spend it."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Sent"
        ACCEPTED = "accepted", "Accepted"
        HELD = "held", "Not sent"  # a definite no that costs nothing: 429, 402, 401, no connection
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Outcome unknown"
        FAILED = "failed", "Failed"
        DONE = "done", "Done"

    job = models.ForeignKey("Job", on_delete=models.CASCADE, related_name="attempts_made")
    number = models.PositiveSmallIntegerField()
    # Sent as X-Request-Id: what Luma's support asks for.
    request_id = models.UUIDField(default=uuid.uuid4)
    sent_at = models.DateTimeField()
    weight = models.PositiveSmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    status = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=500, blank=True)
    remote_id = models.CharField(max_length=64, blank=True)
    # Who said that it may be sent again, if somebody did.
    asked_by = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="attempts_are_numbered")]
        # The sliding minute of requests.
        indexes = [models.Index(fields=["sent_at"], name="attempt_by_time")]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.get_outcome_display()}"

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from studio.models.loading import QuickLoad
from studio.models.picture import Picture
from studio.models.picture_queries import JOB_PROMPT, SHOWN


class Input(QuickLoad):
    """A picture that a submission starts from or looks at: lineage is a query over these."""

    class Role(models.TextChoices):
        SOURCE = "source", "Source"
        REFERENCE = "reference", "Reference"

    submission = models.ForeignKey("Submission", on_delete=models.CASCADE, related_name="inputs")
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="uses", db_index=False)
    role = models.CharField(max_length=10, choices=Role.choices)
    # References count from 1, as the prompt names them: @1 to @9. The source is 0.
    position = models.PositiveSmallIntegerField()
    # The look brought it, not the person.
    is_from_look = models.BooleanField(default=False)

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["submission", "position"], name="one_input_for_each_place")]
        # What came of a picture, oldest first.
        indexes = [models.Index(fields=["picture", "submission"], name="uses_of_a_picture")]

    def __str__(self) -> str:
        return "source" if self.role == self.Role.SOURCE else f"@{self.position}"


def load_inputs(submissions: Iterable[Any], *, titled: bool = False) -> list[Picture]:
    """Fill in the `used` of each with what a card shows of the pictures, and their titles if they are wanted, in one
    query; return the pictures."""
    by_key: dict[int, list[Input]] = {}
    for submission in submissions:
        # Several objects may stand for one submission.
        submission.__dict__["used"] = by_key.setdefault(submission.pk, [])
    if not by_key:
        return []
    shown = ("submission_id", "role", "position", *(f"picture__{name}" for name in SHOWN))
    inputs = Input.objects.filter(submission_id__in=list(by_key)).select_related("picture")
    if titled:
        shown += ("picture__original_name", f"picture__{JOB_PROMPT}")
        inputs = inputs.select_related("picture__job__submission")
    for one in inputs.only(*shown):
        by_key[one.submission_id].append(one)
    return [one.picture for listed in by_key.values() for one in listed]

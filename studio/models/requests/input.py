from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from studio.models.picture import Picture
from studio.models.pictures.queries import JOB_PROMPT, SHOWN
from studio.models.sql.compiled_query import KEYS, CompiledQuery
from studio.models.sql.loading import QuickLoad


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
    # Its owner showed the team what was made of it, and not it.
    is_kept_private = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["submission", "position"], name="one_input_for_each_place")]
        # What came of a picture, oldest first.
        indexes = [models.Index(fields=["picture", "submission"], name="uses_of_a_picture")]

    def __str__(self) -> str:
        return "source" if self.role == self.Role.SOURCE else f"@{self.position}"

    @staticmethod
    def store(submission: Any, pictures: Iterable[Picture], *, has_source: bool, own: int) -> None:
        """Store the pictures of a submission in their order, its source first; the look brought those after `own`."""
        Input.objects.bulk_create(
            Input(
                submission=submission,
                picture=picture,
                position=position,
                role=Input.Role.REFERENCE if position else Input.Role.SOURCE,
                is_from_look=position > own,
            )
            for position, picture in enumerate(pictures, start=0 if has_source else 1)
        )


def load_inputs(submissions: Iterable[Any], *, titled: bool = False) -> list[Picture]:
    """Fill in the `used` of each with what a card shows of the pictures, and their titles if they are wanted, in one
    query; return the pictures."""
    by_key: dict[int, list[Input]] = {}
    for submission in submissions:
        # Several objects may stand for one submission.
        submission.__dict__["used"] = by_key.setdefault(submission.pk, [])
    if not by_key:
        return []
    for one in (_TITLED if titled else _OF_CARDS)(list(by_key)):
        by_key[one.submission_id].append(one)
    return [one.picture for listed in by_key.values() for one in listed]


_SHOWN = ("submission_id", "role", "position", *(f"picture__{name}" for name in SHOWN))
_OF_CARDS = CompiledQuery(
    lambda keys: Input.objects.filter(submission_id__in=keys).select_related("picture").only(*_SHOWN), KEYS
)
_TITLED = CompiledQuery(
    lambda keys: (
        Input.objects.filter(submission_id__in=keys)
        .select_related("picture__job__submission")
        .only(*_SHOWN, "picture__original_name", f"picture__{JOB_PROMPT}")
    ),
    KEYS,
)

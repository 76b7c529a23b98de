"""Everything of a person or of a board as zips: each holds so many pictures, so that none of them grows without end."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from studio.models.board import Board
from studio.models.files.archive import KEPT_FOR, STALLED_AFTER, Archive
from studio.models.people import User


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def of(self, person: User) -> DataExportQuerySet:
        """Those that a person may see: nobody else's."""
        return self.filter(person=person)

    def stalled(self, now: datetime) -> DataExportQuerySet:
        """Those whose worker was lost before all zips were laid out."""
        return self.filter(planned_at__isnull=True, touched_at__lt=now - STALLED_AFTER)


class DataExport(models.Model):
    """What one person asked for: all work of `subject`, or all of `board`, as far as that person may see it.

    Its zips are its `parts` (Archive), laid out one after the other: first what is known of the person or board, then
    the pictures, then what was asked for and paid. `step` and `after` say where the next one begins.
    """

    class Step(models.TextChoices):
        ABOUT = "about", "About"
        PICTURES = "pictures", "Pictures"
        JOBS = "jobs", "Jobs"

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="data_exports")
    # One of the two.
    subject = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    # When a worker was last heard of, and when all parts were laid out.
    touched_at = models.DateTimeField(default=timezone.now)
    planned_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=10, choices=Step.choices, default=Step.ABOUT)
    after = models.BigIntegerField(default=0)
    number = models.PositiveIntegerField(default=0)  # of parts

    objects = DataExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(subject__isnull=False) ^ models.Q(board__isnull=False),
                name="an_export_is_of_a_person_or_a_board",
            )
        ]

    def __str__(self) -> str:
        return f"Everything of {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("studio:data_export", args=[self.code])

    @property
    def name(self) -> str:
        return self.subject.name if self.subject else self.board.name if self.board else ""

    @property
    def expires_at(self) -> datetime:
        return self.created_at + KEPT_FOR

    @property
    def is_under_way(self) -> bool:
        return self.planned_at is None or Archive.objects.under_way().filter(export=self).exists()

    @classmethod
    def ask(
        cls, person: User, *, subject: User | None = None, board: Board | None = None, now: datetime
    ) -> tuple[DataExport, bool]:
        """Return an export and whether it is new: while one is under way it is that one. Call it in a transaction."""
        mine = cls.objects.of(person).filter(subject=subject, board=board).order_by("-pk")
        last = mine.first()
        if last and last.is_under_way:
            return last, False
        return cls.objects.create(person=person, subject=subject, board=board, created_at=now, touched_at=now), True

    def lay_out(
        self, *, pictures: list[int], left_out: list[list[str]], section: dict[str, Any], now: datetime
    ) -> Archive:
        """Make the next part, inside a transaction."""
        self.number += 1
        return Archive.objects.create(
            person=self.person,
            state=Archive.State.WAITING,
            pictures=pictures,
            left_out=left_out,
            has_list=True,
            export=self,
            number=self.number,
            section=section,
            created_at=self.created_at,
            touched_at=now,
        )

    def go_on(self, *, step: str, after: int, now: datetime, is_last: bool = False) -> bool:
        """Write down where the next part begins; False where another worker has gone on meanwhile."""
        here = DataExport.objects.filter(pk=self.pk, step=self.step, after=self.after, planned_at__isnull=True)
        changes: dict[str, Any] = {"step": step, "after": after, "number": self.number, "touched_at": now}
        return bool(here.update(**changes, planned_at=now if is_last else None))

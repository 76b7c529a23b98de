"""A change of stacks that its person may take back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils.dateparse import parse_datetime

from studio.models.people import User

KEPT_FOR = timedelta(days=7)


class Stacked(NamedTuple):
    """Where a picture lies: behind which cover, since when and by whom."""

    cover: int | None
    at: datetime | None
    by: int | None


class StackChange(models.Model):
    """How some pictures were stacked before a change and after it, kept for some days."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(db_index=True)
    # [key of the picture, cover, when, by whom, cover after the change] for each.
    rows = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{len(self.rows)} stacked by {self.person_id}"

    @classmethod
    def keep(
        cls, before: Mapping[int, Stacked], after: Mapping[int, Stacked], *, person: User, now: datetime
    ) -> StackChange | None:
        """Write down what a change did; None where it did nothing. Older ones are forgotten."""
        cls.objects.filter(at__lt=now - KEPT_FOR).delete()
        rows = [
            [key, was.cover, was.at.isoformat() if was.at else None, was.by, after[key].cover]
            for key, was in before.items()
            if key in after and was != after[key]
        ]
        return cls.objects.create(person=person, at=now, rows=rows) if rows else None

    def was(self) -> dict[int, tuple[Stacked, int | None]]:
        """How each picture was stacked before, and the cover that it had after the change."""
        return {
            key: (Stacked(cover, parse_datetime(at) if at else None, by), after)
            for key, cover, at, by, after in self.rows
        }

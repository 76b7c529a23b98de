"""Which looks' pictures search has to learn anew, because their look became its owner's alone, or the team's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django_q.tasks import async_task


class LookSearch(models.Model):
    """How far the pictures made with a look are written anew (`engine/pictures/look_words.py`)."""

    # Since when that is due.
    search_due_at = models.DateTimeField(null=True)
    # The last request whose pictures are written.
    search_after = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True

    @staticmethod
    def write_anew(now: datetime) -> dict[str, Any]:
        """Return what says so of a look, and have it done. Call it inside the transaction that turns the look."""
        async_task("studio.tasks.write_look_words", cluster="studio")
        return {"search_due_at": now, "search_after": 0}

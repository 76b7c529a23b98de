"""What a picture's row says of its way through the trash."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from studio.models.people import User

KEPT_FOR = timedelta(days=30)


class Trashable(models.Model):
    """May lie in the trash: restored from there, or deleted for good KEPT_FOR later.

    there ──> in the trash ──> deleted: its row goes, or stays without a file where history refers to it
      ^────────────┘
    """

    # In the trash since then, and who put it there.
    trashed_at = models.DateTimeField(null=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    # When it is deleted for good. Of a split in the trash only the front layer has it: the others go with it.
    deletes_at = models.DateTimeField(null=True)
    # Its files are gone since then; the row stays because something was made from it or its job is known.
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_in_trash(self) -> bool:
        return self.trashed_at is not None and self.deleted_at is None

    def may_trash(self, person: User) -> bool:
        """Whether the person may move it to the trash, restore it and delete it: its owner, and an admin."""
        return person.can_make and (person.owns(self.person_id) or person.is_admin)  # type: ignore[attr-defined]

    def days_left(self, now: datetime) -> int:
        """Days until it is deleted for good, a begun one counted whole."""
        return max(0, ceil((self.deletes_at - now) / timedelta(days=1))) if self.deletes_at else 0

"""What a picture's row says of the stack that it lies in."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Stackable(models.Model):
    """May lie in a stack: several pictures under one tile of the gallery (studio/models/stacks/stacks.py).

    One picture of a stack is its cover, and the others lie behind it. The cover was chosen where `stacked_at` is null;
    while that one is in the trash or archived, another stands in for it.
    """

    # The picture that it lies behind, in the gallery.
    cover = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="behind", db_index=False)
    # Who stacked it, and when.
    stacked_at = models.DateTimeField(null=True)
    stacked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True

    @property
    def stack_key(self) -> int:
        """The key of its stack's cover, itself where it lies behind none."""
        return self.cover_id or int(self.pk)  # type: ignore[attr-defined]

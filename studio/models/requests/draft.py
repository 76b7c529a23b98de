from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction

from studio.models.people import User


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a draft that was sent in: its row, whether it was taken, and what it took the place of unseen."""

    draft: Draft
    is_taken: bool
    replaced: dict[str, Any] | None = None


class Draft(models.Model):
    """What a person has in the dock and has not sent: one for each person, on every device. The newest edit wins."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    # Raised with every change, so that a page can tell whether it has seen the last one.
    number = models.PositiveIntegerField(default=0)
    # As studio.forms.create.draft writes it; it names pictures by their codes.
    content = models.JSONField(default=dict)
    edited_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft {self.number}"

    @classmethod
    def keep(cls, person: User, content: dict[str, Any], *, seen: int, edited_at: datetime) -> Kept:
        """Keep the content, unless somebody changed the draft after `seen` and later than `edited_at`.

        An edit that wins over one that its page had not seen gets that one back, so that nothing is lost unsaid.
        """
        with transaction.atomic():
            draft, is_new = cls.objects.select_for_update().get_or_create(
                person=person, defaults={"number": 1, "content": content, "edited_at": edited_at}
            )
            if is_new or draft.content == content:
                return Kept(draft, is_taken=True)
            unseen = draft.number != seen
            if unseen and draft.edited_at > edited_at:
                return Kept(draft, is_taken=False)
            replaced = draft.content if unseen else None
            draft.number, draft.content, draft.edited_at = draft.number + 1, content, edited_at
            draft.save(update_fields=["number", "content", "edited_at"])
            return Kept(draft, is_taken=True, replaced=replaced)

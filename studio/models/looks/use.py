"""How many pictures were asked for with a version of a look: the team's, and each person's private ones apart."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.functions import Greatest

from studio.models.people import User


class LookUse(models.Model):
    """Raised with each submission, so that no page counts them."""

    # What everybody may know of.
    used = models.PositiveIntegerField(default=0)
    # Of the private requests, which only their owner sees: {"key of the person": number}.
    private_used = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def add(cls, key: int | None, number: int, *, private_to: int | None) -> None:
        """Count pictures of a request, or with a negative number take them away. Call it inside a transaction."""
        if key is None:
            return
        rows = cls._default_manager.filter(pk=key)
        if private_to is None:
            rows.update(used=Greatest(F("used") + number, 0))
            return
        version = rows.select_for_update().get()
        left = int(version.private_used.get(str(private_to), 0)) + number
        version.private_used = {**version.private_used, str(private_to): max(0, left)}
        version.save(update_fields=["private_used"])

    @staticmethod
    def numbers(versions: models.QuerySet[Any], person: User) -> dict[int, int]:
        """Return for each look of these versions how many pictures a person knows of."""
        found: dict[int, int] = defaultdict(int)
        for look, used, private in versions.values_list("look", "used", "private_used"):
            found[look] += used + sum(int(private.get(str(key), 0)) for key in person.owner_keys)
        return found

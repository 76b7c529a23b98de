from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from studio.models.people import User

MOST_SETS = 40  # of one person, and of the team


class FormatSetQuerySet(models.QuerySet["FormatSet"]):
    def visible_to(self, person: User) -> FormatSetQuerySet:
        """A person's own, and those of the team."""
        return self.filter(person.owned() | Q(is_team=True)).order_by("name", "pk")


class FormatSet(models.Model):
    """A named list of ratios that belong together, as a campaign needs them: personal or the team's."""

    name = models.CharField(max_length=60)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="format_sets")
    is_team = models.BooleanField(default=False)
    ratios: Any = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FormatSetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_set_of_formats_for_each_name")]

    def __str__(self) -> str:
        return self.name

    def may_change(self, person: User) -> bool:
        return person.can_make and (person.owns(self.person_id) or (self.is_team and person.is_admin))

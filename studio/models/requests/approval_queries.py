"""Requests that wait for an approval: those that wait, and those that were decided lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Count, Min, Sum

from studio.models import keyset
from studio.models.people import User

RECENT = timedelta(days=7)
A = TypeVar("A", bound=models.Model)  # the Approval, whose module imports this one


class ApprovalQueries(models.QuerySet[A]):
    def waiting(self) -> Self:
        """Those that nobody has decided; IS NULL, which the index of them needs."""
        return self.filter(decided_at__isnull=True)

    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def single(self) -> Self:
        """Those of one request, not of a list."""
        return self.filter(kind="")

    def oldest_first(self, after: Any = None) -> Self:
        """In the order in which they were asked; with `after` those behind it."""
        found = self.order_by("created_at", "pk")
        if after is None:
            return found
        return keyset.above(found, "created_at", after.created_at, after.pk)

    def decided_lately(self, now: datetime, after: Any = None) -> Self:
        """What was decided this week, the newest first; with `after` what was decided before it."""
        decided = self.filter(decided_at__gt=now - RECENT).exclude(state="cancelled")
        if after is not None and after.decided_at:
            decided = keyset.below(decided, "decided_at", after.decided_at, after.pk)
        return decided.order_by("-decided_at", "-pk")

    def summary(self) -> Mapping[str, Any]:
        """How many wait, since when, and what they cost together: `number`, `since`, `total`."""
        found: Mapping[str, Any] = self.waiting().aggregate(
            number=Count("pk"), since=Min("created_at"), total=Sum("total", default=Decimal(0))
        )
        return found

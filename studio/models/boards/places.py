"""What lies on boards: who sees it, in which order, and what is new there."""

from __future__ import annotations

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef

from studio.models import keyset
from studio.models.board import Board
from studio.models.people import User
from studio.models.picture import Picture

P = TypeVar("P", bound=models.Model)  # the BoardPicture, whose module imports this one


class BoardPlaces(models.QuerySet[P]):
    def seen_by(self, person: User) -> Self:
        """Those whose picture the person may see."""
        # By the key of each row: as a list of pictures the planner would read all of them.
        return self.filter(Exists(Picture.objects.visible_to(person).filter(pk=OuterRef("picture"))))

    def decided(self, verdict: str) -> Self:
        """Those on which this is decided; all for ""."""
        return self.filter(decision=verdict) if verdict else self

    def by_hand(self) -> Self:
        return self.order_by("place", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-added_at", "-pk")

    def in_order(self, order: str) -> Self:
        return self.by_hand() if order == Board.Order.HAND else self.newest_first()

    def behind(self, place: int | OuterRef, pk: int | OuterRef) -> Self:
        """Keyset paging: what follows (place, pk) in the order by hand."""
        return keyset.above(self, "place", place, pk)

    def before(self, place: int, pk: int) -> Self:
        return keyset.below(self, "place", place, pk)

    def older_than(self, added_at: datetime | OuterRef, pk: int | OuterRef) -> Self:
        """Keyset paging: what follows (added_at, pk) in the order newest first."""
        return keyset.below(self, "added_at", added_at, pk)

    def newer_than(self, added_at: datetime, pk: int) -> Self:
        return keyset.above(self, "added_at", added_at, pk)

    def moved_since(self, rev: int) -> Self:
        """Those that came or were moved by hand after a revision, the first one first."""
        return self.filter(rev__gt=rev).order_by("rev", "pk")

    def decided_since(self, rev: int) -> Self:
        """Those on which something was decided after a revision, or a decision taken back, the first one first."""
        return self.filter(decided_rev__gt=rev).order_by("decided_rev", "pk")

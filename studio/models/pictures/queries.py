"""Which pictures somebody may see, where they stand, and what comes along with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self, TypeVar

from django.apps import apps
from django.db import models

from studio.models import keyset
from studio.models.people import User

# What a tile shows of a picture, and where it stands.
SHOWN: tuple[str, ...] = ("code", "person", "is_private", "job", "position", "sha256", "width", "height", "has_alpha")
SHOWN += ("placeholder", "created_at", "shown_at", "trashed_at", "deleted_at", "archived_at", "decision", "cover")
JOB_PROMPT = "job__submission__prompt"
P = TypeVar("P", bound=models.Model)  # the Picture, whose module imports this one


class PictureQueries(models.QuerySet[P]):
    def visible_to(self, person: User, *, also_in_trash: bool = False, also_gone: bool = False) -> Self:
        """The pictures that a person may see: the team's and their own private ones, and none in the trash.

        `also_in_trash`: those too that the person may restore, their own, and an admin everybody's. `also_gone`: every
        one that is in the trash or deleted, for places that show a box instead of it.
        """
        if not person.is_active:
            return self.none()
        seen = self.filter(models.Q(is_private=False) | person.owned())
        if also_gone:
            return seen
        if not also_in_trash:
            return seen.filter(trashed_at__isnull=True)
        # Asked of the database, because a thumbnail is looked up with no more than the person's key.
        is_admin = models.Exists(User.objects.filter(pk=person.pk, role=User.Role.ADMIN))
        may_restore = models.Q(trashed_at__isnull=True) | person.owned() | is_admin
        return seen.filter(may_restore, deleted_at__isnull=True)

    def in_trash(self) -> Self:
        """What the trash lists: a split is one picture there."""
        return self.filter(deletes_at__isnull=False)

    def made(self) -> Self:
        """Those of the gallery. Only what was made has a job, and IS NOT NULL finds the index on every database."""
        return self.filter(job__isnull=False, shown_at__isnull=False, trashed_at__isnull=True)

    def in_gallery(self) -> Self:
        """Those of the gallery's own list: without what is archived, which searches and boards still have."""
        return self.made().filter(archived_at__isnull=True)

    def on_wall(self) -> Self:
        """The tiles of the gallery's own list: one for each stack."""
        return self.in_gallery().filter(cover__isnull=True)

    def uploaded_by(self, person: User) -> Self:
        """A person's own uploads. Only what was made has a job, and IS NULL finds the index on every database."""
        return self.filter(person=person, job__isnull=True, origin="upload")

    def of_team(self) -> Self:
        """Those that everybody sees."""
        return self.filter(is_private=False)

    def of_luma(self) -> Self:
        """The outputs of jobs, without what was kept of them here."""
        return self.filter(kept_from__isnull=True)

    def touch(self, rev: int) -> None:
        """Let open pages draw their tiles anew; nobody else hears of private ones."""
        self.filter(is_private=False).update(rev=rev)

    def set_private(self, is_private: bool, **facts: bool) -> None:
        """Take files from the team's sight, or show them to it, and count their tags so. Behind the revision."""
        was = dict(self.values_list("pk", "is_private"))
        self.model._default_manager.filter(pk__in=was).update(is_private=is_private, **facts)
        changed = [key for key, before in was.items() if before != is_private]
        apps.get_model("studio", "Tag").move(changed, is_private=is_private)

    def in_order(self, keys: Sequence[int]) -> list[P]:
        """Load pictures by their keys, in the order of the keys; those that are gone meanwhile are left out."""
        found = self.in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def newest_first(self) -> Self:
        return self.order_by("-shown_at", "-pk")

    def older_than(self, shown_at: datetime, pk: int) -> Self:
        """Keyset paging: what follows (shown_at, pk) in the newest-first order."""
        return keyset.below(self, "shown_at", shown_at, pk)

    def newer_than(self, shown_at: datetime, pk: int) -> Self:
        return keyset.above(self, "shown_at", shown_at, pk)

    def for_tiles(self) -> Self:
        """With what a tile shows, in a fixed number of queries."""
        # Joining people would make the planner begin with them.
        return self.select_related("job__submission").prefetch_related("renditions")

    def without_splits(self) -> Self:
        """Without those that stand for the layers of a split: shown as one picture, each is its front layer alone."""
        return self.exclude(position=0, job__submission__type="layering")

    def for_wall(self) -> Self:
        """For dozens of tiles: only what a tile shows, because reading the rest would cost more. Then `load_sizes`."""
        return self.select_related("job__submission").only(
            *SHOWN, "original_name", "job__code", "job__submission__code", "job__submission__type", JOB_PROMPT
        )

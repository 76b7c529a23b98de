"""Archived pictures: out of the gallery's own list, and kept everywhere else: boards, families, searches, links.

A split is archived as the one picture that it is in the gallery.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from studio.models.account.notification import Notification
from studio.models.people import User
from studio.models.picture import Picture, PictureQuerySet
from studio.models.pictures.gallery_month import GalleryMonth
from studio.models.pictures.trash import in_chunks
from studio.models.revision import Revision
from studio.models.search.document import ARCHIVED, SearchDocument
from studio.models.stacks.stacks import settle


def archive(keys: Iterable[int], *, by: User, now: datetime) -> list[Picture]:
    """Archive the pictures with these keys that the person may archive, and return those that were not before.

    Each has the same `archived_at`, by which `take_back` finds them again.
    """
    return [one for some in in_chunks(keys) for one in _change(some, by, now)]


def unarchive(keys: Iterable[int], *, by: User) -> list[Picture]:
    """Bring pictures back to the gallery, and return those that came back."""
    return [one for some in in_chunks(keys) for one in _change(some, by, None)]


def take_back(at: datetime, *, by: User) -> list[Picture]:
    """Take back one `archive` of the person, by its instant."""
    return unarchive(list(_of(by).filter(archived_at=at).values_list("pk", flat=True)), by=by)


def may_archive(picture: Picture, person: User) -> bool:
    """Whether the person may archive this picture of the gallery: its owner, and an admin."""
    return picture.is_made and picture.shown_at is not None and picture.may_trash(person)


def _of(person: User) -> PictureQuerySet:
    return Picture.objects.visible_to(person).made().filter(archived_by=person)


def _change(keys: Sequence[int], by: User, at: datetime | None) -> list[Picture]:
    with transaction.atomic():
        rev = Revision.bump()
        rows = Picture.objects.visible_to(by).made().filter(pk__in=keys, archived_at__isnull=at is not None)
        meant = [one for one in rows.select_related("job__submission", "person") if may_archive(one, by)]
        for one in meant if at else ():
            GalleryMonth.add(one, -1)
        changed = [one.pk for one in meant]
        Picture.objects.filter(pk__in=changed).update(archived_at=at, archived_by=by if at else None)
        for one in meant:
            one.archived_at, one.archived_by = at, by if at else None
            if at is None:
                GalleryMonth.add(one)
        (SearchDocument.add_fact if at else SearchDocument.drop_fact)(changed, ARCHIVED)
        settle(changed)
        Picture.objects.filter(pk__in=changed).touch(rev)
        did = "archived" if at else "brought back from the archive"
        Notification.tell_owners(meant, did, by=by, several_at="/gallery/?archived=on")
    return meant

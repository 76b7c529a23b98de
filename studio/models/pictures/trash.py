"""The trash: move pictures there, restore them, and have them deleted for good.

Every verb raises the revision first, so two of them on the same picture come one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Q

from studio.models.account.notification import Notification
from studio.models.boards.counts import count_on_boards
from studio.models.job import Job
from studio.models.looks.reference import LookReference
from studio.models.people import User
from studio.models.picture import Picture, PictureQuerySet
from studio.models.pictures.gallery_month import Day, GalleryMonth
from studio.models.pictures.trashable import KEPT_FOR
from studio.models.requests.input import Input
from studio.models.revision import Revision
from studio.models.search.document import SearchDocument
from studio.models.stacks.stacks import settle
from studio.models.trail import TrailEntry

# What can be deleted: the rest are parts of these, or belong to a request.
KINDS = (Picture.Origin.MADE, Picture.Origin.KEPT, Picture.Origin.UPLOAD)
# Pictures of one transaction: others who write wait for it.
CHUNK = 50
# What "used by" counts to.
MOST_COUNTED = 100


def may_trash(picture: Picture, person: User) -> bool:
    """Whether the person may delete this picture, on its own or as a layer of its split."""
    return picture.origin in KINDS and picture.may_trash(person)


def move(pictures: Iterable[int], *, by: User, now: datetime) -> list[Picture]:
    """Move the pictures with these keys that the person may delete to the trash; return those that moved.

    A layer takes its whole split along. Each has the same `trashed_at`, by which `restore_moved` finds them again.
    """
    return [one for keys in in_chunks(pictures) for one in _move(keys, by, now)]


def restore(pictures: Iterable[int], *, by: User, now: datetime) -> list[Picture]:
    """Bring back from the trash what the person may restore, and is not about to be deleted; return what came back."""
    return [one for keys in in_chunks(pictures) for one in _restore(keys, by, now)]


def restore_moved(at: datetime, *, by: User, now: datetime) -> list[Picture]:
    """Take back one `move` of the person, by its instant."""
    moved = Picture.objects.in_trash().filter(trashed_at=at, trashed_by=by)
    return restore(list(moved.values_list("pk", flat=True)), by=by, now=now)


def kept_before(picture: Picture, sha256: str, *, by: User, now: datetime) -> Picture | None:
    """Return what was kept of a picture with the same bytes; kept once more, it comes back from the trash."""
    known = Picture.objects.filter(
        kept_from=picture, origin=Picture.Origin.KEPT, sha256=sha256, deleted_at=None
    ).first()
    if known and known.is_in_trash:
        return next(iter(_restore([known.pk], by, now, is_made_again=True)), None)
    return known


def delete(pictures: PictureQuerySet, *, by: User, now: datetime) -> int:
    """Let pictures of the trash be deleted for good, and return how many; engine.pictures.trash does it."""
    mine = pictures.in_trash().filter(deletes_at__gt=now)
    if not by.is_admin:
        mine = mine.filter(by.owned())
    with transaction.atomic():
        Revision.bump()
        first = mine.order_by().select_related("job__submission", "person").first()
        number = mine.order_by().update(deletes_at=now)
        if first:
            _log_deletion(first, number, by)
    return number


def _log_deletion(first: Picture, number: int, by: User) -> None:
    """Write down that one picture was deleted for good, or how many."""
    thing, private_to = f"{number} pictures", None
    if number == 1:
        thing, private_to = first.title, first.person if first.is_private else None
    TrailEntry.log(TrailEntry.Verb.DELETED, by=by, thing=thing, text="deleted for good", private_to=private_to)


def used_by(picture: Picture, person: User) -> int:
    """Count what the person sees that was made from or with a picture and its layers, and the looks; up to MOST_COUNTED."""
    keys = [one.pk for one in _stacks([picture])[picture.pk]]
    made = Q(submission__is_private=False) | person.owned("submission__person")
    kept = Picture.objects.visible_to(person).filter(kept_from__in=keys)
    shown = Q(version__look__is_team=True) | person.owned("version__look__person")
    # Read and not counted: a count puts each of them into another query, which takes longer to write than to answer.
    uses = (
        Input.objects.filter(made, picture__in=keys).order_by().values_list("submission").distinct(),
        kept.order_by().values_list("pk"),
        LookReference.objects.filter(shown, picture__in=keys).order_by().values_list("version__look").distinct(),
    )
    return min(MOST_COUNTED, sum(len(rows[:MOST_COUNTED]) for rows in uses))


def stack_of(picture: Picture) -> list[Picture]:
    """Return what is deleted with a picture of the trash, itself first: all layers of a split and what was put in them."""
    return _stacks([picture])[picture.pk]


# ---- One transaction


def in_chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    """Yield the keys in as many as one transaction takes."""
    rest = iter(keys)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _move(keys: Sequence[int], by: User, now: datetime) -> list[Picture]:
    with transaction.atomic():
        rev = Revision.bump()
        rows = Picture.objects.visible_to(by).filter(pk__in=keys).select_related("job__submission", "person")
        moved = list(_fronts(one for one in rows if may_trash(one, by)))
        stacks = _stacks(moved)
        all_keys = [one.pk for stack in stacks.values() for one in stack]
        Picture.objects.filter(pk__in=all_keys, trashed_at__isnull=True).update(trashed_at=now, trashed_by=by)
        Picture.objects.filter(pk__in=list(stacks)).update(deletes_at=now + KEPT_FOR)
        SearchDocument.objects.filter(picture__in=all_keys).delete()
        settle(stacks)
        Picture.objects.filter(pk__in=list(stacks)).touch(rev)
        _count(moved, -1)
        _touch_cards(moved, rev)
        Notification.tell_owners(moved, "moved", " to the trash", by=by, several_at="/trash/")
    return moved


def _restore(keys: Sequence[int], by: User, now: datetime, *, is_made_again: bool = False) -> list[Picture]:
    with transaction.atomic():
        rev = Revision.bump()
        rows = Picture.objects.visible_to(by, also_in_trash=not is_made_again, also_gone=is_made_again).in_trash()
        rows = rows.filter(pk__in=keys, deletes_at__gt=now).select_related("job__submission__look", "person")
        moved = [one for one in rows if is_made_again or one.may_trash(by)]
        stacks = _stacks(moved)
        all_keys = [one.pk for stack in stacks.values() for one in stack]
        Picture.objects.filter(pk__in=all_keys).update(trashed_at=None, trashed_by=None, deletes_at=None)
        for one in moved:
            one.trashed_at = one.trashed_by = one.deletes_at = None
            if one.job_id and one.shown_at:
                SearchDocument.write(one)
        settle(stacks)
        _count(moved, 1)
        _touch_cards(moved, rev)
        Notification.tell_owners(moved, "restored", " from the trash", by=by, several_at="/trash/")
    return moved


def _fronts(rows: Iterable[Picture]) -> Iterator[Picture]:
    """The pictures themselves, and for layers the front of their split."""
    known: set[int] = set()
    for one in rows:
        front = one
        if one.position and one.job and one.kept_from_id is None and one.job.submission.type == "layering":
            front = Picture.objects.select_related("job__submission", "person").get(job=one.job_id, position=0)
        if front.pk not in known and front.trashed_at is None:
            known.add(front.pk)
            yield front


def _stacks(fronts: Sequence[Picture]) -> dict[int, list[Picture]]:
    """Return each picture with what belongs to it: the other layers of a split, and the contents of its layers."""
    stacks = {one.pk: [one] for one in fronts}
    by_job = {one.job_id: one.pk for one in fronts if one.is_split and one.kept_from_id is None}
    layers = {}
    if by_job:
        for layer in Picture.objects.of_luma().filter(job_id__in=list(by_job)):
            key = layers[layer.pk] = by_job[layer.job_id]
            if layer.pk not in stacks:
                stacks[key].append(layer)
        for content in Picture.objects.filter(layer_of__in=list(layers)):
            stacks[layers[content.layer_of_id or 0]].append(content)
    return stacks


def _count(moved: Sequence[Picture], sign: int) -> None:
    # A day counts the team's, and each person's private ones apart.
    alike: dict[tuple[Day, int], list[Picture]] = defaultdict(list)
    for one in moved:
        if one.job_id and one.shown_at and one.archived_at is None:
            alike[Day.of(one.shown_at), one.person_id if one.is_private else 0].append(one)
    for same in alike.values():
        GalleryMonth.add(same[0], sign * len(same))
    count_on_boards(moved, sign)


def _touch_cards(moved: Sequence[Picture], rev: int) -> None:
    """Let open pages draw the cards of these pictures anew."""
    Job.objects.filter(pk__in=[one.job_id for one in moved if one.job_id]).update(rev=rev)


def in_use(pictures: Iterable[Picture]) -> bool:
    """Whether a request that is under way still needs one of these as its input."""
    used = Q(submission__inputs__picture__in=[one.pk for one in pictures])
    return Job.objects.filter(used, state__in=Job.ACTIVE).exists()

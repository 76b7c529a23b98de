"""Delete for good what is due in the trash: rows first, in small transactions, and then the files that nothing needs.

Killed at any point, the next run goes on: a row that is gone has left the names of its files (DiscardedFile), and a file
whose name is still there is deleted again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from django_q.tasks import async_task

from studio.engine.integrity.files import SWEPT_AFTER
from studio.engine.pictures import watermarks
from studio.models import Comparison, DiscardedFile, LayersExport, Picture, Revision, Split, Tag
from studio.models.pictures.trash import in_use, stack_of

log = logging.getLogger(__name__)

SLICE = 5.0  # seconds
BATCH = 50


def empty_later() -> None:
    async_task("studio.tasks.empty_trash", cluster="studio")


def empty(now: datetime, *, seconds: float = SLICE) -> bool:
    """Delete what is due for one slice; return whether more is to be done. Twice does no harm."""
    end = time.monotonic() + seconds
    for picture in _due(now):
        delete(picture.pk, now=now)
        if time.monotonic() > end:
            return True
    return delete_files(now, end=end)


def delete(pk: int, *, now: datetime) -> bool:
    """Take the rows of a picture that is due, with all that belongs to it, and note its files for deletion."""
    with transaction.atomic():
        Revision.bump()
        picture = Picture.objects.filter(pk=pk, deletes_at__lte=now).select_related("job__submission").first()
        if picture is None:
            return False  # restored, or another worker was first
        stack = stack_of(picture)
        if in_use(stack):
            return False
        names = set()
        for one in stack:
            names |= {one.file, *one.renditions.values_list("file", flat=True)}
            names |= {file for pair in _comparisons(one) for file in pair}
        if picture.is_split:
            names |= _files_of_split(picture)
        # What was put in a layer's place first: it refers to the layer.
        for one in sorted(stack, key=lambda one: (one.layer_of_id is None, one.pk)):
            _take(one, now)
        DiscardedFile.discard(names)
    for content in {one.sha256 for one in stack}:
        watermarks.forget(content)
    return True


def delete_files(now: datetime, *, end: float) -> bool:
    """Delete the files whose rows are gone; return whether more is to be done.

    A file that was stored or brought again a while ago waits: its row may be about to be written.
    """
    last = 0
    while batch := list(DiscardedFile.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for one in batch:
            if time.monotonic() > end:
                return True
            _delete_file(one, now)
    return False


def _due(now: datetime) -> Iterator[Picture]:
    at, last = datetime.min.replace(tzinfo=now.tzinfo), 0
    while True:
        rows = (
            Picture.objects.in_trash()
            .filter(deletes_at__lte=now, deletes_at__gte=at)
            .exclude(deletes_at=at, pk__lte=last)
        )
        batch = list(rows.order_by("deletes_at", "pk").only("deletes_at")[:BATCH])
        yield from batch
        if not batch or batch[-1].deletes_at is None:
            return
        at, last = batch[-1].deletes_at, batch[-1].pk


def _delete_file(one: DiscardedFile, now: datetime) -> None:
    if not one.is_needed:
        try:
            if default_storage.get_modified_time(one.name) > now - SWEPT_AFTER:
                return
            default_storage.delete(one.name)
        except FileNotFoundError:
            pass
        except OSError as problem:
            log.error("A file of a deleted picture cannot be deleted yet: %s", problem.strerror)
            return
    one.delete()


def _take(picture: Picture, now: datetime) -> None:
    """Delete a row, or, where others refer to it, leave it without a file: history stays as it was."""
    is_known = picture.job_id is not None and picture.origin == Picture.Origin.MADE
    Tag.forget(picture)
    for rows, relation in _relations(picture):
        if relation.on_delete is models.CASCADE:
            rows.delete()
        elif relation.on_delete is models.SET_NULL:
            rows.update(**{relation.field.name: None})
        else:
            is_known = is_known or rows.exists()
    if not is_known:
        picture.delete()
        return
    gone: dict[str, Any] = {
        "file": "",
        "placeholder": "",
        "deletes_at": None,
        "deleted_at": now,
        "renditions_due_at": None,
    }
    # Of nothing any more: the same content may be kept of the same edit anew.
    gone["sha256"] = hashlib.sha256(picture.code.bytes).hexdigest()
    Picture.objects.filter(pk=picture.pk).update(**gone)


def _relations(picture: Picture) -> Iterator[tuple[models.QuerySet[Any], Any]]:
    """The rows that refer to a picture, model by model, and how they do."""
    for relation in Picture._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and not relation.many_to_many:
            rows = relation.related_model._default_manager.filter(**{relation.field.name: picture})  # type: ignore[union-attr]
            yield rows, relation


def _comparisons(picture: Picture) -> Iterator[tuple[str, str]]:
    of_it = models.Q(edit=picture) | models.Q(source=picture)
    yield from Comparison.objects.filter(of_it).values_list("difference", "numbers")


def _files_of_split(front: Picture) -> set[str]:
    """The files made of all layers together; their rows go or forget them."""
    splits = Split.objects.filter(job=front.job_id)
    names = {name for pair in splits.values_list("together_file", "difference_file") for name in pair}
    exports = LayersExport.objects.filter(split__in=splits)
    names |= set(exports.values_list("file", flat=True))
    exports.delete()
    splits.update(together_file="", difference_file="", compare_due_at=None)
    return names


def run() -> None:
    """Empty for a slice, and queue the next behind what waits meanwhile."""
    if empty(timezone.now()):
        empty_later()

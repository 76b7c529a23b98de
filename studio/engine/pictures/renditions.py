"""The sizes of one picture, made by the CPU queue. Twice does no harm: the names and rows are the same."""

from __future__ import annotations

import logging
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, F, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone
from django_q.tasks import async_task

from studio import imaging, storage
from studio.engine.pictures import marked_files
from studio.models import Picture, Rendition

log = logging.getLogger(__name__)


MOST_AT_ONCE = 200
# Within about half a day: long enough for a machine short of memory or a disk to come back.
MOST_TRIES = 10
PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=2)


def make(pk: int) -> int:
    """Make the renditions that picture `pk` still lacks and return how many were made."""
    claimed = Picture.objects.filter(pk=pk, renditions_due_at__isnull=False, rendition_tries__lt=MOST_TRIES)
    if not claimed.update(rendition_tries=F("rendition_tries") + 1):
        # The last try took the worker with it. `integrity` complains from here on.
        Picture.objects.filter(pk=pk, rendition_tries__gte=MOST_TRIES).update(renditions_due_at=None)
        return 0
    picture = Picture.objects.get(pk=pk)
    missing = missing_sizes(picture)
    try:
        made = _made(picture, missing) if missing else []
    except (imaging.Unusable, OSError) as problem:
        _try_later(picture, problem)
        return 0
    with transaction.atomic():
        for one in made:
            Rendition.objects.get_or_create(
                picture=picture,
                size=one.size,
                defaults={
                    "file": storage.rendition_name(picture.sha256, one.size),
                    "width": one.width,
                    "height": one.height,
                    "bytes": one.bytes,
                },
            )
        Picture.objects.filter(pk=pk).update(renditions_due_at=None, rendition_tries=0)
    if settings.FILE_SERVING != "direct":
        marked_files.lay_marks(picture)
    return len(made)


def missing_sizes(picture: Picture) -> list[int]:
    """Name the sizes that the picture should have and has no row for."""
    have = {rendition.size for rendition in picture.renditions.all()}
    return [size for size in imaging.sizes_for(picture.width, picture.height) if size not in have]


def make_due(pictures: QuerySet[Picture], *, now: datetime) -> int:
    """Let these pictures' renditions be made anew, and return how many pictures it is."""
    found = list(pictures.values_list("pk", flat=True))
    with transaction.atomic():
        Picture.objects.filter(pk__in=found).update(renditions_due_at=now, rendition_tries=0)
        for pk in found:
            async_task("studio.tasks.make_renditions", pk, cluster="studio")
    return len(found)


def complete(*, now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Make due what lacks a size and nobody works on: rows were lost, or an older studio gave up in silence."""
    expected = Case(
        *(When(long_side__lte=size, then=Value(number)) for number, size in enumerate(imaging.SIZES[:-1], 1)),
        default=Value(len(imaging.SIZES)),
    )
    lacking = (
        Picture.objects.filter(renditions_due_at=None, rendition_tries=0, deleted_at__isnull=True)
        .annotate(long_side=Greatest("width", "height"), found=Count("renditions"))
        .annotate(expected=expected)
        .filter(found__lt=F("expected"))
        .order_by("pk")
    )
    return make_due(lacking[:most], now=now)


def _try_later(picture: Picture, problem: Exception) -> None:
    """Keep it due a while longer, or give up after MOST_TRIES. The sizes that exist are shown meanwhile."""
    pause = min(LONGEST_PAUSE, PAUSE * 3 ** min(picture.rendition_tries, 10))
    over = picture.rendition_tries >= MOST_TRIES
    log.error("Renditions of picture %s cannot be made%s: %s", picture.pk, "" if over else " yet", problem)
    Picture.objects.filter(pk=picture.pk).update(renditions_due_at=None if over else timezone.now() + pause)


def _made(picture: Picture, sizes: list[int]) -> list[imaging.MadeRendition]:
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        source = storage.copy_to(picture.file, Path(folder) / f"source.{picture.format}")
        made = imaging.renditions(source, Path(folder), sizes)
        for one in made:
            storage.store(one.path, storage.rendition_name(picture.sha256, one.size))
    return made

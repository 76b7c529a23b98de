"""The sizes of one picture, made by the CPU queue. Twice does no harm: the names and rows are the same."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from studio import imaging
from studio.models import Picture, Rendition, shelf

log = logging.getLogger(__name__)


def make(pk: int) -> int:
    """Make the renditions that picture `pk` still lacks and return how many were made."""
    picture = Picture.objects.filter(pk=pk, renditions_due_at__isnull=False).first()
    if picture is None:
        return 0
    have = set(picture.renditions.values_list("size", flat=True))
    missing = [size for size in imaging.sizes_for(picture.width, picture.height) if size not in have]
    made = _made(picture, missing) if missing else []
    with transaction.atomic():
        for one in made:
            Rendition.objects.get_or_create(
                picture=picture,
                size=one.size,
                defaults={
                    "file": shelf.rendition_name(picture.sha256, one.size),
                    "width": one.width,
                    "height": one.height,
                    "bytes": one.bytes,
                },
            )
        Picture.objects.filter(pk=pk).update(renditions_due_at=None)
    return len(made)


def _made(picture: Picture, sizes: list[int]) -> list[imaging.MadeRendition]:
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        try:
            source = shelf.copy_to(picture.file, Path(folder) / f"source.{picture.format}")
            made = imaging.renditions(source, Path(folder), sizes)
        except (imaging.Unusable, OSError) as problem:
            # The first size stands; the others are shown as it until somebody repairs the original.
            log.error("Renditions of picture %s cannot be made: %s", picture.pk, problem)
            return []
        for one in made:
            shelf.put(one.path, shelf.rendition_name(picture.sha256, one.size))
    return made

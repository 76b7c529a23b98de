"""Check that search knows the pictures of the gallery, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from studio.engine.integrity.finding import Finding
from studio.models import Picture, SearchDocument
from studio.models.picture import PictureQuerySet
from studio.text import plurals

CHUNK = 200  # rows for each transaction


def broken() -> Iterator[Finding]:
    unknown, stray = _unknown().count(), SearchDocument.objects.stray().count()
    for count, what in (
        (unknown, "of the gallery can't be found by its search"),
        (stray, "that the gallery doesn't have can be found by its search"),
    ):
        if count:
            yield Finding(
                invariant="gallery-is-searchable",
                sentence=f"{plurals.counted(count, 'picture')} {what}.",
                repairable=True,
            )


def mend(finding: Finding, now: datetime) -> bool:
    SearchDocument.objects.stray().delete()
    last = 0
    while chunk := list(_unknown().filter(pk__gt=last).select_related("job__submission__look").order_by("pk")[:CHUNK]):
        with transaction.atomic():
            for picture in chunk:
                SearchDocument.write(picture)
        last = chunk[-1].pk
    return True


def _unknown() -> PictureQuerySet:
    return Picture.objects.made().filter(document=None)

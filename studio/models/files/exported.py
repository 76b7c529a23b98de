"""Pictures that somebody of the team took away as a file: when that was last, so that approved ones that wait are found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from studio.models.opinions.opinion import Decision
from studio.models.picture import Picture
from studio.models.search.document import UNEXPORTED, SearchDocument

CHUNK = 500


def note_export(keys: Sequence[int], *, now: datetime) -> None:
    """Write down that the pictures with these keys left the studio as files, alone or in a zip."""
    for start in range(0, len(keys), CHUNK):
        with transaction.atomic():
            rows = Picture.objects.filter(pk__in=keys[start : start + CHUNK])
            rows.update(exported_at=now)
            approved = list(rows.filter(decision=Decision.Verdict.APPROVED).values_list("pk", flat=True))
            SearchDocument.drop_fact(approved, UNEXPORTED)

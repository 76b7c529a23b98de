"""Write anew what search knows of the pictures of a look that became its owner's alone, or the team's: a few at a time.

Killed at any point, the next run goes on. A look that turns again meanwhile is begun again.
"""

from __future__ import annotations

import time

from django.db import transaction

from studio.models import Look, Picture, Revision, SearchDocument, Submission

SLICE = 5.0  # seconds
BATCH = 10  # requests


def write(*, seconds: float = SLICE) -> bool:
    """Write for one slice; return whether more is to be done. Twice does no harm."""
    end = time.monotonic() + seconds
    while look := Look.objects.exclude(search_due_at=None).order_by("search_due_at", "pk").first():
        _write_some(look)
        if time.monotonic() > end:
            return True
    return False


def _write_some(look: Look) -> None:
    with transaction.atomic():
        Revision.bump()  # from here to the commit nobody else writes the words of a picture
        asked = Submission.objects.filter(look__look=look, pk__gt=look.search_after).order_by("pk")
        keys = list(asked.values_list("pk", flat=True)[:BATCH])
        pictures = Picture.objects.made().filter(job__submission__in=keys).order_by("pk")
        for picture in pictures.select_related("job__submission__look__look"):
            SearchDocument.write(picture)
        rows = Look.objects.filter(pk=look.pk, search_due_at=look.search_due_at, search_after=look.search_after)
        rows.update(**({"search_after": keys[-1]} if keys else {"search_due_at": None, "search_after": 0}))

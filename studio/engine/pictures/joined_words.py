"""Write anew what search knows of pictures whose words have apostrophes, stored before it knew these without them too.

Once for each studio and a few at a time. Killed at any point, the next run goes on.
"""

from __future__ import annotations

import time

from django.db import transaction
from django.db.models import Q

from studio.models import Picture, Revision, SearchDocument
from studio.text import search_text

SLICE = 5.0  # seconds
READ = 500  # pictures whose words are looked at
BATCH = 20  # pictures that are written in one transaction
# How far it is, as the key of a picture; DONE at the end.
PLACE = "joined phrases"
DONE = 2**62


def write(*, seconds: float = SLICE) -> bool:
    """Write for one slice; return whether more is to be done. Twice does no harm."""
    end = time.monotonic() + seconds
    row, _ = Revision.objects.get_or_create(pk=PLACE, defaults={"number": 0})
    after = row.number
    while after < DONE:
        after = _write_some(after)
        if time.monotonic() > end:
            return after < DONE
    return False


def _write_some(after: int) -> int:
    known = Picture.objects.made().filter(pk__gt=after).order_by("pk")
    names = ("job__submission__prompt", "job__submission__full_prompt", "original_name", "job__submission__type")
    read = list(known.values_list("pk", *names)[:READ])
    last = read[-1][0] if read else 0
    keys = {key for key, *texts, kind in read if kind == "layering" or any(map(search_text.joined, texts))}
    # What people said of a picture is not read here: it is written either way.
    said = known.filter(Q(comments__isnull=False) | Q(tagged__isnull=False), pk__lte=last)
    due = sorted(keys.union(said.values_list("pk", flat=True)))
    reached = due[BATCH - 1] if len(due) > BATCH else last if len(read) == READ else DONE
    with transaction.atomic():
        if due:
            Revision.bump()  # from here to the commit nobody else writes the words of a picture
        for picture in known.filter(pk__in=due[:BATCH]).select_related("job__submission__look__look"):
            SearchDocument.write(picture)
        Revision.objects.filter(pk=PLACE).update(number=reached)
    return reached

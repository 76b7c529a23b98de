"""Put what the picture child has written on storage, for a new row."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django_q.tasks import async_task

from studio import imaging, storage
from studio.imaging import Accepted, Composed, MadeRendition
from studio.models import Picture, Rendition


class Stored(NamedTuple):
    """Files on storage: the fields of the picture's row that tell of them, and its smaller copies by name."""

    fields: dict[str, Any]
    copies: list[tuple[MadeRendition, str]]

    def add_copies(self, picture: Picture) -> None:
        """Add the smaller copies and have those made that are missing. Inside the transaction of the row."""
        Rendition.objects.bulk_create(
            Rendition(picture=picture, size=one.size, file=file, width=one.width, height=one.height, bytes=one.bytes)
            for one, file in self.copies
        )
        if picture.renditions_due_at:
            async_task("studio.tasks.make_renditions", picture.pk, cluster="studio")


def store(made: Accepted | Composed, now: datetime) -> Stored:
    """Move the files to storage. Raises OSError."""
    # The smaller copies first: once the original is stored, a picture can be shown.
    copies = [(one, storage.store(one.path, storage.rendition_name(made.sha256, one.size))) for one in made.renditions]
    is_complete = {one.size for one in made.renditions}.issuperset(imaging.sizes_for(made.width, made.height))
    fields = {
        "file": storage.store(made.path, storage.original_name(made.sha256, made.format)),
        "sha256": made.sha256,
        "format": made.format,
        "width": made.width,
        "height": made.height,
        "bytes": made.bytes,
        "has_alpha": made.has_alpha,
        "placeholder": made.placeholder,
        "colour": made.colour,
        "created_at": now,
        "renditions_due_at": None if is_complete else now,
    }
    return Stored(fields, copies)

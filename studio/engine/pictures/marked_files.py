"""Renditions whose files say themselves that AI made the picture, so that others than Studio may hand them out.

Where Studio hands a file out, the mark is laid into it on its way. A web server or a bucket only gives what is stored.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from studio import embedding, storage
from studio.models import DiscardedFile, Picture, Rendition
from studio.models.files.file_notes import note_of_rendition

log = logging.getLogger(__name__)


def lay_marks(picture: Picture) -> int:
    """Store the picture's renditions with its mark in them, in place of those without; return how many it was.

    What cannot be marked, or not now, stays: then Studio hands it out itself.
    """
    note, done = note_of_rendition(picture), 0
    for rendition in picture.renditions.all() if note.digest else ():
        if storage.has_inside(rendition.file, note.digest):
            continue
        try:
            name, size = _store(picture, rendition, note)
        except (embedding.Unfit, OSError) as problem:
            log.warning("The mark is not laid into %s: %s", rendition.file, problem)
            continue
        with transaction.atomic():
            rows = Rendition.objects.filter(pk=rendition.pk, file=rendition.file)
            if rows.update(file=name, bytes=size):
                DiscardedFile.discard({rendition.file})
                done += 1
    return done


def _store(picture: Picture, rendition: Rendition, note: embedding.Note) -> tuple[str, int]:
    name = storage.rendition_name(picture.sha256, rendition.size, note.digest)
    with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "marked.webp"
        with storage.open_file(rendition.file) as stream, path.open("wb") as out:
            made = embedding.embed(stream, rendition.file, "webp", note)
            out.write(embedding.Spliced(made.pieces, lambda _: stream).read())
            out.flush()
            os.fsync(out.fileno())
        size = path.stat().st_size
        return storage.store(path, name), size

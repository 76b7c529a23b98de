"""Zips of pictures as their worker makes them, opened and checked."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.utils import timezone

from studio.engine.archives import archives
from studio.forms.files.archives import chosen_by
from studio.models import Archive, User


def made(person: User, codes: list[Any], **choices: Any) -> Archive:
    """An archive of these, as far as its worker brings it."""
    archive = started(person, codes, **choices)
    while archives.make(archive.pk, is_new_try=archive.tries == 0):
        archive.refresh_from_db()
    archive.refresh_from_db()
    return archive


def started(person: User, codes: list[Any], **choices: Any) -> Archive:
    chosen = chosen_by([str(getattr(one, "code", one)) for one in codes], person)
    archive = Archive.choose(person, chosen.pictures, chosen.left_out)
    choices = {"size": "original", "has_settings": True, "has_list": False} | choices
    assert archive.start(**choices, now=timezone.now())
    archive.refresh_from_db()
    return archive


def opened(archive: Archive) -> zipfile.ZipFile:
    with archives.opened(archive) as file:
        data = file.read()
    assert len(data) == archive.bytes
    whole = zipfile.ZipFile(io.BytesIO(data))
    assert whole.testzip() is None
    return whole

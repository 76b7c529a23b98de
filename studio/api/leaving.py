"""Picture files as they leave by the doors of programs: each says in its data that AI made it."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from studio import embedding, storage
from studio.forms.files.at_hand import Trouble
from studio.forms.files.downloads import Wanted, copied
from studio.models import Picture, Rendition, User
from studio.models.files.file_notes import copy_format, leaves_as_copy, note_for
from studio.views.media import MEDIA_TYPES, hand_out, hand_over


def format_of(picture: Picture) -> str:
    """The format in which it leaves."""
    return copy_format(picture.format) if leaves_as_copy(picture) else picture.format


def handed_out(request: HttpRequest, picture: Picture, person: User) -> HttpResponseBase:
    """Answer with the file: as it came where a mark can be laid into it, else as a copy."""
    is_copy = leaves_as_copy(picture)
    note = note_for(picture, with_settings=not person.has_plain_files, is_copy=is_copy)
    if not is_copy:
        return hand_out(request, picture.sha256, picture.file, MEDIA_TYPES[Picture.Format(picture.format)], note=note)
    kind = format_of(picture)
    make = partial(copied, picture, Wanted(picture.format))
    try:
        return hand_over(request, f"{picture.sha256}-{kind}-copy", make, f"image/{kind}", note=note)
    except Trouble as trouble:
        return HttpResponse(
            trouble.sentence, status=trouble.status, headers={"Retry-After": "5"}, content_type="text/plain"
        )


def content(picture: Picture, person: User) -> bytes:
    """Return the same file. Raises OSError where it can't be read, and Trouble where the copy can't be made."""
    is_copy = leaves_as_copy(picture)
    note = note_for(picture, with_settings=not person.has_plain_files, is_copy=is_copy)
    with copied(picture, Wanted(picture.format)) if is_copy else storage.open_file(picture.file) as file:
        return embedding.laid_into(file.read(), format_of(picture), note)


def content_of_size(picture: Picture, rendition: Rendition) -> bytes:
    """Return one of its sizes, marked as well. Raises OSError where it can't be read."""
    with storage.open_file(rendition.file) as file:
        return embedding.laid_into(file.read(), "webp", embedding.Note(picture.marked_as))

"""A picture as a file: as it came, in web size, or cut; with its settings in it or without."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio import storage
from studio.forms.create.shapes import ratio_classes
from studio.forms.files.at_hand import Trouble
from studio.forms.files.downloads import BUSY, GONE, Wanted, copied, stored_copy
from studio.models import FormatSet, Picture, User
from studio.models.files.exported import note_export
from studio.models.files.file_names import file_name
from studio.models.files.file_notes import WEB_SIDE, leaves_as_copy, note_for, visible_words
from studio.models.sql.compiled_query import PERSON, CompiledQuery
from studio.ratios import ratio_class
from studio.views.media import MEDIA_TYPES, hand_out, hand_over
from studio.views.request import viewer

# The ratios of the menu that no set of the team names, the most usual first.
USUAL = ("1:1", "16:9", "9:16", "3:2", "2:3")
MOST_CUTS = 8
SETS = CompiledQuery(lambda person: FormatSet.objects.visible_to(person)[:MOST_CUTS], PERSON)


@require_safe
def download(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Hand a picture over as a file with a name that says what it shows.

    `form` is how, `settings` (on, off) whether it says what it was asked for with; the last choice of that is kept.
    """
    person = viewer(request)
    seen = Picture.objects.visible_to(person, also_in_trash=True).select_related("job__submission")
    picture = get_object_or_404(seen, code=code)
    wanted = Wanted.of(request.GET.dict(), picture)
    if wanted is None:
        raise Http404
    try:
        answer = hand_over_as(request, picture, wanted, with_settings=_with_settings(request, person))
        if (
            answer.status_code >= HTTPStatus.BAD_REQUEST
        ):  # its drawing is for a page, and this would be the whole window
            raise Trouble(GONE if answer.status_code == HTTPStatus.NOT_FOUND else BUSY, answer.status_code)
        if request.method == "GET":
            note_export([picture.pk], now=timezone.now())
        return answer
    except Trouble as trouble:
        messages.error(request, trouble.sentence)
        return redirect(picture)


def hand_over_as(request: HttpRequest, picture: Picture, wanted: Wanted, *, with_settings: bool) -> HttpResponseBase:
    """Hand a picture over in one of the ways; needs its submission. Raises `Trouble` where the copy can't be made."""
    words = visible_words(picture)
    is_original = wanted.is_original and not leaves_as_copy(picture)
    note = note_for(picture, with_settings=with_settings, is_copy=not is_original)
    if is_original:
        media_type = MEDIA_TYPES[Picture.Format(picture.format)]
        return hand_out(
            request,
            picture.sha256,
            picture.file,
            media_type,
            name=file_name(picture, is_plain=not with_settings),
            note=note,
        )
    kind = wanted.copied_as
    name = file_name(picture, kind, wanted.words, is_plain=not with_settings)
    media_type = f"image/{kind}"
    etag = f"{picture.sha256}-{kind}-{wanted.words}{'-marked' if words else ''}"
    ready = stored_copy(picture, wanted)
    if ready and storage.has(ready.file):
        return hand_out(request, f"{etag}-{ready.size}", ready.file, media_type, name=name, note=note)
    return hand_over(request, etag, lambda: copied(picture, wanted), media_type, name=name, note=note)


def menu(picture: Picture, person: User) -> dict[str, Any]:
    """What the menu of downloads offers (templates/pictures/_download.html): the cuts that make sense, sets of the team
    first, and whether files say what they were asked for with."""
    named = (str(ratio) for one in SETS(person) for ratio in one.ratios)
    own = ratio_class(picture.width, picture.height)
    shapes = ratio_classes()
    cuts = [ratio for ratio in dict.fromkeys((*named, *USUAL)) if ratio in shapes and shapes[ratio] != own]
    scale = min(1.0, WEB_SIDE / max(picture.width, picture.height))
    return {
        "cuts": tuple((ratio, shapes[ratio]) for ratio in cuts[:MOST_CUTS]),
        "web_words": f"{round(picture.width * scale)} × {round(picture.height * scale)}",
        "is_plain": person.has_plain_files,
        "has_words": bool(visible_words(picture)),
    }


def _with_settings(request: HttpRequest, person: User) -> bool:
    """Whether the file says how it was asked for; what the menu's form says of that is kept for the next time."""
    if "asked" in request.GET:
        plain = "settings" not in request.GET
        if plain != person.has_plain_files:
            person.has_plain_files = plain
            person.save(update_fields=["has_plain_files"])
    return not person.has_plain_files

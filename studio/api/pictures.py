"""Pictures: find them as the gallery does, get them, bring one along, download them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from studio.api import answers as tell
from studio.api.answering import After, Limit, answers, asker, needs, place
from studio.api.door import Refused
from studio.api.finding import NAMES, understood
from studio.api.schemas import PictureOut, PicturePage
from studio.forms.files.at_hand import Trouble
from studio.forms.files.downloads import Wanted
from studio.forms.files.uploads import Refusal, store_upload
from studio.models import Picture, User
from studio.models.picture import PictureQuerySet
from studio.views.gallery.finder_words import clean
from studio.views.gallery.page import Cursor
from studio.views.pictures.downloads import hand_over_as

router = Router(tags=["Pictures"])
NO_STORAGE = "Studio's file storage does not answer. Send the same call again."

FILTER_WORDS = (
    f"The gallery's filters as in its address, such as ratio=16:9&decision=approved: {NAMES}; from and to take days."
)


@router.get("/pictures", response=answers(200, PicturePage), auth=needs["read"], url_name="pictures")
def find(
    request: HttpRequest,
    q: Annotated[str, Query("", max_length=500, description="Words, as in the gallery's search")],
    filters: Annotated[str, Query("", max_length=1_000, description=FILTER_WORDS)],
    after: After,
    limit: Limit,
) -> dict[str, Any]:
    """Find pictures of the gallery, newest first."""
    person = asker(request)
    return search(request, person, q=q, filters=filters, cursor=place(after), limit=limit)


def search(
    request: HttpRequest, person: User, *, q: str, filters: str, cursor: Cursor | None, limit: int
) -> dict[str, Any]:
    """Return a page of what the person may find."""
    finder = understood(filters, person)
    if q:
        finder = replace(finder, q=clean(q))
    rows = finder.following(finder.rows.select_related("job__submission"), cursor, limit + 1)
    more = str(Cursor.at(rows[limit - 1])) if len(rows) > limit else None
    return {"items": tell.pictures(rows[:limit], request), "next": more}


@router.get("/pictures/{uuid:code}", response=answers(200, PictureOut), auth=needs["read"], url_name="get_picture")
def get_picture(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Get one picture, made or uploaded."""
    return tell.pictures([seen(code, asker(request))], request)[0]


@router.post("/pictures", response=answers(201, PictureOut), auth=needs["make"], url_name="pictures")
def upload(request: HttpRequest, file: Annotated[UploadedFile, File(...)]) -> Status[dict[str, Any]]:
    """Bring a picture along, to be edited, split or looked at. The same file finds the first upload."""
    person = asker(request)
    return Status(201, tell.pictures([keep(file, person)], request)[0])


def keep(file: Any, person: User) -> Picture:
    """Store a file of a person. Raises Refused: 422 for what is no picture, 503 to come again."""
    kept = store_upload(file, person, timezone.now())
    if isinstance(kept, Refusal):
        if kept.is_busy:
            raise Refused(503, "busy", kept.sentence, headers={"Retry-After": "2"})
        raise Refused(422, "not-taken", kept.sentence, {"file": [str(kept)]})
    return seen(kept.code, person)


@router.get(
    "/pictures/{uuid:code}/file",
    response=answers(200, None),
    auth=needs["read"],
    url_name="get_file",
    openapi_extra={
        "responses": {
            200: {"description": "The file", "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def get_file(
    request: HttpRequest,
    code: uuid.UUID,
    form: Annotated[Literal["original", "web-jpeg", "web-webp"], Query("original")],
) -> HttpResponseBase:
    """Download a picture: as it came, or in web size. The file says that AI made it, and what it was asked for with."""
    person = asker(request)
    picture = seen(code, person)
    wanted = Wanted.of({"form": form}, picture)
    assert wanted  # noqa: S101 - `form` is one of those it knows
    try:
        answer = hand_over_as(request, picture, wanted, with_settings=not person.has_plain_files)
    except Trouble as trouble:
        raise Refused(503, "busy", trouble.sentence, headers={"Retry-After": "5"}) from None
    if answer.status_code == 404:
        raise Refused(404, "file-missing", "The file of this picture is missing. Tell an admin.")
    if answer.status_code == 503:
        raise Refused(503, "no-storage", NO_STORAGE, headers={"Retry-After": answer.headers["Retry-After"]})
    return answer


def seen(code: uuid.UUID, person: User) -> Picture:
    """Return a picture that the person sees. Raises Http404."""
    rows: PictureQuerySet = Picture.objects.visible_to(person).select_related("job__submission")
    return get_object_or_404(rows, code=code)

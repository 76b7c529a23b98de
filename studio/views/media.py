"""The one place that hands out the bytes of pictures, after asking who wants them."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import IO, Any, NamedTuple, cast
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from studio import embedding, imaging, storage
from studio.embedding import Note
from studio.forms.files.at_hand import Trouble
from studio.forms.files.downloads import Wanted, copied
from studio.models import Picture, Rendition, User
from studio.models.files.file_notes import copy_format, note_for
from studio.models.sql.compiled_query import CODE, KEY, CompiledQuery
from studio.views import serving
from studio.views.request import viewer

log = logging.getLogger(__name__)

MEDIA_TYPES = {format: f"image/{format.value}" for format in Picture.Format}
# Opened on its own, a picture can run nothing and load nothing; no other site may embed it.
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# The bytes behind these addresses never change. Private, because only the team may see them.
FOR_EVER = "private, max-age=31536000, immutable"
NOTHING = Note()
LATER = "2"  # seconds
MISSING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" fill="none" stroke="#8a8a8a" stroke-width="2">'
    b'<rect width="96" height="96" fill="#8a8a8a" fill-opacity=".12" stroke="none"/>'
    b'<path d="M34 38h28v20H34zM34 54l8-8 6 6 6-6 8 8M32 66l32-36"/></svg>'
)

TRASHED = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" fill="none" stroke="#8a8a8a" stroke-width="2">'
    b'<rect x="2" y="2" width="92" height="92" rx="3" stroke-dasharray="6 5"/>'
    b'<path d="M36 38h24M39 38l2 26h14l2-26M44 38v-4h8v4M45 45v13M51 45v13"/></svg>'
)


class Thumbnail(NamedTuple):
    """One size of a picture that a person may see, as far as handing it out needs."""

    file: str
    etag: str
    marked_as: str
    derived_from: str

    @classmethod
    def find(cls, person_id: int, code: str, content: str, size: int) -> Thumbnail | None:
        """Look one up for a person who is signed in; `content` is how the picture's sha256 begins."""
        if size not in imaging.SIZES:
            return None
        row = THUMBNAIL.first(person_id, uuid.UUID(code), size)
        if row is None or row[1][:12] != content:
            return None
        file, _, source_type, job, origin, has_credentials = row
        picture = Picture(source_type=source_type, job_id=job, origin=origin)
        # A smaller copy does not bring the credentials of its original along, and says so.
        derived_from = code.replace("-", "") if has_credentials else ""
        return cls(file, f"{content}-{size}", picture.marked_as, derived_from)

    def hand_out(self, request: HttpRequest) -> HttpResponseBase:
        note = Note(self.marked_as, derived_from=self.derived_from)
        return hand_out(request, self.etag, self.file, "image/webp", note=note)


def _thumbnails(person: Any, code: Any, size: Any) -> Any:
    seen = Picture.objects.visible_to(User(pk=person), also_in_trash=True).filter(code=code)
    rows = Rendition.objects.filter(picture__in=seen, size=size)
    fields = ("sha256", "source_type", "job_id", "origin", "has_credentials")
    return rows.values_list("file", *(f"picture__{name}" for name in fields))


THUMBNAIL: CompiledQuery[Rendition] = CompiledQuery(_thumbnails, KEY, CODE, KEY)


@require_safe
def rendition(request: HttpRequest, code: uuid.UUID, content: str, size: int) -> HttpResponseBase:
    """Hand out one size of a picture. The address holds the content, so it may be kept for ever."""
    person = viewer(request)
    owners = person.owner_keys if person.is_active else []
    found = next(filter(None, (Thumbnail.find(key, str(code), content, size) for key in owners)), None)
    if found is None:
        return in_trash(code, person)
    return found.hand_out(request)


@require_safe
def original(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Show the picture as it came, its pixels untouched; as a PNG where what came takes no mark, or no browser draws it."""
    picture = _picture(request, code)
    if not embedding.takes_notes(picture.format):
        return _as_copy(request, picture)
    media_type = MEDIA_TYPES[Picture.Format(picture.format)]
    return hand_out(request, picture.sha256, picture.file, media_type, note=Note(picture.marked_as))


def _as_copy(request: HttpRequest, picture: Picture) -> HttpResponseBase:
    kind = copy_format(picture.format)
    note = note_for(picture, with_settings=False, is_copy=True)
    make = partial(copied, picture, Wanted(picture.format))
    try:
        return hand_over(request, f"{picture.sha256}-{kind}-copy", make, f"image/{kind}", note=note)
    except Trouble as trouble:
        return not_yet(trouble)


def not_yet(trouble: Trouble) -> HttpResponse:
    """Show that a picture is missing or not ready, and never another file in its place."""
    if trouble.status == HTTPStatus.SERVICE_UNAVAILABLE:
        # No picture: a browser would show one, and a proof's page would not ask again (static/js/proof/proof.js).
        return HttpResponse(
            trouble.sentence, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": LATER}
        )
    headers = {**SAFE, "Cache-Control": "no-store"}
    return HttpResponse(MISSING, status=trouble.status, content_type="image/svg+xml", headers=headers)


def disposition(name: str) -> str:
    """The header of a download (RFC 6266): a name that every program reads, and where letters are lost the true one."""
    if name.isascii():
        return f'attachment; filename="{name}"'
    stem, _, ending = name.rpartition(".")
    plain = re.sub("-+", "-", "".join(one if one.isascii() else "-" for one in stem)).strip("-")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(name, safe='')}"


def _picture(request: HttpRequest, code: uuid.UUID) -> Picture:
    return get_object_or_404(Picture.objects.visible_to(viewer(request), also_in_trash=True), code=code)


def in_trash(code: uuid.UUID, person: User) -> HttpResponse:
    """Answer 404 with a dashed box where a page shows a picture that was deleted; raises Http404 for any other."""
    seen = Picture.objects.visible_to(person, also_gone=True)
    if not seen.filter(code=code, trashed_at__isnull=False).exists():
        raise Http404
    return HttpResponse(
        TRASHED, status=404, content_type="image/svg+xml", headers={**SAFE, "Cache-Control": "no-store"}
    )


def hand_out(
    request: HttpRequest, etag: str, file: str, media_type: str, *, name: str = "", note: Note = NOTHING
) -> HttpResponseBase:
    """Hand out a file of storage, with a note in it; with a name, as a download. `etag` says which file it is."""
    opened = partial(storage.open_file, file)
    return hand_over(request, etag, opened, media_type, name=name, note=note, file=file)


def hand_over(
    request: HttpRequest,
    etag: str,
    opened: Callable[[], IO[bytes]],
    media_type: str,
    *,
    name: str = "",
    note: Note = NOTHING,
    file: str = "",
) -> HttpResponseBase:
    """Do what `hand_out` does with what `opened` opens, unless the browser has it already; `file` is its name in storage."""
    etag = f'"{etag}{_inside(note)}"'
    known = get_conditional_response(request, etag=etag)
    # A download depends on the person's choice too, which its address may not say: it is asked for again each time.
    cached = "private, no-cache" if name else FOR_EVER
    if known is not None:
        return _dressed(known, etag, cached)
    named = disposition(name) if name else ""
    try:
        response = _answer(request, etag, opened, media_type, named, note, file)
    except storage.Unavailable as problem:
        log.warning("A picture's file is not handed out: %s (%s)", file or "a copy", problem.strerror)
        headers = {**SAFE, "Cache-Control": "no-store", "Retry-After": "10"}
        return HttpResponse(MISSING, status=503, content_type="image/svg+xml", headers=headers)
    except OSError as problem:
        log.error(
            "A picture's file cannot be read: %s (%s)", file or "a copy", problem.strerror or type(problem).__name__
        )
        return HttpResponse(
            MISSING, status=404, content_type="image/svg+xml", headers={**SAFE, "Cache-Control": "no-store"}
        )
    if named:
        response.headers["Content-Disposition"] = named
    return _dressed(response, etag, cached)


def _answer(
    request: HttpRequest,
    etag: str,
    opened: Callable[[], IO[bytes]],
    media_type: str,
    named: str,
    note: Note,
    file: str,
) -> HttpResponseBase:
    """Answer with a file in the cheapest way that there is for it. Raises OSError when it cannot be read."""
    is_as_stored = bool(file) and storage.has_inside(file, note.digest)
    if is_as_stored and (found := serving.elsewhere(request, file, media_type, named)):
        return found
    if is_as_stored and storage.is_remote():
        return serving.from_bucket(request, file, etag, media_type)
    stream = opened() if is_as_stored else _noted(opened(), file, media_type, note)
    return serving.from_stream(request, stream, etag, media_type)


def is_handed_out(response: HttpResponseBase) -> bool:
    """Whether this answers with a file, in whatever way: no redirect to a page, and no refusal."""
    return response.headers.get("Cross-Origin-Resource-Policy") == "same-origin" and response.status_code < 400


def _noted(stream: IO[bytes], file: str, media_type: str, note: Note) -> IO[bytes]:
    """Lay the note into the file. What is damaged, or is sealed by its maker, goes out as it is."""
    if not any(note):
        return stream
    try:
        made = embedding.embed(stream, file, media_type.removeprefix("image/"), note)
    except embedding.Unfit as why:
        log.warning("A picture's file goes out without a mark: %s (%s)", file, why)
        made = None
    stream.seek(0)
    if made is None or made.is_untouched:
        return stream
    return cast("IO[bytes]", embedding.Spliced(made.pieces, lambda _: stream, (file, stream)))


def _inside(note: Note) -> str:
    return f"-{note.digest}" if note.digest else ""


def _dressed(response: HttpResponseBase, etag: str, cached: str) -> HttpResponseBase:
    for header, value in SAFE.items():
        response.headers[header] = value
    # A link to the bucket ends: it is asked for again, and never said to be what the browser has.
    if response.status_code not in {HTTPStatus.FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
        response.headers["ETag"], response.headers["Cache-Control"] = etag, cached
    return response

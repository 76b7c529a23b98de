"""A zip of many pictures: what is to be in it, how far it is, and the file itself."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.engine.archives import archives as making
from studio.forms.files.archives import NONE_CHOSEN, TOO_MANY, Chosen, choose, chosen_by
from studio.models import Archive, TrailEntry, User
from studio.models.files.archive import MOST_PICTURES
from studio.models.files.exported import note_export
from studio.models.files.file_names import stem
from studio.views import serving
from studio.views.formatting import counted
from studio.views.gallery.chosen import choosing, chosen
from studio.views.media import SAFE, disposition
from studio.views.permissions import came_from
from studio.views.request import HtmxRequest, viewer

NOW_PRIVATE = "{count} of it {is_or_are} private to somebody else now"
NOW_TRASHED = "{count} of it {is_or_are} in the trash or deleted"
FILES_GONE = "files that it is made of are gone"


@require_POST
@choosing
def new_archive(request: HttpRequest) -> HttpResponse:
    """Take the chosen pictures (`picture`, `job`, or `all` for a whole gallery) to a page that says what comes of them."""
    person = viewer(request)
    meant = pictures_of(request)
    if not meant.total or meant.total > MOST_PICTURES:
        sentence = TOO_MANY.format(count=meant.total) if meant.total else NONE_CHOSEN
        if meant.total == MOST_PICTURES + 1 or len(meant.pictures) > MOST_PICTURES:
            sentence = sentence.replace(f"{meant.total:,}", f"more than {MOST_PICTURES:,}")
        messages.error(request, sentence)
        return redirect(came_from(request))
    return redirect(choose(meant, person))


def pictures_of(request: HttpRequest) -> Chosen:
    """Return what a selection means: no more than one above the most that a zip holds."""
    return chosen_by([*chosen(request, MOST_PICTURES), *request.POST.getlist("job")], viewer(request))


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show what the zip will be, start it (POST), and then say how far it is.

    `act=anew` makes one that can't be handed out any more once more, without what it lost.
    """
    found = _archive(request, code)
    if request.method == "POST" and request.POST.get("act") == "anew":
        return redirect(_anew(found) if found.is_ready and not found.export_id else found)
    if request.method == "POST":
        size = request.POST.get("size", Archive.Size.ORIGINAL)
        if size not in Archive.Size.values:
            raise Http404
        choices = {"has_settings": "settings" in request.POST, "has_list": "list" in request.POST}
        _start(found, viewer(request), size=size, **choices)
        return redirect(found)
    if found.is_under_way and making.resume(found, timezone.now()):
        found.refresh_from_db()
    context = {"archive": found, **(_closed(found) if found.is_ready else {})}
    return render(request, f"gallery/archive.html{'#state' if request.htmx else ''}", context)


@require_safe
def download_archive(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Stream the zip out of the pictures' own files."""
    found = _archive(request, code)
    if not found.is_ready:
        raise Http404
    if found.hidden or found.trashed:
        return redirect(found)  # which says why
    try:
        file = making.opened(found)
    except FileNotFoundError:
        found.note_opening(FILES_GONE)
        return redirect(found)
    found.note_opening()
    etag = f'"{found.code.hex}-{found.finished_at:%s}"'
    known = get_conditional_response(request, etag=etag)
    if known is not None:
        file.close()
        return known
    if request.method == "GET":
        note_export(found.pictures, now=timezone.now())
    remote = not isinstance(storages["default"], FileSystemStorage)
    response = serving.from_stream(request, file, etag, "application/zip", is_slow=remote)
    headers = {"Content-Disposition": disposition(_name(found)), "ETag": etag}
    for header, value in {**SAFE, **headers, "Cache-Control": "private, no-cache"}.items():
        response.headers[header] = value
    return response


def _closed(found: Archive) -> dict[str, object]:
    """Say why a zip that was made can't be handed out now, and whether one without what it lost has anything in it."""
    lost = {NOW_PRIVATE: found.hidden, NOW_TRASHED: found.trashed}
    number = sum(lost.values())
    said = [
        sentence.format(count=counted(n, "picture"), is_or_are="is" if n == 1 else "are")
        for sentence, n in lost.items()
        if n
    ]
    return {
        "closed": " and ".join(said) or found.sentence,
        "lost": number,
        "may_be_back": not said,
        "has_others": number < len(found.pictures) and not found.export_id,
    }


def _start(found: Archive, person: User, *, size: str, has_settings: bool, has_list: bool) -> None:
    with transaction.atomic():
        if not found.start(size=size, has_settings=has_settings, has_list=has_list, now=timezone.now()):
            return
        what = counted(len(found.pictures), "picture")
        TrailEntry.log(TrailEntry.Verb.EXPORTED, by=person, thing=f"Zip of {what}")
        making.make_later(found)


def _anew(found: Archive) -> Archive:
    """Make it once more at once, as it was made before."""
    with transaction.atomic():
        fresh = found.anew()
        _start(fresh, found.person, size=found.size, has_settings=found.has_settings, has_list=found.has_list)
    return fresh


def _name(found: Archive) -> str:
    """What its file is called: of the zips of an export each has a name of its own."""
    day = f"{timezone.localtime(found.created_at):%Y-%m-%d}"
    if found.export:
        return f"studio-everything-of-{stem(found.export.name)}-{day}-zip-{found.number}.zip"
    return f"studio-{found.taken}-pictures-{day}.zip"


def _archive(request: HttpRequest, code: uuid.UUID) -> Archive:
    return get_object_or_404(Archive.objects.of(viewer(request)), code=code)

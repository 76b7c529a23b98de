"""The bytes behind a proof link. Each request asks whether the link is still open."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from studio.forms.files.at_hand import Trouble
from studio.forms.files.downloads import Wanted
from studio.forms.files.watermarks import file_of
from studio.models import ProofLink
from studio.models.files.file_names import file_name
from studio.models.files.file_notes import WEB_SIDE, note_for, note_of_rendition
from studio.views.media import hand_out, not_yet
from studio.views.pictures.downloads import hand_over_as
from studio.views.proof.door import Visit, proof_page, refused
from studio.views.request import HtmxRequest

NO_DOWNLOADS = "Downloads are switched off for this link."


@require_safe
@proof_page
def proof_file(request: HttpRequest, visit: Visit, code: uuid.UUID, size: int) -> HttpResponseBase:
    """Hand out one size of a picture, with the link's watermark where it has one."""
    (_, picture), link = visit.find(code), visit.link
    note = note_of_rendition(picture)
    if link.watermark:
        try:
            file = file_of(picture, link.watermark, size)
        except Trouble as trouble:
            return not_yet(trouble)
        return hand_out(request, _etag(file), file, "image/webp", note=note)
    rendition = picture.renditions.filter(size=size).first()
    if rendition is None:
        raise Http404
    return hand_out(request, f"{picture.sha256[:12]}-{size}", rendition.file, "image/webp", note=note)


@require_safe
@proof_page
def proof_download(request: HtmxRequest, visit: Visit, code: uuid.UUID) -> HttpResponseBase:
    """Hand a picture over as a file, as the link allows: never with its prompt, unless that is shown."""
    link = visit.link
    if link.downloads_now == ProofLink.Downloads.OFF:
        return refused(request, visit, NO_DOWNLOADS, 404)
    _, picture = visit.find(code)
    try:
        if link.watermark:
            file = file_of(picture, link.watermark, WEB_SIDE)
            name = file_name(picture, "webp", f"{WEB_SIDE}px", is_plain=not link.shows_prompts)
            note = note_for(picture, with_settings=link.shows_prompts, is_copy=True)
            return hand_out(request, _etag(file), file, "image/webp", name=name, note=note)
        form = "original" if link.downloads_now == ProofLink.Downloads.ORIGINAL else "web-webp"
        wanted = Wanted.of({"form": form}, picture)
        if wanted is None:
            raise Http404
        return hand_over_as(request, picture, wanted, with_settings=link.shows_prompts)
    except Trouble as trouble:
        # It takes the place of the page that asked: in words, with the way back.
        return refused(request, visit, trouble.sentence, trouble.status)


def _etag(file: str) -> str:
    """What tells two files apart without the folder and the whole content's name."""
    sha256, _, rest = file.removesuffix(".webp").rpartition("/")
    return f"{sha256[-64:][:12]}-{rest}"

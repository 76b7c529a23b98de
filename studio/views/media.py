"""The one place that hands out the bytes of pictures, after asking who wants them."""

from __future__ import annotations

import logging
import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from studio import storage
from studio.models import Picture, Rendition
from studio.views.request import viewer

log = logging.getLogger(__name__)

MEDIA_TYPES = {
    Picture.Format.JPEG: "image/jpeg",
    Picture.Format.PNG: "image/png",
    Picture.Format.WEBP: "image/webp",
    Picture.Format.GIF: "image/gif",
}
# Opened on its own, a picture can run nothing and load nothing; no other site may embed it.
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# The bytes behind these addresses never change. Private, because only the team may see them.
FOR_EVER = "private, max-age=31536000, immutable"
LONGEST_SLUG = 60  # characters of the prompt in a file's name
MISSING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" fill="none" stroke="#8a8a8a" stroke-width="2">'
    b'<rect width="96" height="96" fill="#8a8a8a" fill-opacity=".12" stroke="none"/>'
    b'<path d="M34 38h28v20H34zM34 54l8-8 6 6 6-6 8 8M32 66l32-36"/></svg>'
)


@require_safe
def rendition(request: HttpRequest, code: uuid.UUID, content: str, size: int) -> HttpResponseBase:
    """Hand out one size of a picture. The address holds the content, so it may be kept for ever."""
    picture = _picture(request, code)
    if content != picture.sha256[:12]:
        raise Http404
    found = get_object_or_404(Rendition, picture=picture, size=size)
    return hand_out(request, f"{content}-{size}", found.file, "image/webp")


@require_safe
def original(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Show the picture as it came, untouched."""
    picture = _picture(request, code)
    return hand_out(request, picture.sha256, picture.file, MEDIA_TYPES[Picture.Format(picture.format)])


@require_safe
def download(request: HttpRequest, code: uuid.UUID) -> HttpResponseBase:
    """Hand the original over as a file with a name that says what it shows."""
    picture = get_object_or_404(
        Picture.objects.visible_to(viewer(request)).select_related("job__submission"), code=code
    )
    return hand_out(
        request, picture.sha256, picture.file, MEDIA_TYPES[Picture.Format(picture.format)], name=file_name(picture)
    )


def file_name(picture: Picture) -> str:
    """Name a download: studio-harbour-at-dusk-1f0c9a2b.png."""
    words = slugify(picture.title)[:LONGEST_SLUG].strip("-") or "picture"
    ending = "jpg" if picture.format == Picture.Format.JPEG else picture.format
    return f"studio-{words}-{picture.code.hex[:8]}.{ending}"


def _picture(request: HttpRequest, code: uuid.UUID) -> Picture:
    return get_object_or_404(Picture.objects.visible_to(viewer(request)), code=code)


def hand_out(request: HttpRequest, etag: str, file: str, media_type: str, *, name: str = "") -> HttpResponseBase:
    known = get_conditional_response(request, etag=f'"{etag}"')
    if known is not None:
        return _dressed(known, etag)
    try:
        stream = storage.open_file(file)
    except OSError as problem:
        log.error("A picture's file cannot be read: %s (%s)", file, problem.strerror or type(problem).__name__)
        return HttpResponse(
            MISSING, status=404, content_type="image/svg+xml", headers={**SAFE, "Cache-Control": "no-store"}
        )
    response = FileResponse(stream, content_type=media_type, as_attachment=bool(name), filename=name)
    return _dressed(response, etag)


def _dressed(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    for header, value in {**SAFE, "Cache-Control": FOR_EVER, "ETag": f'"{etag}"'}.items():
        response.headers[header] = value
    return response

"""What the doors in other services' wire formats share: bodies, pictures in them, files that a link hands out."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from studio import imaging
from studio.api import leaving, strict_json
from studio.forms.files.uploads import Refusal, store_upload
from studio.models import ApiToken, Picture, User

# As Luma's own links (luma-api.md section 10.3).
LINK_LASTS = timedelta(hours=1)
SALT = "studio.api.file"
ENDINGS = {"jpeg": "jpg"}


class NotRead(Exception):
    """The body is no JSON object."""


class TooBig(Exception):
    """The body is larger than is read."""


class BadBase64(Exception):
    """Bytes that are no base64."""


class NotTaken(Exception):
    """Why a picture was not taken, as a sentence; `is_busy`: it may come again."""

    def __init__(self, sentence: str, *, is_busy: bool) -> None:
        super().__init__(sentence)
        self.sentence, self.is_busy = sentence, is_busy


def read_json(request: HttpRequest, most: int) -> dict[str, Any]:
    """Read an object of at most so many bytes. Raises NotRead or TooBig."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise NotRead from None
    if length > most:
        raise TooBig
    try:
        # Pictures stand in it as base64, so it may be longer than a form's text; Django's own limit is for those.
        raw = request.read(length) if length else b""
        found = strict_json.loads(raw)
    except (ValueError, RecursionError, RawPostDataException, RequestDataTooBig):
        raise NotRead from None
    if not isinstance(found, dict):
        raise NotRead
    return found


def keep_base64(text: str, person: User, name: str) -> Picture:
    """Store the picture of a base64 text. Raises BadBase64 or NotTaken."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadBase64 from None
    if not content:
        raise BadBase64
    if len(content) > imaging.MAX_BYTES:
        raise NotTaken(f"image exceeds {imaging.MAX_BYTES // 2**20} MB limit", is_busy=False)
    return keep_file(SimpleUploadedFile(name, content, "application/octet-stream"), person)


def keep_file(file: Any, person: User) -> Picture:
    """Store a file of a person. Raises NotTaken."""
    kept = store_upload(file, person, timezone.now())
    if isinstance(kept, Refusal):
        raise NotTaken(kept.sentence, is_busy=kept.is_busy)
    return kept


def link_to(picture: Picture, request: HttpRequest) -> str:
    """Return an address that hands the picture out for LINK_LASTS to whoever has it, as long as the token of this call
    works and its person sees the picture."""
    token: ApiToken = request.api_token  # type: ignore[attr-defined]
    said = signing.dumps([picture.code.hex, token.pk], salt=SALT, compress=False)
    kind = leaving.format_of(picture)
    name = f"{said}.{ENDINGS.get(kind, kind)}"
    return request.build_absolute_uri(reverse("luma:linked", args=[name]))


@csrf_exempt
def linked(request: HttpRequest, name: str) -> HttpResponseBase:
    """Hand out what a link of ours is for; 403 for one that is over or none of ours, as a storage would say."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse("Only GET.", status=405, headers={"Allow": "GET, HEAD"}, content_type="text/plain")
    try:
        code, key = signing.loads(name.rpartition(".")[0], salt=SALT, max_age=LINK_LASTS)
        token = ApiToken.objects.live(timezone.now()).select_related("person").get(pk=key)
    except (signing.BadSignature, ApiToken.DoesNotExist, ValueError, TypeError):
        return HttpResponse("This link has expired.", status=403, content_type="text/plain")
    person = token.person
    picture = Picture.objects.visible_to(person).filter(code=uuid.UUID(code)).first()
    if picture is None:
        raise Http404
    return leaving.handed_out(request, picture, person)

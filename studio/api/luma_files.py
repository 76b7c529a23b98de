"""Luma's Files API (luma-api.md section 11): a picture comes inline, or announced, PUT and completed; then it is named.

What arrives is a picture of the token's person like every upload, private until something of the team uses it.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from studio import imaging
from studio.api import door, plain
from studio.api.luma_file_request import PURPOSES, described
from studio.api.luma_words import Said, in_their_words
from studio.codes import read_code
from studio.forms.files.uploads import Refusal, store_upload
from studio.models import ApiFile, ApiToken, Picture
from studio.models.files.api_file import UPLOAD_LASTS

NOT_FOUND = "File not found"
# Theirs is not published; the simulator has the same.
LARGEST_INLINE = 25 * 1024 * 1024
MOST_BYTES = 65_536  # of a description
DEFAULT_PAGE, LARGEST_PAGE = 25, 100
STATES = ("pending", "ready", "failed", "deleted")
WRONG_SIZE = "Uploaded size does not match size_bytes."
CHUNK = 262_144


@in_their_words
def files(request: HttpRequest) -> HttpResponse:
    """POST: take a file inline, or say where to PUT it. GET: list them, newest first."""
    token = _token(request, {"POST": "make", "GET": "read"})
    if request.method == "GET":
        return JsonResponse(_page(request, token))
    if request.content_type == "multipart/form-data":
        file, upload = _taken(request, token), None
    else:
        file = _announced(described(_body(request)), token)
        upload = _upload(request, file)
    told = view(file)
    # What came inline is looked at by now; a client that asks for its state sees that.
    told |= {"state": "pending", "failure_reason": None}
    return JsonResponse({"id": told["id"], "state": "pending", "file": told, "upload": upload}, status=201)


@in_their_words
def file_by_id(request: HttpRequest, id: str) -> HttpResponse:
    """GET: one file, deleted or not. DELETE: nothing new may name it."""
    token = _token(request, {"GET": "read", "DELETE": "make"})
    file = _found(id, token)
    if request.method == "GET":
        return JsonResponse(view(file))
    file.delete_softly(now=timezone.now())
    return HttpResponse(status=204)


@in_their_words
def complete(request: HttpRequest, id: str) -> HttpResponse:
    """POST: the bytes are there; from here on the file is ready, or has failed."""
    token = _token(request, {"POST": "make"})
    file = _found(id, token)
    now = timezone.now()
    if file.state(now) == "deleted":
        raise Said(404, NOT_FOUND)
    if not (file.picture_id or file.fault):
        raise Said(400, "File bytes have not been uploaded")
    file.complete(now=now)
    return JsonResponse(view(_found(id, token)))


@csrf_exempt
def put(request: HttpRequest, id: str) -> HttpResponseBase:
    """PUT: the bytes of an announced file, let in by what `upload.headers` said; as a storage would answer."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    file = ApiFile.of_upload(secret) if request.method == "PUT" and scheme == "Upload" else None
    if file is None or str(file.code) != id or request.headers.get("Content-Type", "") != file.mime_type:
        return _storage_says("This upload has expired, or is not as it was signed.", 403)
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > imaging.MAX_BYTES:
        return _storage_says(f"More than {imaging.MAX_BYTES} bytes.", 400)
    with TemporaryUploadedFile(file.filename or "upload", file.mime_type, 0, None) as received:
        left = length
        while left > 0 and (block := request.read(min(CHUNK, left))):
            received.write(block)
            left -= len(block)
        received.size = length - left
        if received.size != file.size_bytes:
            file.receive(None, WRONG_SIZE)
            return HttpResponse(status=200)
        received.seek(0)
        kept = store_upload(received, file.person, timezone.now())
    if isinstance(kept, Refusal) and kept.is_busy:
        return _storage_says(kept.sentence, 503, {"Retry-After": "2"})
    picture, fault = (None, kept.sentence) if isinstance(kept, Refusal) else (kept, "")
    if not file.receive(picture, fault):
        return _storage_says("This upload is completed already.", 403)
    return HttpResponse(status=200)


put.login_required = False  # type: ignore[attr-defined]


def usable(code: uuid.UUID, place: str, token: ApiToken) -> Picture | None:
    """Return the picture of a file id; None where there is no such file. Raises Said where it can't be used."""
    file = _rows(token).filter(code=code).first()
    if file is None:
        return None
    state = file.state(timezone.now())
    if state == "deleted":
        raise Said(400, f"{place}: file not found")
    if state != "ready":
        raise Said(400, f"{place}: file is not ready")
    return Picture.objects.visible_to(token.person).filter(pk=file.picture_id).first()


# ---- What they ask


def _token(request: HttpRequest, scopes: Mapping[str, str]) -> ApiToken:
    scope = scopes.get(str(request.method))
    if scope is None:
        raise Said(405, "Method Not Allowed", {"Allow": ", ".join(scopes)})
    token = door.identify(request)
    # The window is of generations alone.
    request.rate_headers = {}  # type: ignore[attr-defined]
    door.demand(token, scope)
    return token


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        return plain.read_json(request, MOST_BYTES)
    except (plain.NotRead, plain.TooBig):
        raise Said(422, "The body is not a JSON object") from None


def _announced(facts: Mapping[str, Any], token: ApiToken) -> ApiFile:
    return ApiFile.objects.create(person=token.person, **facts)


def _taken(request: HttpRequest, token: ApiToken) -> ApiFile:
    """Take a file that comes with the request. Raises Said."""
    try:
        given, said = request.FILES.get("file"), request.POST
    except RequestDataTooBig:
        raise Said(413, "File exceeds 25 MB inline upload limit") from None
    except (MultiPartParserError, SuspiciousOperation):
        raise Said(400, "Multipart body could not be read") from None
    if given is None:
        raise Said(400, "A 'file' part is required")
    size = given.size or 0
    if size > LARGEST_INLINE:
        raise Said(413, "File exceeds 25 MB inline upload limit")
    fields: dict[str, Any] = {
        "filename": given.name or None,
        "mime_type": given.content_type or "application/octet-stream",
    }
    facts = described({**fields, **{name: value for name, value in said.items() if value}, "size_bytes": size})
    kept = store_upload(given, token.person, timezone.now())
    if isinstance(kept, Refusal) and kept.is_busy:
        raise Said(503, kept.sentence, {"Retry-After": "2"})
    file = _announced(facts, token)
    picture, fault = (None, kept.sentence) if isinstance(kept, Refusal) else (kept, "")
    file.receive(picture, fault)
    file.complete(now=timezone.now())
    return file


def _upload(request: HttpRequest, file: ApiFile) -> dict[str, Any]:
    return {
        "url": request.build_absolute_uri(reverse("luma:put_file", args=[file.code])),
        "method": "PUT",
        "headers": {"Content-Type": file.mime_type, "Authorization": f"Upload {file.upload_secret}"},
        "expires_at": _moment(file.created_at + UPLOAD_LASTS),
    }


def _rows(token: ApiToken) -> Any:
    return ApiFile.objects.filter(person=token.person)


def _found(id: str, token: ApiToken) -> ApiFile:
    code = read_code(id)
    file: ApiFile | None = _rows(token).filter(code=code).first() if code else None
    if file is None:
        raise Said(404, NOT_FOUND)
    return file


# ---- What they are told


def view(file: ApiFile) -> dict[str, Any]:
    """The wire form of a file: every field, with explicit nulls."""
    state = file.state(timezone.now())
    deleted_at = file.deleted_at or (file.expires_at if state == "deleted" else None)
    named = {name: getattr(file, name) for name in ("mime_type", "purpose", "size_bytes", "filename", "user_id")}
    return {
        "id": str(file.code),
        "created_at": _moment(file.created_at),
        **named,
        "state": state,
        "expires_at": _moment(file.expires_at),
        "deleted_at": _moment(deleted_at),
        "failure_reason": file.fault if state == "failed" else None,
    }


def _page(request: HttpRequest, token: ApiToken) -> dict[str, Any]:
    asked = request.GET
    for name, values in (("purpose", PURPOSES), ("state", STATES)):
        if asked.get(name) and asked[name] not in values:
            raise Said(400, f"{name} must be one of: {', '.join(values)}")
    limit = asked.get("limit", str(DEFAULT_PAGE))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= LARGEST_PAGE):
        raise Said(400, f"limit must be between 1 and {LARGEST_PAGE}")
    rows = _rows(token).in_state(asked.get("state", ""), timezone.now()).order_by("-pk")
    if asked.get("purpose"):
        rows = rows.filter(purpose=asked["purpose"])
    if asked.get("cursor"):
        rows = rows.filter(pk__lt=_position(asked["cursor"]))
    number = int(limit)
    found = list(rows[: number + 1])
    page, has_more = found[:number], len(found) > number
    cursor = base64.urlsafe_b64encode(f"seq:{page[-1].pk}".encode()).decode() if has_more else None
    return {"data": [view(one) for one in page], "has_more": has_more, "next_cursor": cursor}


def _position(cursor: str) -> int:
    try:
        found = int(base64.urlsafe_b64decode(cursor[:100]).decode().removeprefix("seq:"))
    except (binascii.Error, ValueError):
        raise Said(400, "Invalid cursor") from None
    if not 0 <= found < 2**63:
        raise Said(400, "Invalid cursor")
    return found


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _storage_says(words: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(words, status=status, headers=headers, content_type="text/plain")

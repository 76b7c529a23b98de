"""Luma's form of every answer: its errors, its headers, and what our refusals are in its words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from studio.api import door
from studio.api.door import Refused, broken
from studio.api.v1 import dressed

log = logging.getLogger(__name__)

VERSION = "2026-04-01"
UNAUTHORIZED = {
    "missing": "Missing or invalid API key",
    "unknown": "Invalid API key",
    "revoked": "API key has been revoked",
    "expired": "API key has expired",
}


class Said(Exception):
    """An error as Luma says it: a status and its `detail`."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


def in_their_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Answer in Luma's form, errors and headers included."""

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
        except Said as why:
            answer = JsonResponse({"detail": why.detail}, status=why.status, headers=why.headers)
        except Refused as why:
            answer = _refused(request, why)
        except Exception as mistake:
            log.exception("A call in Luma's format broke")
            found = broken(mistake)
            said = "Internal server error" if found.status == 500 else found.sentence
            answer = JsonResponse({"detail": said}, status=found.status, headers=found.headers)
        answer.headers["X-API-Version"] = VERSION
        if answer.status_code not in {201, 429}:
            # Theirs tell of the window with what was taken, and with what came too often.
            request.rate_headers = {}  # type: ignore[attr-defined]
        return dressed(request, answer)

    inner.login_required = False  # type: ignore[attr-defined]
    return inner


def _refused(request: HttpRequest, why: Refused) -> HttpResponse:
    if isinstance(why, door.NoToken):
        detail = UNAUTHORIZED.get(why.reason)
        status = 401 if detail else 403
        return JsonResponse({"detail": detail or "API client is deactivated"}, status=status)
    headers = dict(why.headers)
    detail, status = why.sentence, why.status
    if why.code == "over-cap":
        detail = "Insufficient balance. Please add funds to continue."
    elif why.code == "too-many-waiting":
        # Without the limits of the window, as theirs; a client tells the two kinds apart by that.
        detail, headers["Retry-After"] = "Too many concurrent jobs", "60"
        request.rate_headers = {}  # type: ignore[attr-defined]
    elif why.code == "too-often":
        detail = "Rate limit exceeded"
    elif status == 422:
        status = 400
    return JsonResponse({"detail": detail}, status=status, headers=headers)

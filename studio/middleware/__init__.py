"""Our middleware: what every request passes beside Django's own."""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from studio.configuration.base_path import within
from studio.forms.files import multipart
from studio.middleware.programs import DESCRIPTION, FOR_PROGRAMS
from studio.views import errors
from studio.views.permissions import page_address
from studio.views.request import HtmxRequest, is_another_person, session_ended
from studio.views.state import health

# Bytes below which compressing saves nothing, and zlib's level.
WORTH_IT, LEVEL = 200, 1
ACCEPTS_GZIP = re.compile(r"\bgzip\b")
GZIP_HEAD = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"  # with a name, without a time
MOST_HIDING = 100
Answer = Callable[[HttpRequest], HttpResponseBase]

MARK = "Studio"
PROBES: dict[str, Answer] = {"/healthz": health.healthz, "/readyz": health.readyz}
# A form with mistakes is answered as itself; every other refusal becomes a notice beside the page.
KEEPS_ITS_PLACE = {422}
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
HX_TELLS_WHERE = ("HX-Redirect", "HX-Location", "HX-Refresh", "HX-Retarget", "HX-Reswap")


def marked(get_response: Answer) -> Answer:
    """Mark every answer as Studio's, so that a page can tell it from a proxy's or a sign-in page's (shell.js)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers[MARK] = "1"
        return response

    return middleware


def probes(get_response: Answer) -> Answer:
    """Answer a machine's probe before host names, TLS and sessions are looked at: it has none of them."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return PROBES.get(request.path_info, get_response)(request)

    return middleware


def tokens_only(get_response: Answer) -> Answer:
    """Read no cookies where programs call: a token says who asks there, and no database is asked about a session."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(FOR_PROGRAMS) and request.path_info != DESCRIPTION:
            request.COOKIES = {}
        return get_response(request)

    return middleware


class CompressedPages(MiddlewareMixin):
    """Compress HTML only: pictures are compressed already, and static files before they are asked for.

    Quickly: Django's own level takes longer than the queries of a page, for a tenth less. A name of random length in
    the header hides the length of the page, as Django's does (Heal the Breach).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding"):
            return response
        if len(response.content) < WORTH_IT:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if not ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
            return response
        response.content = gzipped(response.content)
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "gzip"
        return response


def gzipped(content: bytes) -> bytes:
    """Return the content as a gzip file with a name of random length."""
    name = secrets.token_hex(MOST_HIDING // 2)[: secrets.randbelow(MOST_HIDING) + 1].encode()
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return b"".join((GZIP_HEAD, name, b"\0", packed, struct.pack("<LL", zlib.crc32(content), len(content) % 2**32)))


def private_pages(get_response: Answer) -> Answer:
    """Keep every page out of shared caches and off a borrowed computer's disk."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "private, no-store")
            patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return middleware


def fragments(get_response: Answer) -> Callable[[HtmxRequest], HttpResponseBase]:
    """Turn a refusal of an htmx request into a notice at the page's edge, so that no card is replaced by it."""

    def middleware(request: HtmxRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.htmx or response.status_code < 400 or response.status_code in KEEPS_ITS_PLACE:
            return response
        if any(name in response.headers for name in HX_TELLS_WHERE):
            return response
        if isinstance(response, HttpResponse) and not response.content:
            response.content = errors.notice(request, response.status_code)
        response.headers["HX-Retarget"] = "#toasts"
        response.headers["HX-Reswap"] = "beforeend"
        return response

    return middleware


def refusals(get_response: Answer) -> Answer:
    """Give a refusal without words the page of its status: a method that is not served, a value that is none of ours."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponse) or response.status_code < 400 or response.content:
            return response
        if any(name in response.headers for name in HX_TELLS_WHERE):
            return response
        answer = errors.refuse(request, response.status_code)
        for name, value in response.headers.items():
            if name not in {"Content-Type", "Content-Length"}:
                answer.headers[name] = value
        return answer

    return middleware


def whole_forms(get_response: Answer) -> Answer:
    """Read forms whole or not at all, and remove the temporary files of a request, however it ended."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.parse_file_upload = multipart.reader(request)  # type: ignore[method-assign,assignment]
        try:
            return get_response(request)
        finally:
            for handler in getattr(request, "_upload_handlers", ()):
                handler.discard()

    return middleware


def forms_only(get_response: Answer) -> Answer:
    """Refuse a body that is no form: read as an empty one, it would be answered with what is missing in it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        has_body = request.META.get("CONTENT_LENGTH") not in {None, "", "0"}
        is_strange = request.method == "POST" and has_body and request.content_type not in FORM_TYPES
        if request.path_info.startswith(FOR_PROGRAMS):
            return get_response(request)
        if is_strange and request.path_info != within(reverse("studio:draft")):  # which a page's script keeps as JSON
            return errors.not_a_form(request)
        return get_response(request)

    return middleware


class LoginRequired(LoginRequiredMiddleware):
    """Redirect whoever is not signed in to the sign-in page, and back to where they were afterwards.

    A page that asks for a fragment stays where it is and says that its session has ended: somebody may be typing. The
    same when somebody else is signed in by now: nobody's page gets, or sends, what belongs to another person.
    """

    def process_view(self, request: HttpRequest, view_func: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if request.user.is_authenticated and is_another_person(request):
            return session_ended("other")
        return super().process_view(request, view_func, args, kwargs)

    def handle_no_permission(self, request: HtmxRequest, view_func: Any) -> HttpResponse:  # type: ignore[override]
        if request.htmx:
            return session_ended("ended")
        if request.method in {"GET", "HEAD"}:
            return redirect(sign_in_address(request.get_full_path()))
        # What a POST was sent to cannot be opened afterwards: its page can.
        host, is_secure = request.get_host(), request.is_secure()
        back = sign_in_address(page_address(request.headers.get("Referer", ""), host=host, is_secure=is_secure))
        return errors.ended(request, back=back) if errors.written(request) else redirect(back)


def sign_in_address(path: str | None) -> str:
    """Return the address of the sign-in page that leads on to `path`, a path of this site."""
    address = resolve_url(settings.LOGIN_URL)
    path = page_address(path or "")
    if not path or within(path) == "/":
        return address
    return f"{address}?{urlencode({REDIRECT_FIELD_NAME: path}, safe='/')}"

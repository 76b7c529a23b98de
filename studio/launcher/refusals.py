"""What the web server says itself, before the application sees a request: to people as a page, to programs in the form
of the door that they called."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.template import loader

# status -> what is so, what to do. The page is rendered without a request: nobody has been recognised yet.
WORDS = {
    400: ("Studio did not understand that.", "Nothing was changed. Reload the page and try once more."),
    401: ("Sign in first.", "Files can be sent once you are signed in. Nothing was stored."),
    408: ("The connection is too slow.", "What you sent did not arrive in time. Try again; nothing was changed."),
    413: (
        "That's too much to send at once.",
        "Each picture can have up to 200 MB: send fewer or smaller ones. Nothing was changed.",
    ),
    429: ("Too many files at once from this address.", "Wait until the others have arrived, then try again."),
    431: ("Your browser sent too much with this request.", "Delete this site's cookies and try again."),
    500: (
        "Something went wrong on our side.",
        "Something broke on our side and was written to the log. Jobs already in line go on.",
    ),
    501: ("Studio did not understand that.", "This way of sending is not supported."),
    503: ("Studio can't use its disk.", "Nothing was stored and nothing was sent. Tell an admin; then try again."),
    507: ("Studio's disk is full.", "Nothing was stored and nothing was sent. Tell an admin; then try again."),
}


# What programs read instead: a browser's advice is none of theirs.
FOR_CODE = {
    400: "The request could not be read: it is no HTTP/1.1, or could be read in two ways.",
    401: "Send a token of yours that works as “Authorization: Bearer studio-…”. Nothing was stored.",
    408: "The request did not arrive in time. Nothing was changed.",
    413: "That's too much at once: a picture can have up to 200 MB. Nothing was changed.",
    429: "Too many files at once from this address. Wait until the others have arrived, then try again.",
    431: "The headers of the request are too long.",
    500: "Something went wrong on our side. Try again; tell an admin if it stays so.",
    501: "This way of sending is not supported.",
    503: "Studio can't use its disk, so nothing was stored. Tell an admin.",
    507: "The disk of Studio is full, so nothing was stored. Tell an admin.",
}
CODES = {401: "no-token", 413: "too-big", 429: "too-often", 503: "disk-unusable", 507: "disk-full"}
SAFE = {"Cache-Control": "no-store", "Studio": "1", "X-Content-Type-Options": "nosniff"}  # as studio.middleware has it
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'"


def answer(status: int, path: str, *, htmx: bool) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a refusal of what was sent to `path`, a path of ours ("" where none was read)."""
    from studio.middleware.programs import FOR_PROGRAMS  # which loads the application

    known = status if status in WORDS else 500 if status >= 500 else 400
    if not path.startswith(FOR_PROGRAMS):
        return _page(*WORDS[known], htmx=htmx)
    kind, said = _form(status, known, path)
    more = {401: {"WWW-Authenticate": 'Bearer realm="Studio"'}, 429: {"Retry-After": "10"}}.get(known, {})
    return {**SAFE, **more, "Content-Type": kind}, json.dumps(said).encode()


def _form(status: int, known: int, path: str) -> tuple[str, dict[str, Any]]:
    """The type and the facts of an error: RFC 9457, OpenAI's, or Luma's."""
    sentence, code = FOR_CODE[known], CODES.get(known, "broken" if known >= 500 else "not-read")
    if path.startswith("/v1/images/"):
        kind = "server_error" if status >= 500 else "invalid_request_error"
        error = {"message": sentence, "type": kind, "param": None, "code": code.replace("-", "_")}
        return "application/json", {"error": error}
    if path.startswith("/v1/"):
        return "application/json", {"detail": sentence}
    facts = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return "application/problem+json", {**facts, "detail": sentence, "code": code, "errors": []}


def _page(sentence: str, advice: str, *, htmx: bool) -> tuple[dict[str, str], bytes]:
    context: dict[str, Any] = {"sentence": sentence, "advice": advice, "htmx": htmx}
    headers = {**SAFE, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": PAGE_POLICY}
    if htmx:
        headers |= {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
    return headers, loader.render_to_string("errors/alone.html", context).encode()

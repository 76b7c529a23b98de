"""Why Django did not take a form: in words for the person who sent it, and with the cause for an operator."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.middleware import csrf

LONGEST_ORIGIN = 200  # characters
EXPIRED = {
    "sentence": "This page has expired.",
    "advice": "Copy what you typed, open the page again and try once more. Nothing was changed.",
}
NO_COOKIE = {
    "sentence": "Your browser didn't send Studio's cookie.",
    "advice": "Allow cookies for this address, reload the page and try again. Nothing was changed.",
}
HIDDEN_ORIGIN = {
    "sentence": "Your browser hides where this form comes from.",
    "advice": "Reload the page and try again. If that doesn't help, turn off what hides it for this address. Nothing was changed.",
}
NOT_TRUSTED = {
    "sentence": "Studio doesn't take forms from this address.",
    "advice": "Tell an admin of your team: the cause is in Studio's log. Nothing was changed.",
}
NOT_ITS_NAME = {
    "advice": "It isn't open under this name. Use the address that your admin gave you; "
    "whoever runs Studio adds names to STUDIO_ALLOWED_HOSTS.",
}

RENEWED = {"sentence": "You signed in again meanwhile.", "advice": "Nothing was changed: try once more."}
# Of another browser tab's sign-in, where the cookie counts and the form's token is the old one.
STALE = "CSRF token from"
_TOKEN = (csrf.REASON_NO_CSRF_COOKIE, csrf.REASON_CSRF_TOKEN_MISSING, STALE)


def is_about_the_token(reason: str) -> bool:
    """Whether the form's own token was wrong, and not where it came from."""
    return reason.startswith(_TOKEN)


def explain(request: HttpRequest, reason: str) -> tuple[dict[str, str], str]:
    """Return the sentence and advice for a page, and the cause with what mends it."""
    if reason == csrf.REASON_NO_CSRF_COOKIE:
        # Who sends the cookie of the session blocks none.
        is_blocked = settings.SESSION_COOKIE_NAME not in request.COOKIES
        return dict(NO_COOKIE if is_blocked else EXPIRED), _no_cookie(request)
    origin = request.headers.get("Origin", "")
    if origin == "null" or reason in {csrf.REASON_NO_REFERER, csrf.REASON_MALFORMED_REFERER}:
        return dict(HIDDEN_ORIGIN), "The browser sent neither an Origin nor a Referer that can be read."
    if origin and reason == csrf.REASON_BAD_ORIGIN % origin:
        return dict(NOT_TRUSTED), _not_trusted(request, origin)
    referer = request.headers.get("Referer", "")
    if reason == csrf.REASON_INSECURE_REFERER or (referer and reason == csrf.REASON_BAD_REFERER % referer):
        parts = urlsplit(referer)
        return dict(NOT_TRUSTED), _not_trusted(request, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    return dict(EXPIRED), f"The form's token is old, or of another browser ({reason.rstrip('.') or 'no reason given'})."


def _no_cookie(request: HttpRequest) -> str:
    cause = f"The cookie {settings.CSRF_COOKIE_NAME} did not come back."
    if settings.CSRF_COOKIE_SECURE and not request.is_secure():
        return f"{cause} STUDIO_TLS is on, but this request came without HTTPS: let the proxy set X-Forwarded-Proto."
    return f"{cause} The browser blocks or has lost it, or a proxy removes it."


def _not_trusted(request: HttpRequest, origin: str) -> str:
    shown = origin[:LONGEST_ORIGIN]
    try:
        own = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        own = "a name that is not allowed"
    cause = f"The form came from {shown}, which is not trusted; to Studio its own address is {own}."
    if not settings.SERVED_OVER_TLS and shown.removeprefix("https://") == own.removeprefix("http://"):
        return f"{cause} Set STUDIO_TLS=on behind an HTTPS proxy, or STUDIO_TRUSTED_ORIGINS={shown}, and start again."
    return (
        f"{cause} If that is where the team opens Studio, set STUDIO_TRUSTED_ORIGINS={shown} and start again, "
        "or let the proxy pass the Host header on. If not, another site sent it."
    )

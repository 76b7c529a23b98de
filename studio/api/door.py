"""The door that every call with a token comes through: who it is, what it may, how often it may call."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from studio import disk
from studio.database import silent_database
from studio.models import ApiToken, User
from studio.models.account.token import TokenRefused
from studio.network.client_address import of_request
from studio.text.plurals import counted

# Calls of one token a minute. Each of the web processes counts its own, so up to twice as many may pass.
CALLS_PER_MINUTE = 300
LONGEST_HEADER = 500  # characters

SEND_ONE = "Send a token of yours as “Authorization: Bearer studio-…”. Make one at /account/tokens/."
WHY_REFUSED = {
    "unknown": "This token is not known. Make another one at /account/tokens/.",
    "revoked": "This token was revoked. Make another one at /account/tokens/.",
    "expired": "This token has expired. Make another one at /account/tokens/.",
    "access": "The person of this token has no access any more.",
}
NO_SCOPE = {
    "read": "This token may not read. Make one that may at /account/tokens/.",
    "make": "This token may not make or change anything. Make one that may at /account/tokens/.",
    "decide": "This token may not decide, rate or comment. Make one that may at /account/tokens/.",
    "admin": "This token may not do an admin's work.",
}
VIEWER = "You're a viewer: you can look, but not make or change anything. Ask an admin to make you a designer."
BROKEN = "Something went wrong on our side. Try again; tell an admin if it stays so."
FULL_DISK = "The disk of Studio is full, so nothing was stored. Tell an admin."
UNUSABLE_DISK = "Studio can't use its disk, so nothing was stored. Tell an admin."
NO_DATABASE = (
    "Studio's database does not answer. Send the same call again, with the same Idempotency-Key if it has one."
)
TOO_OFTEN = f"More than {CALLS_PER_MINUTE} calls a minute. Wait {{wait}} and go on."


@dataclass(slots=True)
class Refused(Exception):
    """Why a call is not served: a status, a word for programs, and a sentence that says what to do."""

    status: int
    code: str
    sentence: str
    # Field -> what has to change.
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def broken(problem: BaseException) -> Refused:
    """Say why a call broke: the disk and a database that is silent are for an admin, the rest is a mistake of ours."""
    if disk.is_full(problem):
        return Refused(507, "disk-full", FULL_DISK)
    if disk.is_unusable(problem):
        return Refused(503, "disk-unusable", UNUSABLE_DISK, headers={"Retry-After": "60"})
    if silent_database.is_cause(problem):
        return Refused(503, "no-database", NO_DATABASE, headers={"Retry-After": "5"})
    return Refused(500, "broken", BROKEN)


class NoToken(Refused):
    """401: no token, or one that does not work; `reason` is "missing" or one of TokenRefused's."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(401, "no-token", sentence, headers={"WWW-Authenticate": 'Bearer realm="Studio"'})
        self.reason = reason


def identify(request: HttpRequest) -> ApiToken:
    """Return the token that a request shows, and let its person be who asks. Cookies mean nothing here.

    Raises Refused: 401 for a token that does not work, 429 for one that calls too often.
    """
    scheme, _, secret = request.headers.get("Authorization", "")[:LONGEST_HEADER].partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NoToken("missing", SEND_ONE)
    now = timezone.now()
    try:
        token = ApiToken.of_secret(secret.strip(), now=now)
    except TokenRefused as why:
        raise _no_token(why) from None
    request.user = token.person
    _count(request, token)
    token.note_use(of_request(request) or "", now=now)
    request.api_token = token  # type: ignore[attr-defined]
    return token


def while_let_in(token: ApiToken, is_done: Callable[[], bool]) -> Callable[[], bool]:
    """Return what asks `is_done` as long as the token works. It raises Refused (401) once the token works no more."""

    def look() -> bool:
        try:
            token.check_again(now=timezone.now())
        except TokenRefused as why:
            raise _no_token(why) from None
        return is_done()

    return look


def _no_token(why: TokenRefused) -> NoToken:
    return NoToken(why.reason, WHY_REFUSED[why.reason])


def demand(token: ApiToken, scope: str) -> User:
    """Return the token's person if the token may do this now. Raises Refused (403)."""
    if not token.may(scope):
        is_viewer = scope in token.scopes and scope == ApiToken.Scope.MAKE
        raise Refused(403, "no-right", VIEWER if is_viewer else NO_SCOPE[scope])
    return token.person


def _count(request: HttpRequest, token: ApiToken) -> None:
    """Count this call. Raises Refused (429) beyond CALLS_PER_MINUTE."""
    now = int(time.time())
    minute, wait = now // 60, 60 - now % 60
    key = f"api-calls:{token.pk}:{minute}"
    cache.add(key, 0, timeout=120)
    try:
        calls = cache.incr(key)
    except ValueError:  # a full cache has thrown it out
        calls = 1
    headers = {
        "X-RateLimit-Limit": str(CALLS_PER_MINUTE),
        "X-RateLimit-Remaining": str(max(0, CALLS_PER_MINUTE - calls)),
        "X-RateLimit-Reset": str((minute + 1) * 60),
    }
    request.rate_headers = headers  # type: ignore[attr-defined]
    if calls > CALLS_PER_MINUTE:
        raise Refused(
            429, "too-often", TOO_OFTEN.format(wait=counted(wait, "second")), headers={"Retry-After": str(wait)}
        )

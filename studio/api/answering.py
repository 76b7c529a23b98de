"""What every call of the JSON API has in common: the answers that it documents, who asks, and how pages go on."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Query
from ninja.operation import Operation

from studio.api.door import Refused, demand, identify
from studio.api.schemas import Problem
from studio.models import ApiToken, User, keyset
from studio.views.gallery.page import Cursor

MOST = 100  # rows of a page
NO_PLACE = "Send `next` of the page before as it came, or leave it out to begin at the newest."
NO_PARAMETER = "This call has no parameter “{name}”. Those that it has: {known}."
TWICE = "The parameter “{name}” comes more than once."
# The name of a call's address and its method -> the parameters that it has (studio/api/v1.py fills it).
QUERIES: dict[tuple[str | None, str], frozenset[str]] = {}
ALWAYS = 400
REFUSED = frozenset({ALWAYS, 401, 403, 404, 405, 413, 422, 429, 500, 503, 507})


class Token:
    """How ninja asks who calls, before it reads anything else, and how the description says so."""

    openapi_security_schema = {"type": "http", "scheme": "bearer"}
    openapi_security_name = "token"

    def __init__(self, scope: str = "") -> None:
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiToken:
        token = identify(request)
        if self.scope:
            demand(token, self.scope)
        _check_query(request)
        return token


def _check_query(request: HttpRequest) -> None:
    """Refuse a parameter that this call does not have, and one that comes twice: left out without a word, a list would
    be of everything. Raises Refused (422)."""
    method = "GET" if request.method == "HEAD" else str(request.method)
    match = request.resolver_match
    known = QUERIES.get((match.url_name if match else None, method), frozenset())
    for name, values in request.GET.lists():
        if name not in known or len(values) > 1:
            said = (TWICE if name in known else NO_PARAMETER).format(
                name=name[:60], known=", ".join(sorted(known)) or "none"
            )
            raise Refused(422, "invalid", said, {name[:100]: [said]})


# What a call needs its token for -> who asks for it.
needs = {scope: Token(scope) for scope in ApiToken.Scope.values}


def answers(status: int, what: Any, *more: int) -> dict[Any, Any]:
    """The answers of a call: what it is for, and the problems that may come of few; `tell_refusals` adds those of all."""
    return {status: what, **dict.fromkeys((ALWAYS, *more), Problem)}


def tell_refusals(operation: Operation) -> None:
    """Give a call the problems that may come of every one.

    Ninja builds a class for each answer of each call; where it builds these, a start takes a tenth longer.
    """
    told = operation.response_models
    operation.response_models = dict(sorted((dict.fromkeys(REFUSED, told[ALWAYS]) | told).items()))


def token_of(request: HttpRequest) -> ApiToken:
    token: ApiToken = request.api_token  # type: ignore[attr-defined]
    return token


def asker(request: HttpRequest) -> User:
    """Return who asks."""
    return token_of(request).person


# What a call that lists rows takes.
After = Annotated[str, Query("", max_length=60, description="`next` of the page before")]
Limit = Annotated[int, Query(20, ge=1, le=MOST)]


def newest(rows: QuerySet[Any, Any], after: str, limit: int) -> tuple[list[Any], str | None]:
    """Return a page of rows, the newest first, and the `next` that the page after it takes. Raises Refused (422)."""
    if cursor := place(after):
        rows = keyset.below(rows, "created_at", cursor.shown_at, cursor.pk)
    page = list(rows.order_by("-created_at", "-pk")[: limit + 1])
    last = page[limit - 1] if len(page) > limit else None
    return page[:limit], str(Cursor(last.created_at, last.pk)) if last else None


def place(after: str) -> Cursor | None:
    """Read where a page begins. Raises Refused (422) for nonsense."""
    try:
        return Cursor.parse(after)
    except Http404:
        raise Refused(422, "invalid", NO_PLACE, {"after": [NO_PLACE]}) from None

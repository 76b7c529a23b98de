"""The JSON API at /api/v1: its description, its errors (RFC 9457), and the frame around every answer."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import URLPattern, get_script_prefix, path, register_converter, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from studio.api import boards, making_routes, me, opinions, pictures, webhooks
from studio.api.answering import QUERIES, Token, tell_refusals
from studio.api.door import Refused, broken
from studio.api.rest import RestConverter
from studio.api.schemas import Problem
from studio.api.strict_json import StrictParser

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
NOT_FOUND = "There is nothing here, or nothing that you may see."
NO_CALL = "There is no such call. /api/v1/openapi.json lists them; their addresses do not end with a slash."
NOT_SERVED = "This address does not take {method}."
TOO_BIG = "That's too much at once."
NOT_READ = "The body could not be read: send JSON as described in /api/v1/openapi.json, not compressed, each name once."
LONGEST_REQUEST_ID = 200


class Described(NinjaAPI):
    """Ninja describes every answer as application/json; a problem is not."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix="/api/v1/")
        for operations in schema["paths"].values():
            operations.pop("head", None)  # which is as GET
            for operation in operations.values():
                for answer in operation["responses"].values():
                    content = answer.get("content", {})
                    said = content.get("application/json", {}).get("schema", {})
                    if str(said.get("$ref", "")).endswith("/Problem"):
                        answer["content"] = {PROBLEM: content["application/json"]}
        return schema


def _query_of(operation: Operation) -> frozenset[str]:
    """The parameters of an address's query that a call has."""
    found = (one for one in operation.models if one.__ninja_param_source__ == "query")
    return frozenset(name for one in found for name in one.__ninja_flatten_map__)


api = Described(
    title="Studio",
    version="1",
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    auth=Token(),
    parser=StrictParser(),
    description="Pictures made by a team: ask for them, wait, find, sort and download them. "
    "Every call needs a token of yours (“Authorization: Bearer studio-…”, made at /account/tokens/). "
    "A request with the same Idempotency-Key is made once.",
)
for each in (making_routes, pictures, boards, opinions, webhooks, me):
    for row in each.router.path_operations.values():
        for operation in row.operations:
            tell_refusals(operation)
            QUERIES.update({(operation.url_name, name): _query_of(operation) for name in operation.methods})
            operation.methods += ["HEAD"] if "GET" in operation.methods else []
    api.add_router("", each.router)


def problem(
    status: int,
    code: str,
    sentence: str,
    *,
    fields: dict[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Answer with a problem (RFC 9457); `fields` are the fields that have to change, with their sentences."""
    errors = [{"field": name, "detail": one} for name, found in (fields or {}).items() for one in found]
    title = HTTPStatus(status).phrase
    said = Problem(title=title, status=status, detail=sentence, code=code, errors=errors)  # type: ignore[arg-type]
    return JsonResponse(said.dict(), status=status, headers=headers, content_type=PROBLEM)


def _refused(request: HttpRequest, why: Refused) -> HttpResponse:
    return problem(why.status, why.code, why.sentence, fields=dict(why.fields), headers=why.headers)


def _not_found(request: HttpRequest, why: Exception) -> HttpResponse:
    return problem(404, "not-found", NOT_FOUND)


def _invalid(request: HttpRequest, why: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for one in why.errors:
        name = ".".join(str(part) for part in one["loc"][1:] if part not in {"asked", "data"}) or str(one["loc"][0])
        fields.setdefault(name[:100], []).append(str(one["msg"]))
    first, said = next(iter(fields.items()), ("body", ["It is not as described."]))
    return problem(422, "invalid", f"{first}: {said[0]}", fields=fields)


def _http(request: HttpRequest, why: HttpError) -> HttpResponse:
    return problem(why.status_code, "not-read", NOT_READ if why.status_code == 400 else str(why))


def _too_big(request: HttpRequest, why: Exception) -> HttpResponse:
    return problem(413, "too-big", TOO_BIG)


def _unreadable(request: HttpRequest, why: Exception) -> HttpResponse:
    return problem(400, "not-read", NOT_READ)


def _broken(request: HttpRequest, why: Exception) -> HttpResponse:
    log.exception("A call of the API broke")
    return _refused(request, broken(why))


HANDLERS: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
    (Exception, _broken),
    (HttpError, _http),
    (ValidationError, _invalid),
    (Http404, _not_found),
    (MultiPartParserError, _unreadable),
    (SuspiciousOperation, _unreadable),
    (RequestDataTooBig, _too_big),
    (Refused, _refused),
)
for kind, handler in HANDLERS:
    api.add_exception_handler(kind, handler)


def framed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give every answer its id and the limits of its token, and a refusal of ninja's own our form."""

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            sentence = NOT_SERVED.format(method=str(request.method)[:20])
            answer = problem(405, "method", sentence, headers={"Allow": answer.headers["Allow"]})
        return dressed(request, answer)

    inner.login_required = False  # type: ignore[attr-defined]
    return inner


def dressed(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Add what every answer to a token has: its id, the token's limits, and that nobody keeps it."""
    given = request.headers.get("X-Request-Id", "")
    is_given = 0 < len(given) <= LONGEST_REQUEST_ID and given.isprintable() and given.isascii()
    answer.headers["X-Request-Id"] = given if is_given else str(uuid.uuid4())
    for name, value in getattr(request, "rate_headers", {}).items():
        answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "private, no-store")
    # A cookie that came along is none of this call's: what notes its session must not take it for the token's person.
    request.user = AnonymousUser()
    return answer


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description for programs; it holds nothing of the team's."""
    # Below a base path its addresses begin there, not at the host.
    return JsonResponse({**api.get_openapi_schema(), "servers": [{"url": get_script_prefix().rstrip("/") or "/"}]})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description for people, on a page of the studio's own."""
    schema = api.get_openapi_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, operations in schema["paths"].items():
        for method, operation in operations.items():
            row = {"method": method.upper(), "address": address, "operation": operation}
            row["takes"] = list(_takes(schema, operation))
            groups.setdefault(operation["tags"][0], []).append(row)
    base = request.build_absolute_uri(reverse("api:openapi")).removesuffix("/api/v1/openapi.json")
    return render(request, "account/docs.html", {"groups": groups.items(), "base": base, "page": "other"})


def _takes(schema: Any, operation: dict[str, Any]) -> list[dict[str, str]]:
    """The parameters and the fields of the body, each with its words."""
    rows = [
        {"name": one["name"], "where": one["in"], "words": one["schema"].get("description", "")}
        for one in operation.get("parameters", [])
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        name = str(content["schema"].get("$ref", "")).rpartition("/")[2]
        body = schema["components"]["schemas"].get(name, content["schema"])
        rows += [
            {"name": field, "where": "body", "words": facts.get("description", "")}
            for field, facts in body.get("properties", {}).items()
        ]
    return rows


def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem(404, "not-found", NO_CALL)


def _patterns() -> list[Any]:
    found = api.urls[0]
    for one in found:
        if isinstance(one, URLPattern):
            one.callback = framed(one.callback)
    return [one for one in found if isinstance(one, URLPattern) and one.name != "api-root"]


register_converter(RestConverter, "rest")

urlpatterns = [
    path("docs/", docs, name="docs"),
    path("docs", RedirectView.as_view(url="docs/"), name="docs_without_slash"),
    path("openapi.json", framed(openapi), name="openapi"),
    *_patterns(),
    path("", framed(nowhere), name="no_call"),
    path("<rest:rest>", framed(nowhere), name="nowhere"),
]

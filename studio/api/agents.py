"""MCP at /mcp for language models: make, edit, look, search, wait and decide, within the token's rights and caps.

Streamable HTTP without sessions: each POST is answered whole, by the official package, in the thread that serves it.
"""

from __future__ import annotations

import base64
import json
import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync, sync_to_async
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from studio.api import answers as tell
from studio.api import asked_for, door, leaving, pictures, strict_json, tool_arguments, waiting
from studio.api.door import Refused, broken
from studio.api.making import ask
from studio.api.v1 import NOT_FOUND, NOT_READ, dressed, problem
from studio.codes import read_code
from studio.luma import ratios
from studio.luma.capabilities import MODELS
from studio.models import ApiToken, Decision

if TYPE_CHECKING:
    from mcp import types

log = logging.getLogger(__name__)

MOST_BYTES = 262_144
SEEN = 1024  # pixels of the long side of what a model looks at
MOST_FOUND = 20
INSTRUCTIONS = (
    "Studio makes pictures for a team with Luma's models. Each picture costs money and counts against the token's cap. "
    "make and edit answer at once; wait until the submission is over, then look at its pictures by their codes."
)
CODE = {"type": "string", "format": "uuid"}
_COMMON = {
    "prompt": {"type": "string", "minLength": 1, "maxLength": 6000},
    # A model can be added while the studio runs.
    "model": {"type": "string", "description": f"{', '.join(MODELS)}, or another that the studio has a price for."},
    "count": {"type": "integer", "minimum": 1, "maximum": 20, "default": 1},
    "references": {"type": "array", "items": CODE, "maxItems": 9, "description": "Codes of pictures to look at."},
    "board": {**CODE, "description": "The board that the pictures go to."},
    "is_private": {"type": "boolean", "default": False},
    "key": {
        "type": "string",
        "maxLength": 255,
        "description": "The same key makes the request once, however often sent.",
    },
}
Answer = dict[str, Any]


def make(request: HttpRequest, token: ApiToken, asked: dict[str, Any]) -> Answer:
    door.demand(token, "make")
    key = asked.pop("key", None)
    made, _ = ask(token, {**asked, "type": "image_edit" if asked.get("source") else "image"}, key=key)
    return asked_for.told(made.code, request)


def look(request: HttpRequest, token: ApiToken, asked: dict[str, Any]) -> Answer:
    picture = pictures.seen(_code(asked["picture"]), door.demand(token, "read"))
    size = picture.rendition_for(SEEN)
    rendition = picture.renditions.filter(size=size.size).first() if size else None
    told = tell.pictures([picture], request)[0]
    if rendition is None:
        return told
    try:
        return {**told, "_image": base64.b64encode(leaving.content_of_size(picture, rendition)).decode()}
    except OSError:
        return told


def search(request: HttpRequest, token: ApiToken, asked: dict[str, Any]) -> Answer:
    person, words = door.demand(token, "read"), {name: str(asked.get(name, "")) for name in ("q", "filters")}
    return pictures.search(request, person, **words, cursor=None, limit=min(MOST_FOUND, int(asked.get("limit", 10))))


def wait(request: HttpRequest, token: ApiToken, asked: dict[str, Any]) -> Answer:
    door.demand(token, "read")
    code, seconds = _code(asked["submission"]), min(waiting.LONGEST, int(asked.get("seconds", 20)))
    waiting.until(door.while_let_in(token, lambda: asked_for.is_over(code, token.person)), seconds)
    return asked_for.told(code, request)


def decide(request: HttpRequest, token: ApiToken, asked: dict[str, Any]) -> Answer:
    person = door.demand(token, "decide")
    picture = pictures.seen(_code(asked["picture"]), person)
    Decision.make(picture, asked["verdict"], by=person)
    return tell.pictures([pictures.seen(picture.code, person)], request)[0]


def _code(raw: object) -> uuid.UUID:
    code = read_code(raw)
    if code is None:
        raise Http404
    return code


# Those of now are its `enum` (`_rules`).
_RATIO = {"type": "string", "description": "Left out: Luma chooses."}
_SUBMISSION = {**CODE, "description": "The code that make or edit answered."}
# Name, what it does, its arguments, those that are needed, what does it, and whether it changes nothing.
TOOLS: tuple[tuple[str, str, dict[str, Any], tuple[str, ...], Callable[..., Answer], bool], ...] = (
    (
        "make",
        "Make new pictures from a prompt. Costs money. Answers at once with a submission to wait for.",
        {**_COMMON, "aspect_ratio": _RATIO, "style": {"type": "string", "enum": ["auto", "manga"]}},
        ("prompt",),
        make,
        False,
    ),
    (
        "edit",
        "Change one picture as the prompt says. Costs money. Answers at once with a submission to wait for.",
        {**_COMMON, "source": {**CODE, "description": "The picture to edit."}},
        ("prompt", "source"),
        make,
        False,
    ),
    ("look", "See a picture and what is known of it.", {"picture": CODE}, ("picture",), look, True),
    (
        "search",
        "Find pictures of the gallery, newest first.",
        {
            "q": {"type": "string", "description": "Words of prompts, tags and comments."},
            "filters": {"type": "string", "description": pictures.FILTER_WORDS},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "default": 10},
        },
        (),
        search,
        True,
    ),
    (
        "wait",
        "Wait until a submission is over, at most some seconds; is_over says whether it is.",
        {"submission": _SUBMISSION, "seconds": {"type": "integer", "minimum": 0, "maximum": waiting.LONGEST}},
        ("submission",),
        wait,
        True,
    ),
    (
        "decide",
        "Approve or reject a picture, or make it a candidate; an empty verdict takes the decision back.",
        {"picture": CODE, "verdict": {"type": "string", "enum": list(Decision.Verdict.values)}},
        ("picture", "verdict"),
        decide,
        False,
    ),
)
BY_NAME = {row[0]: row for row in TOOLS}


@csrf_exempt
def mcp(request: HttpRequest) -> HttpResponseBase:
    """Answer one message of an MCP client. There are no streams and no sessions to GET or DELETE."""
    if request.method != "POST":
        return dressed(request, problem(405, "method", "Only POST is served here.", headers={"Allow": "POST"}))
    try:
        token = door.identify(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise Refused(413, "too-big", "That's too much at once.")
    except Refused as why:
        return dressed(request, problem(why.status, why.code, why.sentence, headers=why.headers))
    body = request.read(MOST_BYTES)
    try:
        strict_json.loads(body)
    except (ValueError, RecursionError):
        return dressed(request, problem(400, "not-read", NOT_READ))
    return dressed(request, async_to_sync(_exchange)(request, token, body))


mcp.login_required = False  # type: ignore[attr-defined]


async def _exchange(request: HttpRequest, token: ApiToken, body: bytes) -> HttpResponse:
    """Let the official package answer: it knows every version of the protocol."""
    # Loaded with the first message: it is large, and most studios have no agents.
    from mcp.server.lowlevel import Server
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
        return await sync_to_async(_listed)()

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        # In the thread of the request, whose connection to the tables it has.
        return await sync_to_async(_called)(request, token, params.name, dict(params.arguments or {}))

    server: Any = Server(
        "studio", title="Studio", instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
    answer = HttpResponse(status=500, content_type="text/plain; charset=utf-8")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            for name, value in message.get("headers", []):
                answer.headers[name.decode("latin-1")] = value.decode("latin-1")
        else:
            answer.write(message.get("body", b""))

    # What it reads: no cookie, and no secret.
    headers = [
        (name.lower().encode(), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
        if name.lower() in {"accept", "content-type", "host"} or name.lower().startswith("mcp-")
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": request.scheme,
        "method": "POST",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
    }
    async with manager.run():
        await manager.handle_request(scope, receive, send)
    return answer


def _rules(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a tool with the ratios of now."""
    return {name: {**rule, "enum": list(ratios.slugs())} if rule is _RATIO else rule for name, rule in fields.items()}


def _listed() -> types.ListToolsResult:
    from mcp import types

    tools = [
        {
            "name": name,
            "description": words,
            "inputSchema": {
                "type": "object",
                "properties": _rules(fields),
                "required": list(needed),
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": is_harmless, "destructiveHint": False, "openWorldHint": False},
        }
        for name, words, fields, needed, _, is_harmless in TOOLS
    ]
    return types.ListToolsResult.model_validate({"tools": tools})


def _called(request: HttpRequest, token: ApiToken, name: str, asked: dict[str, Any]) -> types.CallToolResult:
    """Do what a tool does; what is refused is told to the model as a sentence, so that it can do better."""
    try:
        if name not in BY_NAME:
            raise Refused(404, "no-tool", f"There is no tool “{name[:60]}”.")
        _, _, fields, needed, does, _ = BY_NAME[name]
        # Models send null for what they leave out.
        asked = {one: value for one, value in asked.items() if value is not None}
        tool_arguments.check(name, asked, _rules(fields), needed)
        return _result(does(request, token, asked))
    except Refused as why:
        return _result({"code": why.code, "detail": why.sentence, "fields": dict(why.fields)}, is_error=True)
    except Http404:
        return _result({"code": "not-found", "detail": NOT_FOUND}, is_error=True)
    except Exception as mistake:
        log.exception("A tool of MCP broke")
        found = broken(mistake)
        return _result({"code": found.code, "detail": found.sentence}, is_error=True)


def _result(told: Answer, *, is_error: bool = False) -> types.CallToolResult:
    from mcp import types

    image = told.pop("_image", "")
    text = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
    content = [{"type": "text", "text": text}]
    if image:
        content.append({"type": "image", "data": image, "mimeType": "image/webp"})
    said = {"content": content, "structuredContent": json.loads(text), "isError": is_error}
    return types.CallToolResult.model_validate(said)

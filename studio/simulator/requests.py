"""What every handler asks of a request: whose it is, how it is called, what JSON it carries."""

from __future__ import annotations

import asyncio
import json
from typing import cast
from uuid import uuid4

from aiohttp import web

from studio.simulator.errors import ApiError

CLIENT = web.RequestKey("client", str)
REQUEST_ID = web.RequestKey("request_id", str)
# Four inputs of the largest size in base64, and a prompt. The service's own cap on a whole body is unknown.
LARGEST_BODY = 4 * 70_000_000
# Above this a body is parsed in a thread, so that a large picture does not hold up everybody's polls.
INLINE_JSON_BYTES = 256 * 1024


def client_of(request: web.Request) -> str:
    """Return the name of the client that was let in."""
    return request[CLIENT]


def request_id_of(request: web.BaseRequest) -> str:
    """Return the caller's `X-Request-Id`, or one made up once for this request (luma-api.md section 8.2)."""
    if REQUEST_ID not in request:
        given = request.headers.get("X-Request-Id", "")
        request[REQUEST_ID] = given if given.isascii() and given.isprintable() and given else str(uuid4())
    return request[REQUEST_ID]


async def read_json(request: web.Request) -> object:
    """Read a JSON body; raise ApiError 400, or 413 above the server's cap."""
    # An honest length is refused before its bytes are awaited; aiohttp stops a dishonest one on the way.
    if (request.content_length or 0) > LARGEST_BODY:
        raise ApiError(413, "Request Entity Too Large")
    body = await request.read()
    try:
        if len(body) > INLINE_JSON_BYTES:
            return await asyncio.to_thread(json.loads, body)
        return cast("object", json.loads(body))
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "Request body is not valid JSON") from error

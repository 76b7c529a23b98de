"""What the stand-in for the API can do to a request: answer it in all ways, late, in part or not at all."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

from django.db import connection

from studio.models import Job
from tests.faults.call import Act, Call, break_off


def reply(status: int, body: object = b"", headers: dict[str, str] | None = None, *, length: int | None = None) -> Act:
    """Answer properly; what is no bytes is sent as JSON; `length` overrides the truth and cuts the connection."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"content-length": str(len(content) if length is None else length)} | (headers or {})
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n"
    return raw(head.encode("latin-1") + content, then_close=length is not None)


def raw(content: bytes, *, then_close: bool = True) -> Act:
    async def act(call: Call) -> None:
        call.writer.write(content)
        await call.writer.drain()
        if then_close:
            call.writer.close()

    return act


async def hang(call: Call) -> None:
    """Say nothing until the other side gives up."""
    await call.reader.read()
    raise ConnectionResetError


async def close(call: Call) -> None:
    call.writer.close()


async def reset(call: Call) -> None:
    break_off(call.writer)


def after(seconds: float, act: Act) -> Act:
    async def later(call: Call) -> None:
        await asyncio.sleep(seconds)
        await act(call)

    return later


def once_done(job: Job, act: Act) -> Act:
    """Answer only when this job is done, or after so long that it waited for this one."""

    async def then(call: Call) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until and not await asyncio.to_thread(is_done, job.pk):
            await asyncio.sleep(0.05)
        await act(call)

    return then


def is_done(pk: int) -> bool:
    """Look it up in the tables from any thread."""
    try:
        return Job.objects.filter(pk=pk, state=Job.State.DONE).exists()
    finally:
        connection.close()


def drip(head: bytes, pause: float = 0.02) -> Act:
    """Send a head and then a byte now and then, for ever."""

    async def act(call: Call) -> None:
        call.writer.write(head)
        while True:
            await call.writer.drain()
            await asyncio.sleep(pause)
            call.writer.write(b"x")

    return act


def queued(remote_id: str, state: str = "queued", **facts: Any) -> dict[str, Any]:
    known = {"id": remote_id, "type": "image", "state": state, "model": "uni-1", "created_at": "2026-04-08T12:00:00Z"}
    return known | {"output": [], "failure_reason": None, "failure_code": None} | facts


async def accept(call: Call) -> None:
    """Take the job and say so."""
    await reply(201, queued(call.double.write_down(call)), {"X-Request-Id": call.headers["x-request-id"]})(call)


def accept_then(act: Act) -> Act:
    """Take the job; what the other side gets to hear of it is another matter."""

    async def both(call: Call) -> None:
        call.double.write_down(call)
        await act(call)

    return both


def stored_file(file_id: str, state: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": file_id,
        "created_at": "2026-09-30T10:00:00Z",
        "mime_type": "image/png",
        "purpose": "reference",
        "size_bytes": 1,
        "state": state,
        "filename": None,
        "expires_at": None,
        "deleted_at": None,
        "failure_reason": None,
        **facts,
    }


async def take_file(call: Call) -> None:
    """Take an upload in one call; it is checked from now on."""
    file = stored_file(str(uuid.uuid4()), "pending")
    await reply(201, {"id": file["id"], "state": "pending", "file": file, "upload": None})(call)


def file_is(state: str, **facts: Any) -> Act:
    """Say so of whatever file is asked about."""

    async def act(call: Call) -> None:
        await reply(200, stored_file(call.path.split("/")[3], state, **facts))(call)

    return act


def accept_as(remote_id: str) -> Act:
    """Take the job under an id of the script's choice."""

    async def act(call: Call) -> None:
        await reply(201, queued(call.double.write_down(call, remote_id)))(call)

    return act


def accept_as_then(remote_id: str, act: Act) -> Act:
    """Take the job under an id of the script's choice, and let the other side hear something else."""

    async def both(call: Call) -> None:
        call.double.write_down(call, remote_id)
        await act(call)

    return both


def state(name: str, **facts: Any) -> Act:
    """Answer a poll: still this."""

    async def act(call: Call) -> None:
        if name == "failed":
            call.double.making.discard(call.remote_id)
        await reply(200, queued(call.remote_id, name, **facts))(call)

    return act


def completed(output: object = None) -> Act:
    """Answer a poll: made. Without `output`, one picture under a link of this server."""

    async def act(call: Call) -> None:
        call.double.making.discard(call.remote_id)
        link = f"http://127.0.0.1:{call.double.port}/files/{call.remote_id}"
        made = [{"type": "image", "url": link}] if output is None else output
        await reply(200, queued(call.remote_id, "completed", output=made))(call)

    return act


async def picture(call: Call) -> None:
    """Send the picture of this id."""
    await reply(200, call.double.pictures[call.remote_id], {"content-type": "image/png"})(call)

"""A stand-in for the API on a raw socket: it does to each request exactly what its script says.

It keeps its own book of what it accepted, appended and fsynced, in a file that nobody else is told of: what Studio
believes it was charged for and what was really charged can be compared afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import struct
import threading
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests import people


@dataclass
class Call:
    """One request as it came over the wire, and the means to answer it."""

    double: Double
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def remote_id(self) -> str:
        return self.path.split("/")[3 if self.method == "GET" and "/generations/" in self.path else 2]


Act = Callable[[Call], Awaitable[None]]


@dataclass
class Part:
    """What happens to one job: its POSTs, its polls and its downloads. The last act of each is played for ever."""

    post: list[Act]
    get: list[Act]
    file: list[Act]
    posts: int = 0
    gets: int = 0
    files: int = 0

    def next(self, kind: str) -> Act:
        acts: list[Act] = getattr(self, kind)
        setattr(self, f"{kind}s", getattr(self, f"{kind}s") + 1)
        return acts.pop(0) if len(acts) > 1 else acts[0]


@dataclass(frozen=True)
class Accepted:
    """A line of the book."""

    request_id: str
    remote_id: str
    prompt: str


class Double:
    """Runs in a thread of its own for as long as the `with` lasts."""

    def __init__(self, book: Path) -> None:
        self.book = book
        self.port = 0
        self.parts: dict[str, Part] = {}
        self.by_id: dict[str, Part] = {}
        self.pictures: dict[str, bytes] = {}
        # While set, every POST (or every call with the key) is answered by it.
        self.closed_to_posts: Act | None = None
        self.closed_to_all: Act | None = None
        # How many generations may be in the making at once, and the answer to one more.
        self.places: int | None = None
        self.full: Act = reply(429, {"detail": "Too many concurrent jobs"})
        # While set, a connection is broken after so many bytes, whatever was asked for.
        self.reads_only: int | None = None
        self.posts: list[Call] = []
        # What happens to each upload, and to each question about a file. The last act of each is played for ever.
        self.uploads: list[Call] = []
        self.on_upload: list[Act] = [take_file]
        self.on_question: list[Act] = [file_is("ready")]
        self.on_put: Act = reply(200)
        self.calls = 0
        self.making: set[str] = set()
        self.most_at_once = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="double")
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def part(self, prompt: str, *, post: Sequence[Act] = (), get: Sequence[Act] = (), file: Sequence[Act] = ()) -> Part:
        """Write the script of every job with this prompt; what is left out goes well."""
        part = Part(list(post) or [accept], list(get) or [completed()], list(file) or [picture])
        self.parts[prompt] = part
        return part

    def accepted(self) -> list[Accepted]:
        """Read the book."""
        if not self.book.exists():
            return []
        return [Accepted(**json.loads(line)) for line in self.book.read_text().splitlines()]

    def close_book(self) -> list[Accepted]:
        """Begin a new book and return what stood in the old one: tables that were put back know nothing of it."""
        closed = self.accepted()
        self.book = self.book.with_name(f"{self.book.name}+")
        return closed

    def write_down(self, call: Call, remote_id: str = "") -> str:
        """Accept a POST: from here on it costs money, whatever Studio gets to hear."""
        remote_id = remote_id or str(uuid.uuid4())
        prompt = str(call.said.get("prompt", ""))
        entry = {"request_id": call.headers["x-request-id"], "remote_id": remote_id, "prompt": prompt}
        handle = os.open(self.book, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, json.dumps(entry).encode() + b"\n")
        os.fsync(handle)
        os.close(handle)
        self.by_id[remote_id] = self._part(prompt)
        self.pictures.setdefault(remote_id, people.image_bytes())
        self.making.add(remote_id)
        self.most_at_once = max(self.most_at_once, len(self.making))
        return remote_id

    def digest(self, remote_id: str) -> str:
        return hashlib.sha256(self.pictures[remote_id]).hexdigest()

    def _part(self, prompt: str) -> Part:
        return self.parts.get(prompt) or self.part(prompt)

    # ---- The wire

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        listener = await asyncio.start_server(self._meet, "127.0.0.1", 0, limit=2**24, backlog=1000)
        self.port = listener.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        listener.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self._writers.append(writer)
        try:
            while not writer.is_closing():
                if self.reads_only is not None:
                    await reader.readexactly(self.reads_only)
                    return _break(writer)
                call = await self._read(reader, writer)
                self.calls += 1
                await self._act(call)(call)
        except (OSError, asyncio.IncompleteReadError):
            return None
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.rstrip().split("\r\n")
        method, path, _ = line.split()
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Call(self, reader, writer, method, path, headers, body)

    def _act(self, call: Call) -> Act:
        if call.path.startswith("/files/"):
            return self.by_id[call.remote_id].next("file")
        if call.path.startswith("/storage/"):
            return self.on_put
        if self.closed_to_all:
            return self.closed_to_all
        if call.path.startswith("/v1/files"):
            return self._act_on_file(call)
        if call.method == "POST":
            self.posts.append(call)
            if self.places is not None and len(self.making) >= self.places:
                return self.full
            act = self._part(str(call.said.get("prompt", ""))).next("post") if not self.closed_to_posts else None
            return act or self.closed_to_posts or accept
        part = self.by_id.get(call.remote_id)
        return part.next("get") if part else reply(404, {"detail": "Generation not found"})

    def _act_on_file(self, call: Call) -> Act:
        if call.method == "POST":
            self.uploads.append(call)
        acts = self.on_upload if call.method == "POST" else self.on_question
        return acts.pop(0) if len(acts) > 1 else acts[0]


# ---- Acts


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
    _break(call.writer)


def after(seconds: float, act: Act) -> Act:
    async def later(call: Call) -> None:
        await asyncio.sleep(seconds)
        await act(call)

    return later


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


def _break(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

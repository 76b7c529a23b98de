"""A stand-in for the API on a raw socket: it does to each request exactly what its script says.

It keeps its own book of what it accepted, appended and fsynced, in a file that nobody else is told of: what Studio
believes it was charged for and what was really charged can be compared afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests import people
from tests.faults.answers import accept, completed, file_is, picture, reply, take_file
from tests.faults.call import Act, Call, break_off


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
                    return break_off(writer)
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

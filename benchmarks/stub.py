"""The far side of the wire, as cheap as Python can make it, in a process of its own: `python -m benchmarks.stub`.

An id carries its own story: the first twelve hex digits are the millisecond of Unix time at which the picture is
ready, the next four how many hundredths of a second before that it left the line. So nothing is kept for a job but
how often it was asked about and when it was first said to be ready.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image

from studio.network import loopback

ROOT = Path(__file__).resolve().parent.parent
LONGEST_DRAWING = 655.0  # seconds: four hex digits of hundredths


def name(ready_at: float, *, drawing: float) -> str:
    """Return an id for a picture that is ready at this Unix time, after `drawing` seconds out of the line."""
    hundredths = round(min(LONGEST_DRAWING, max(0.0, drawing)) * 100)
    return str(uuid.UUID(f"{round(ready_at * 1000):012x}{hundredths:04x}{random.getrandbits(64):016x}"))


def ready_at(code: str) -> float:
    """Return the Unix time at which the picture of this id is ready."""
    return int(code[:8] + code[9:13], 16) / 1000


class Wire(asyncio.Protocol):
    """One kept connection: a GET in, an answer out."""

    asked: Counter[str] = Counter()
    told: dict[str, float] = {}
    port = 0
    picture = b""

    def __init__(self) -> None:
        self.rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            kind, body = self.answer(head[4 : head.index(b" ", 4)].decode())
            start = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
            self.transport.write(start.encode() + body)

    def answer(self, path: str) -> tuple[str, bytes]:
        if path.startswith("/files/"):
            return "image/png", self.picture
        if path == "/tally":
            tally = {"asked": self.asked, "told": self.told, "cpu": time.process_time()}
            return "application/json", json.dumps(tally).encode()
        code = path[-36:]
        self.asked[code] += 1
        return "application/json", self.say(code, time.time())

    def say(self, code: str, now: float) -> bytes:
        ready = ready_at(code)
        state = "processing" if now >= ready - int(code[14:18], 16) / 100 else "queued"
        output: list[dict[str, str]] = []
        if now >= ready:
            state = "completed"
            self.told.setdefault(code, now)
            output = [{"type": "image", "url": f"http://127.0.0.1:{self.port}/files/{code}"}]
        known = {"id": code, "type": "image", "state": state, "model": "uni-1", "created_at": "2026-04-08T12:00:00Z"}
        return json.dumps(known | {"output": output, "failure_reason": None, "failure_code": None}).encode()


class Stub:
    """The process, for as long as the `with` lasts."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen([sys.executable, "-m", "benchmarks.stub"], cwd=ROOT, stdout=subprocess.PIPE)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def tally(self) -> tuple[dict[str, int], dict[str, float]]:
        """Return how often each id was asked about, and when each was first said to be ready (Unix time)."""
        with loopback.ask(f"http://127.0.0.1:{self.port}/tally", timeout=20) as answer:
            said = json.load(answer)
        return said["asked"], said["told"]


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Wire, "127.0.0.1", 0, backlog=1000)
    Wire.port = server.sockets[0].getsockname()[1]
    file = io.BytesIO()
    Image.new("RGB", (48, 32), (90, 120, 150)).save(file, "PNG")
    Wire.picture = file.getvalue()
    print(Wire.port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())

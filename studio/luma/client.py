"""The client of the paid API: `Luma` sends, asks and fetches; it decides nothing and repeats nothing."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Self, TypeVar

import httpx

from studio.luma import answers, asked, download, links, pace, parse
from studio.luma.address import is_loopback, judge_base
from studio.luma.errors import Error, NotFound, Unreachable
from studio.luma.files import FileCalls
from studio.luma.inline import Inline
from studio.luma.keys import ApiKey
from studio.luma.transports import CONNECT_TIMEOUT, ReadTransport, StorageTransport, SubmitTransport
from studio.luma.types import Created, Downloaded, Generation, Request

BASE_URL = "https://agents.lumalabs.ai/v1"
# Luma fetches pictures named by link during the POST, about 18 s for each (luma-api.md section 3.9; seconds).
CREATE_WALL = 120.0
# Polls answer in milliseconds; a slow one is asked again (seconds).
READ_WALL = 20.0
# One connection for each job that may be in flight at a large account.
READ_CONNECTIONS = 100
# A UUID of version 0: nobody makes such a one.
_NOBODYS_ID = "00000000-0000-0000-0000-000000000000"
_REQUEST_ID = re.compile(r"[!-~]{1,200}")


T = TypeVar("T")
# Hears of each call: its kind, how long it took in seconds, and whether the API failed at it.
Observer = Callable[[str, float, bool], None]


def unobserved(kind: str, seconds: float, is_failed: bool) -> None:
    """Nobody counts the calls."""


def prepare(request: Request) -> bytes:
    """Build the exact bytes to post, so that nothing can fail between the decision to send and the sending."""
    return json.dumps(request.body(), allow_nan=False, separators=(",", ":")).encode("ascii")


class Luma(FileCalls):
    """A session with the API; use it as `async with`, in one event loop.

    `base_url` may be http only on this machine, which is where the simulator lives. All times are in seconds.
    """

    def __init__(
        self,
        key: ApiKey,
        base_url: str = BASE_URL,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        create_wall: float = CREATE_WALL,
        read_wall: float = READ_WALL,
        connections: int = READ_CONNECTIONS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        url = judge_base(base_url)
        self._key = key
        self.observe: Observer = unobserved
        self._base_url = str(url).rstrip("/")
        self._read_wall = read_wall
        self.allow_loopback = is_loopback(url.host)
        tls = tls or httpx.create_ssl_context()
        self._submit = SubmitTransport(tls, connect_timeout=connect_timeout, wall=create_wall)
        self._read = ReadTransport(tls, connections=connections, connect_timeout=connect_timeout)
        self._storage = StorageTransport(tls, connect_timeout=connect_timeout, allow_loopback=self.allow_loopback)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._submit.aclose()
        await self._read.aclose()

    async def create(self, request: Request, *, request_id: str) -> Created:
        """Send a paid request once; see `create_prepared`."""
        return await self.create_prepared(prepare(request), request_id=request_id)

    async def create_prepared(self, body: bytes, *, request_id: str) -> Created:
        """Post bytes made by `prepare` once, without retry or redirect; `request_id` names this attempt.

        Certainly not accepted: NotSent, RateLimited, AtCapacity, OutOfFunds, Unauthorized, Suspended, Rejected,
        TooLarge. Perhaps accepted, every 5xx among them: Ambiguous, or Disputed where a refusal names an id or brings a
        picture. Certainly accepted, id unknown: Unreadable, or Doubtful where it is one of several. A cancelled call
        proves nothing either. (luma-api.md sections 6, 8 and 9)
        """
        if not _REQUEST_ID.fullmatch(request_id):
            raise ValueError("A request id is 1 to 200 visible ASCII characters.")
        headers = self._headers() | {"X-Request-Id": request_id, "Content-Type": "application/json"}
        post = httpx.Request("POST", f"{self._base_url}/generations", headers=headers, content=body)
        answer = await self._observed("create", self._submit.send(post, request_id=request_id))
        return answers.created(answer, request_id, body)

    async def get(
        self, generation_id: str, *, inline: Inline | None = None, turn: pace.Turn = pace.at_once
    ) -> Generation:
        """Ask how a generation is doing; every finished one brings freshly signed links (section 10.3).

        `inline` takes the pictures that come within the answer itself; without it they are passed over.
        Raises NotFound, Unauthorized, Suspended, or Unreachable for everything that says nothing about the job.
        """
        if not parse.uuid(generation_id):
            raise ValueError("A generation id is a UUID.")
        path, one, inline = f"/generations/{generation_id}", parse.uuid(generation_id), inline or Inline()
        answer = await self._ask("GET", path, inline=inline, turn=turn)
        generation = asked.generation(answer.body, one)
        if not answer.is_success and generation and generation.is_made:
            # Whatever its status says, it names this picture and links to it: only a download tells more.
            return generation
        if answer.status == 404 and parse.read_object(answer.body) is None:
            # Of something on the way: Luma's refusals are JSON objects (section 6.1). It says nothing of the generation.
            raise Unreachable(status=answer.status, detail="HTTP 404, not from Luma")
        if not answer.is_success:
            raise answers.read_failure(answer)
        if generation is None and asked.generation(answer.body, one, nameless=True):
            # On a kept connection it may be what came unasked.
            answer = await self._ask("GET", path, inline=inline, turn=turn, is_fresh=True)
            generation = asked.generation(answer.body, one, nameless=True) if answer.is_success else None
        if generation is None:
            # Somebody else's picture must never be stored under this job.
            raise Unreachable(
                status=answer.status,
                detail="The answer is not about this picture.",
                retry_after=answers.retry_after(answer.headers),
            )
        return generation

    async def reach(self) -> None:
        """Ask about a generation that nobody has, free of charge, to learn whether Luma answers and takes the key.

        Raises Unauthorized, Suspended or Unreachable; any other answer proves both.
        """
        try:
            await self.get(_NOBODYS_ID)
        except NotFound:
            return
        except Unreachable as error:
            # Another refusal of this id is an answer too; asking for too much, an answer in the making, and what speaks
            # of the key without being Luma's are none.
            if not 400 <= (error.status or 0) < 500 or error.status in {401, 403, 408, 429}:
                raise

    async def usage(self, day: date) -> str:
        """Ask what the account used on a day, free of charge, and return the answer's text as it came.

        Neither its parameters nor its answer are described (luma-api.md section 2). Raises as `get` does.
        """
        answer = await self._ask("GET", f"/usage?start={day:%Y-%m-%d}&end={day:%Y-%m-%d}")
        if answer.status != 200:
            raise answers.read_failure(answer)
        return answer.body.decode("utf-8", "replace")

    async def download(
        self,
        url: str,
        to: Path,
        *,
        max_bytes: int = pace.MAX_PICTURE_BYTES,
        wall: float = pace.DOWNLOAD_WALL,
        stall: float | None = None,
        turn: pace.Turn = pace.at_once,
    ) -> Downloaded:
        """Fetch a finished picture into a temporary file, without the key; see `download.fetch`."""
        url = links.whole(url, f"{self._base_url}/generations/")
        fetching = download.fetch(self._storage, url, to, max_bytes=max_bytes, wall=wall, stall=stall, turn=turn)
        return await self._observed("download", fetching)

    async def _observed(self, kind: str, call: Awaitable[T]) -> T:
        """Await a call and let the observer know how it went; a refusal is an answer, a 5xx and silence are not."""
        began = time.monotonic()
        try:
            answer = await call
        except Error:
            self.observe(kind, time.monotonic() - began, True)
            raise
        is_failed = isinstance(answer, answers.Answer) and answer.status >= 500
        self.observe(kind, time.monotonic() - began, is_failed)
        return answer

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": self._key.header(),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "Studio",
        }

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        content_type: str = "",
        wall: float | None = None,
        inline: Inline | None = None,
        turn: pace.Turn = pace.at_once,
        is_fresh: bool = False,
    ) -> answers.Answer:
        headers = self._headers() | ({"Content-Type": content_type} if content_type else {})
        url = f"{self._base_url}{path}"
        wall = wall or self._read_wall
        asking = self._read.ask(
            method, url, headers=headers, content=content, wall=wall, inline=inline, turn=turn, is_fresh=is_fresh
        )
        return await self._observed("files" if path.startswith("/files") else "poll", asking)

"""Three httpx transports, one for each kind of call.

What is paid for or comes from elsewhere goes through httpx transports rather than an httpx client: a transport follows
no redirect, keeps no cookie, reads no proxy from the environment, unpacks no picture and writes no link into a log.
Polls, hundreds in a second, go through one aiohttp session with the same habits.
"""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import httpcore
import httpx
from yarl import URL

from studio.luma import address
from studio.luma.answers import Answer
from studio.luma.errors import Ambiguous, BadDownload, NotSent, Truncated, Unreachable
from studio.luma.inline import MOST_IN_ALL, Inline
from studio.luma.pace import DOWNLOAD_WALL, PACE, Turn, at_once
from studio.luma.packed import Unpacked

# Our answers are a few kilobytes; whatever is larger is not one of them (bytes).
MAX_ANSWER = 2**20
# The answer to a POST may hold the picture itself, and behind it the id: so much is read, and so much of its end is kept.
MOST_READ, LONGEST_END = 32 * 2**20, 2**16
# A name, a connection and TLS take well below a second; the official SDK waits as long (seconds).
CONNECT_TIMEOUT = 5.0
# A poll comes every second or two, and servers close idle connections after a minute or more (seconds).
_KEEPALIVE = 30.0

# What a broken network, a broken server or a strange link can raise; InvalidURL and ValueError are no HTTPError.
_TROUBLE = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    aiohttp.ClientError,
    OSError,
    ValueError,
)


class SubmitTransport:
    """For the paid POST: a fresh connection each time, and an exact answer to "was anything sent?"."""

    def __init__(self, tls: ssl.SSLContext, *, connect_timeout: float, wall: float) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(verify=tls, limits=limits)
        # Name and connection are one wait, TLS the next: both end before the wall, which would leave a socket open.
        self._connect_timeout = min(connect_timeout, wall / 2)
        self._wall = wall

    async def send(self, request: httpx.Request, *, request_id: str) -> Answer:
        """Send once and return the answer, perhaps with a cut body: its status stands all the same.

        Raises NotSent when no byte of the request left, Ambiguous when some did and no status came back.
        """
        is_sent = False

        async def watch(event: str, _info: object) -> None:
            nonlocal is_sent
            is_sent = is_sent or event.endswith(".send_request_headers.started")

        timeouts = {"connect": self._connect_timeout, "read": self._wall, "write": self._wall, "pool": self._wall}
        request.headers["Connection"] = "close"
        request.extensions = {"timeout": timeouts, "trace": watch}
        response: httpx.Response | None = None
        body = bytearray()
        is_whole = False
        trouble = ""
        try:
            async with asyncio.timeout(self._wall):
                response = await self._transport.handle_async_request(request)
                is_whole = await _fill(body, response)
        except _TROUBLE as raised:
            # Our errors are raised after this block, so that they do not drag along frames that hold the key.
            trouble = type(raised).__name__
        if response is None:
            raise (Ambiguous if is_sent else NotSent)(detail=trouble, request_id=request_id)
        return Answer(response.status_code, response.headers, bytes(body), is_whole)

    async def aclose(self) -> None:
        await self._transport.aclose()


class ReadTransport:
    """For everything that is free: many kept connections of aiohttp, at half of what httpx would take of a core."""

    def __init__(self, tls: ssl.SSLContext, *, connections: int, connect_timeout: float) -> None:
        self._tls = tls
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        wall: float,
        inline: Inline | None = None,
        turn: Turn = at_once,
        is_fresh: bool = False,
    ) -> Answer:
        """Return a whole answer within `wall` seconds, or raise Unreachable.

        `inline` takes out the pictures that come within it. Once one has begun it may take as long as a download, and a
        `turn` is awaited before each PACE bytes. `is_fresh`: on a connection of its own, where nothing can come unasked.
        """
        if is_fresh:
            lone = ReadTransport(self._tls, connections=1, connect_timeout=self._connect_timeout)
            try:
                return await lone.ask(
                    method, url, headers=headers, content=content, wall=wall, inline=inline, turn=turn
                )
            finally:
                await lone.aclose()
        session = self._session = self._session or self._open()
        limits = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout)
        trouble = "The answer is too long."
        try:
            async with (
                asyncio.timeout(wall) as limit,
                session.request(
                    method,
                    URL(url, encoded=True),
                    headers=headers,
                    # As a stream: aiohttp warns of a megabyte that is written at once.
                    data=None if content is None else io.BytesIO(content),
                    timeout=limits,
                    allow_redirects=False,
                ) as response,
            ):
                read = _read(response, inline, limit, turn) if inline else _read_plainly(response)
                if (body := await read) is not None:
                    return Answer(response.status, response.headers, body)
        except _TROUBLE as raised:
            trouble = type(raised).__name__
        raise Unreachable(detail=trouble)

    async def aclose(self) -> None:
        if self._session:
            await self._session.close()
        # aiohttp only asks the loop to close; without a turn of the loop the sockets would be left to the collector.
        await asyncio.sleep(0)

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=self._connections, ssl=self._tls, keepalive_timeout=_KEEPALIVE)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A reply of the storage whose body is still to come."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    _response: httpx.Response = field(repr=False)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes. Raises Truncated when it ends early."""
        try:
            async for chunk in self._response.aiter_raw():
                yield chunk
        except _TROUBLE as trouble:
            raise Truncated(status=self.status, detail=type(trouble).__name__) from None


class StorageTransport:
    """For signed links: never the key, only addresses that the guard has judged, a fresh connection each time."""

    def __init__(
        self, tls: ssl.SSLContext, *, connect_timeout: float, allow_loopback: bool, allow_private: bool = False
    ) -> None:
        self._tls = tls
        self._connect_timeout = connect_timeout
        self._allow_loopback, self._allow_private = allow_loopback, allow_private

    @asynccontextmanager
    async def open(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None = None
    ) -> AsyncIterator[Delivery]:
        """Send one request without key or redirects. Raises Blocked, or BadDownload when nothing came back."""
        target = await address.resolve(url, allow_loopback=self._allow_loopback, allow_private=self._allow_private)
        limits = httpx.Limits(max_keepalive_connections=0)
        transport = httpx.AsyncHTTPTransport(verify=self._tls, limits=limits)
        fixed = {"Host": target.host_header, "Accept-Encoding": "identity", "Connection": "close"}
        try:
            response = await self._first_reply(transport, target, method, fixed | dict(headers), content)
            try:
                yield Delivery(response.status_code, response.headers, response)
            finally:
                await _close(response)
        finally:
            await transport.aclose()

    async def _first_reply(
        self,
        transport: httpx.AsyncHTTPTransport,
        target: address.Target,
        method: str,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> httpx.Response:
        last: Exception | None = None
        for place in target.addresses:
            try:
                request = httpx.Request(method, target.pinned(place), headers=headers, content=content)
                request.extensions = {"timeout": {"connect": self._connect_timeout}, "sni_hostname": target.sni}
                return await transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as trouble:
                last = trouble
            except _TROUBLE as trouble:
                raise BadDownload(detail=type(trouble).__name__) from None
        raise BadDownload(detail=type(last).__name__) from None


async def _read_plainly(response: aiohttp.ClientResponse) -> bytes | None:
    """Collect a body; None when it would grow beyond MAX_ANSWER, or was packed and is not whole."""
    body, unpacked = bytearray(), Unpacked(response.headers)
    async for chunk in response.content.iter_any():
        for piece in unpacked.feed(chunk):
            body += piece
            if len(body) > MAX_ANSWER:
                return None
    body += b"".join(unpacked.end())
    return bytes(body) if unpacked.is_all else None


async def _read(response: aiohttp.ClientResponse, inline: Inline, limit: asyncio.Timeout, turn: Turn) -> bytes | None:
    """Collect a body without the pictures in it; None when what remains, or all of them, would be too long."""
    body, unpacked = bytearray(), Unpacked(response.headers)
    clock = asyncio.get_running_loop().time
    end, paced = 0.0, 0
    async for chunk in response.content.iter_any():
        for piece in unpacked.feed(chunk):
            body += inline.feed(piece)
            if len(body) > MAX_ANSWER or inline.bytes > MOST_IN_ALL:
                return None
            if inline.has_begun and not end:
                limit.reschedule(end := clock() + DOWNLOAD_WALL)
            if inline.bytes - paced >= PACE:
                paced, asked = inline.bytes, clock()
                limit.reschedule(None)
                await turn()
                limit.reschedule(end := end + clock() - asked)
                await asyncio.sleep(0)  # what was packed may be a hundred times as long
    body += inline.feed(b"".join(unpacked.end()), is_last=True)
    return bytes(body) if unpacked.is_all else None


async def _fill(body: bytearray, response: httpx.Response) -> bool:
    """Collect the body, unpacked; of one longer than MAX_ANSWER only its beginning and its end, and then False.

    What came of one that breaks off is kept as well.
    """
    unpacked, end, read, came = Unpacked(response.headers), b"", 0, 0

    def take(pieces: Iterable[bytes]) -> bool:
        nonlocal end, read
        for piece in pieces:
            read += len(piece)
            if read <= MAX_ANSWER:
                body.extend(piece)
            else:
                end = (end + piece)[-LONGEST_END:]
            if read > MOST_READ:
                return False
        return True

    try:
        async for chunk in response.aiter_raw():
            came += len(chunk)
            if not take(unpacked.feed(chunk)) or came > MOST_READ:
                return False
    finally:
        take(unpacked.end())
        body += end
        await _close(response)
    return read <= MAX_ANSWER and unpacked.is_all


async def _close(response: httpx.Response) -> None:
    """Close without a word: an answer that was read must not be lost because hanging up failed."""
    with suppress(*_TROUBLE, httpcore.NetworkError, httpcore.ProtocolError):
        await response.aclose()

"""Serve files on disk behind presigned links, as a bucket does (luma-api.md section 10.3).

It behaves like S3 where the documents are silent: XML errors, 404 `NoSuchKey`, 400 when an `Authorization` header comes
along with a signed link.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import gmtime, strftime, strptime
from typing import BinaryIO
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from aiohttp import web

from studio.simulator.options import Options

ROUTE = "/storage/"
DATE = "%Y%m%dT%H%M%SZ"
CHUNK_BYTES = 256 * 1024
# The most one PUT may bring to S3, and so the most a file may announce (luma-api.md section 11.1).
LARGEST_OBJECT = 5 * 1024**3
MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg"}


@dataclass(eq=False)
class StorageError(Exception):
    """Refuse a storage request the way S3 does."""

    status: int
    code: str
    message: str

    def response(self) -> web.Response:
        """Return the XML answer."""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message>"
            f"<RequestId>{secrets.token_hex(8).upper()}</RequestId></Error>"
        )
        return web.Response(status=self.status, text=text, content_type="application/xml")


class Storage:
    """Hold objects under `root` by key, hand out links and answer them."""

    def __init__(self, options: Options, root: Path, secret: bytes) -> None:
        self.options = options
        self.root = root
        self._secret = secret
        self._truncated: set[str] = set()

    def path(self, key: str) -> Path:
        """Return where an object lies; keys are made by us, never by a caller."""
        return self.root / key

    def link(self, request: web.Request, key: str, *, method: str = "GET", media_type: str = "", age: int = 0) -> str:
        """Sign a link good for `link_seconds`; no two are alike. A link of an `age` in seconds is that much older."""
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": strftime(DATE, gmtime(self.options.clock() - age)),
            "X-Amz-Expires": str(self.options.link_seconds),
            "X-Amz-Security-Token": secrets.token_urlsafe(12),
            "X-Amz-SignedHeaders": "content-type;host" if media_type else "host",
        }
        query["X-Amz-Signature"] = self._sign(method, key, media_type, query)
        base = (self.options.base_url or f"{request.scheme}://{request.host}").rstrip("/")
        return f"{base}{ROUTE}{key}?{urlencode(query)}"

    def truncate_once(self, key: str) -> None:
        """Make the next download of an object break off half way."""
        self._truncated.add(key)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer a download; a link signed for GET is no good for HEAD."""
        key = self._check(request, request.method, "")
        path = self.path(key)
        if not path.is_file():
            raise StorageError(404, "NoSuchKey", "The specified key does not exist.")
        media_type = _sniff(path)
        if key in self._truncated:
            self._truncated.discard(key)
            return await _send_half(request, path, media_type)
        return web.FileResponse(path, CHUNK_BYTES, headers={"Content-Type": media_type})

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take an upload of any size, straight to disk."""
        key = self._check(request, "PUT", request.headers.get("Content-Type", ""))
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with partial.open("wb") as file:
                digest = await _receive(request, file)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return web.Response(headers={"ETag": f'"{digest}"'})

    def _check(self, request: web.Request, method: str, media_type: str) -> str:
        """Return the key a signed request speaks of; raise StorageError 400 or 403."""
        key = request.match_info["key"]
        if "Authorization" in request.headers:
            raise StorageError(400, "InvalidArgument", "Only one auth mechanism allowed")
        query = dict(request.query)
        given = query.pop("X-Amz-Signature", None)
        if given is None:
            raise StorageError(403, "AccessDenied", "Access Denied")
        signed_type = media_type if "content-type" in query.get("X-Amz-SignedHeaders", "") else ""
        if not hmac.compare_digest(given.encode(), self._sign(method, key, signed_type, query).encode()):
            raise StorageError(403, "SignatureDoesNotMatch", "The request signature does not match.")
        signed_at = timegm(strptime(query["X-Amz-Date"], DATE))
        if self.options.clock() >= signed_at + int(query["X-Amz-Expires"]):
            raise StorageError(403, "AccessDenied", "Request has expired")
        return key

    def _sign(self, method: str, key: str, media_type: str, query: Mapping[str, str]) -> str:
        words = "\n".join((method, key, media_type, urlencode(sorted(query.items()))))
        return hmac.new(self._secret, words.encode(), hashlib.sha256).hexdigest()


def _sniff(path: Path) -> str:
    with path.open("rb") as file:
        return "image/jpeg" if file.read(2) == b"\xff\xd8" else MEDIA_TYPES.get(path.suffix, "application/octet-stream")


async def _send_half(request: web.Request, path: Path, media_type: str) -> web.StreamResponse:
    body = path.read_bytes()
    response = web.StreamResponse(headers={"Content-Type": media_type, "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _receive(request: web.Request, file: BinaryIO) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    size = 0
    async for chunk in request.content.iter_chunked(CHUNK_BYTES):
        size += len(chunk)
        if size > LARGEST_OBJECT:
            raise StorageError(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest()

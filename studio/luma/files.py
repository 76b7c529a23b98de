"""The Files API (luma-api.md section 11): upload a picture once, refer to it many times.

These calls cost nothing and create nothing that is paid for, so whatever goes wrong may be tried again.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import TypeVar

import httpx

from studio.luma import answers, parse
from studio.luma.errors import BadDownload, Error, LinkExpired, TooLarge, Unreachable
from studio.luma.transports import StorageTransport
from studio.luma.types import File, FileUpload

Read = TypeVar("Read", File, FileUpload)
# 50 MB at 4 Mbit/s take 105 seconds.
UPLOAD_WALL = 120.0


class FileCalls(ABC):
    """The part of `Luma` that keeps files. All raise Unauthorized, Suspended, NotFound, Rejected or Unreachable."""

    _storage: StorageTransport

    async def upload_file(self, data: bytes, mime_type: str, *, purpose: str, filename: str = "") -> File:
        """Upload in one call (11.2). An inline size limit exists, its number is unknown: TooLarge when it is hit."""
        part = (filename or "picture", data, mime_type)
        form = httpx.Request("POST", "https://form.invalid", data={"purpose": purpose}, files={"file": part})
        answer = await self._ask(
            "POST", "/files", content=form.read(), content_type=form.headers["Content-Type"], wall=UPLOAD_WALL
        )
        return _file(answer)

    async def create_file(
        self,
        *,
        mime_type: str,
        size_bytes: int,
        purpose: str | None = None,
        filename: str | None = None,
    ) -> FileUpload:
        """Announce a file of exactly `size_bytes` and learn where to put it (11.1); `put_file` is next."""
        fields = {
            "mime_type": mime_type,
            "size_bytes": size_bytes,
            "purpose": purpose,
            "filename": filename,
        }
        body = json.dumps({name: value for name, value in fields.items() if value is not None}).encode("ascii")
        answer = await self._ask("POST", "/files", content=body, content_type="application/json")
        return _read(answer, parse.file_upload(answer.body))

    async def put_file(self, upload: FileUpload, data: bytes, *, wall: float = UPLOAD_WALL) -> None:
        """Put the bytes where `create_file` said, without the key; `complete_file` is next.

        Raises LinkExpired, Blocked, TooLarge or Unreachable.
        """
        try:
            async with (
                asyncio.timeout(wall),
                self._storage.open("PUT", upload.url, headers=dict(upload.headers), content=data) as delivery,
            ):
                status = delivery.status
        except (BadDownload, TimeoutError):
            raise Unreachable(detail="The storage did not take the file.") from None
        if not 200 <= status < 300:
            kinds: dict[int, type[Error]] = {403: LinkExpired, 404: LinkExpired, 413: TooLarge}
            raise kinds.get(status, Unreachable)(status=status)

    async def complete_file(self, file_id: str) -> File:
        """Say that the bytes are there; checking and moderation start (11.1)."""
        return _about(file_id, _file(await self._ask("POST", f"/files/{_safe(file_id)}/complete")))

    async def get_file(self, file_id: str) -> File:
        """Ask whether a file is ready to be referred to."""
        return _about(file_id, _file(await self._ask("GET", f"/files/{_safe(file_id)}")))

    @abstractmethod
    async def _ask(
        self, method: str, path: str, *, content: bytes | None = None, content_type: str = "", wall: float | None = None
    ) -> answers.Answer:
        """Send a free call with the key and return whatever was answered; raises Unreachable."""


def _file(answer: answers.Answer) -> File:
    return _read(answer, parse.file(answer.body))


def _about(file_id: str, file: File) -> File:
    """Return what is said of this file: what is said of another one must not blame a picture, or free it."""
    if file.id.lower() != file_id.lower():
        raise Unreachable(detail="The answer is not about this file.")
    return file


def _read(answer: answers.Answer, value: Read | None) -> Read:
    if not answer.is_success:
        raise answers.file_failure(answer)
    if value is None:
        raise Unreachable(status=answer.status, detail="The answer about the file could not be read.")
    return value


def _safe(file_id: str) -> str:
    if not parse.file_id(file_id):
        raise ValueError("A file id has only letters, digits, - and _.")
    return file_id

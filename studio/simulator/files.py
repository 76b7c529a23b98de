"""The Files API: inline and presigned uploads, ingest, list, soft delete (luma-api.md section 11)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from studio.simulator.errors import ApiError
from studio.simulator.file_request import PURPOSES, FileRequest, parse_file_request, receive_form
from studio.simulator.files_db import GOOD, FilesDb, StoredFile
from studio.simulator.ingest import canonical
from studio.simulator.options import Options
from studio.simulator.outcomes import is_flagged_name
from studio.simulator.painter_client import PainterClient
from studio.simulator.requests import client_of, read_json
from studio.simulator.storage import Storage
from studio.simulator.validate import choice

STATES = ("pending", "ready", "failed", "deleted")
DEFAULT_PAGE, LARGEST_PAGE = 25, 100
INGEST_SECONDS = 8.0

FLAGGED = "File was flagged by our content moderation system."
WRONG_SIZE = "Uploaded size does not match size_bytes."


@dataclass
class Files:
    """Keep the files of all clients."""

    options: Options
    files_db: FilesDb
    painter: PainterClient
    storage: Storage

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Take a file inline (multipart) or answer where to PUT it (JSON)."""
        upload = None
        if request.content_type == "multipart/form-data":
            file = await self._take(request, str(uuid4()))
        else:
            file = self._open(request, str(uuid4()), parse_file_request(await read_json(request)))
            upload = self._upload(request, file)
        body = {"id": file.id, "state": file.state, "file": view(file), "upload": upload}
        return web.json_response(body, status=201)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Begin the ingest of a presigned upload; a second call changes nothing."""
        file = self._find(request)
        if file.state == "deleted":
            raise ApiError(404, "File not found")
        if file.completed_at is None:
            uploaded = self.storage.path(f"uploads/{file.id}")
            if not uploaded.is_file():
                raise ApiError(400, "File bytes have not been uploaded")
            self._blob(file.id).parent.mkdir(parents=True, exist_ok=True)
            uploaded.replace(self._blob(file.id))
            self._ingest(file)
        return web.json_response(view(self._find(request)))

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Show one file, deleted or not."""
        return web.json_response(view(self._find(request)))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Delete softly: jobs that use the file go on, new ones cannot."""
        self.files_db.delete(self._find(request).id, self.options.clock())
        return web.Response(status=204)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """List the client's files, newest first; deleted ones only by `state=deleted`."""
        limit = _limit(request.query.get("limit"))
        files = self.files_db.page(
            client_of(request),
            self.options.clock(),
            below=_position(request.query.get("cursor")),
            limit=limit + 1,
            purpose=choice(request.query, "purpose", PURPOSES),
            state=choice(request.query, "state", STATES),
        )
        page, has_more = files[:limit], len(files) > limit
        cursor = _cursor(page[-1].seq) if has_more else None
        return web.json_response({"data": [view(file) for file in page], "has_more": has_more, "next_cursor": cursor})

    def resume(self) -> None:
        """Go on with the ingest of files that a stopped simulator had not finished."""
        for file in self.files_db.unfinished():
            self._inspect(file)

    async def _take(self, request: web.Request, file_id: str) -> StoredFile:
        blob = self._blob(file_id)
        try:
            file = self._open(request, file_id, parse_file_request(await receive_form(request, blob)))
        except ApiError:
            blob.unlink(missing_ok=True)
            raise
        self._ingest(file)
        return file

    def _open(self, request: web.Request, file_id: str, described: FileRequest) -> StoredFile:
        now = self.options.clock()
        if described.expires_at is not None and described.expires_at <= now:
            raise ApiError(400, "expires_at must be in the future")
        file = StoredFile(id=file_id, client=client_of(request), created_at=now, **vars(described))
        self.files_db.add(file)
        return file

    def _find(self, request: web.Request) -> StoredFile:
        file = self.files_db.find(client_of(request), canonical(request.match_info["id"]), self.options.clock())
        if file is None:
            raise ApiError(404, "File not found")
        return file

    def _upload(self, request: web.Request, file: StoredFile) -> dict[str, Any]:
        return {
            "url": self.storage.link(request, f"uploads/{file.id}", method="PUT", media_type=file.mime_type),
            "method": "PUT",
            "headers": {"Content-Type": file.mime_type},
            "expires_at": moment(file.created_at + self.options.link_seconds),
        }

    def _ingest(self, file: StoredFile) -> None:
        now = self.options.clock()
        self.files_db.complete(file.id, now, now + INGEST_SECONDS * self.options.time_scale)
        self._inspect(file)

    def _inspect(self, file: StoredFile) -> None:
        path = self._blob(file.id)
        if is_flagged_name(file.filename):
            self.files_db.finish(file.id, FLAGGED)
        elif path.stat().st_size != file.size_bytes:
            self.files_db.finish(file.id, WRONG_SIZE)
        else:
            task = {"type": "inspect", "id": file.id, "inputs": [str(path)]}
            self.painter.submit(task, lambda answer: self.files_db.finish(file.id, answer.get("failure_reason", GOOD)))

    def _blob(self, file_id: str) -> Path:
        return self.storage.path(f"files/{file_id}")


def view(file: StoredFile) -> dict[str, Any]:
    """Return the wire form of a file: every field, with explicit nulls."""
    deleted_at = file.deleted_at or (file.expires_at if file.state == "deleted" else None)
    return {
        "id": file.id,
        "created_at": moment(file.created_at),
        "mime_type": file.mime_type,
        "purpose": file.purpose,
        "size_bytes": file.size_bytes,
        "state": file.state,
        "filename": file.filename,
        "user_id": file.user_id,
        "expires_at": moment(file.expires_at),
        "deleted_at": moment(deleted_at),
        "failure_reason": file.verdict if file.state == "failed" else None,
    }


def moment(time: float | None) -> str | None:
    """Write Unix seconds as ISO 8601 in UTC."""
    return None if time is None else datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _limit(value: str | None) -> int:
    if value is None:
        return DEFAULT_PAGE
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:4]) <= LARGEST_PAGE:
        raise ApiError(400, f"limit must be between 1 and {LARGEST_PAGE}")
    return int(value)


def _cursor(seq: int) -> str:
    return base64.urlsafe_b64encode(f"seq:{seq}".encode()).decode()


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("seq:"))
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "Invalid cursor") from error

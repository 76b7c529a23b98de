"""The description of a file that comes before or with its bytes (luma-api.md section 11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from studio.simulator.errors import ApiError
from studio.simulator.storage import LARGEST_OBJECT
from studio.simulator.validate import check_user_id, choice

PURPOSES = ("input", "reference")
LONGEST_FILENAME = 1024
# The service has an inline cap but does not say which; larger files take the presigned way.
LARGEST_INLINE = 25 * 1024 * 1024
LONGEST_FIELD = 4096
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class FileRequest:
    """A file to be uploaded, as described; `expires_at` is in Unix seconds."""

    mime_type: str
    size_bytes: int
    purpose: str
    filename: str | None
    user_id: str | None
    expires_at: float | None


def parse_file_request(body: object) -> FileRequest:
    """Check a JSON object or the fields of a form; raise ApiError 400."""
    if not isinstance(body, dict):
        raise ApiError(400, "Request body must be a JSON object")
    mime_type, size = body.get("mime_type"), body.get("size_bytes")
    if not isinstance(mime_type, str) or "/" not in mime_type or not mime_type.isprintable():
        raise ApiError(400, "mime_type is required")
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= LARGEST_OBJECT:
        raise ApiError(400, f"size_bytes must be between 1 and {LARGEST_OBJECT}")
    filename = body.get("filename")
    if filename is not None and not (isinstance(filename, str) and len(filename) <= LONGEST_FILENAME):
        raise ApiError(400, f"filename must be a string of at most {LONGEST_FILENAME} characters")
    check_user_id(body.get("user_id"))
    return FileRequest(
        mime_type=mime_type,
        size_bytes=size,
        purpose=choice(body, "purpose", PURPOSES) or PURPOSES[0],
        filename=filename,
        user_id=body.get("user_id"),
        expires_at=_expiry(body.get("expires_at")),
    )


def _expiry(value: object) -> float | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ApiError(400, "expires_at must be an ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


async def receive_form(request: web.Request, path: Path) -> dict[str, object]:
    """Save the `file` part to `path` and return what the form says of it; raise ApiError 400 or 413."""
    fields: dict[str, object] = {}
    size = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise ApiError(400, "Nested multipart bodies are not supported")
            if part.name == "file":
                size = await _save(part, path)
                fields.setdefault("filename", part.filename)
                fields.setdefault("mime_type", part.headers.get("Content-Type", "application/octet-stream"))
            elif part.name:
                fields[part.name] = (await part.read_chunk(LONGEST_FIELD)).decode(errors="replace")
    except (ValueError, HttpProcessingError) as error:
        raise ApiError(400, "Multipart body could not be read") from error
    if size is None:
        raise ApiError(400, "A 'file' part is required")
    return {**fields, "size_bytes": size}


async def _save(part: BodyPartReader, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with path.open("wb") as file:
        while chunk := await part.read_chunk(CHUNK_BYTES):
            size += len(chunk)
            if size > LARGEST_INLINE:
                raise ApiError(413, "File exceeds 25 MB inline upload limit")
            file.write(chunk)
    return size

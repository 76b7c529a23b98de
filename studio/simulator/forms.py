"""The multipart body of an inline upload (luma-api.md section 11.2)."""

from __future__ import annotations

from pathlib import Path

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from studio.simulator.errors import ApiError

# The service has an inline cap but does not say which; larger files take the presigned way.
LARGEST_INLINE = 25 * 1024 * 1024
LONGEST_FIELD = 4096
CHUNK_BYTES = 256 * 1024


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

"""Bring four kinds of ImageRef to files on disk, while the caller waits (luma-api.md sections 3.2, 3.9, 6.2 and 12).

Nothing is decoded here, only the size is read: a picture that cannot be read fails the job later, with an asynchronous code.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from studio.simulator.database import Database
from studio.simulator.errors import ApiError
from studio.simulator.fetch import LARGEST_IMAGE, Fetcher, too_large
from studio.simulator.files_db import FilesDb
from studio.simulator.image_size import LONGEST_SIDE, image_size
from studio.simulator.options import Options
from studio.simulator.storage import Storage
from studio.simulator.validate import Ref


def canonical(identifier: str) -> str:
    """Return a UUID in its usual spelling, or "" for what is none; that matches nothing."""
    try:
        return str(UUID(identifier))
    except ValueError:
        return ""


@dataclass
class Ingest:
    """Bring in the input images of one request."""

    options: Options
    database: Database
    files_db: FilesDb
    storage: Storage
    fetcher: Fetcher

    async def collect(self, client: str, refs: tuple[Ref, ...], folder: Path) -> list[str]:
        """Return the paths of all inputs in order; raise ApiError 400, 413 or 422. New bytes go to `folder`."""
        paths = []
        for index, ref in enumerate(refs):
            path = await self._bring(client, ref, folder / str(index))
            if max(image_size(path) or (0,)) > LONGEST_SIDE:
                raise ApiError(413, f"{ref.place}: image exceeds {LONGEST_SIDE} px limit")
            paths.append(str(path))
        return paths

    async def _bring(self, client: str, ref: Ref, path: Path) -> Path:
        match ref.kind:
            case "generation_id":
                return self._earlier_picture(client, ref)
            case "file_id":
                return self._uploaded(client, ref)
        path.parent.mkdir(parents=True, exist_ok=True)
        if ref.kind == "url":
            await self.fetcher.fetch(ref.value, ref.place, path)
        else:
            await asyncio.to_thread(_decode, ref, path)
        return path

    def _earlier_picture(self, client: str, ref: Ref) -> Path:
        found = self.database.find(client, canonical(ref.value), self.options.clock())
        if found is None:
            raise ApiError(400, f"{ref.place}: generation not found")
        if found.state != "completed" or not found.outputs:
            raise ApiError(400, f"{ref.place}: generation is not completed")
        if found.type == "layering":
            raise ApiError(400, f"{ref.place}: generation output is not a single image")
        return self.storage.path(f"generations/{found.id}/{found.outputs[0]['name']}")

    def _uploaded(self, client: str, ref: Ref) -> Path:
        found = self.files_db.find(client, canonical(ref.value), self.options.clock())
        if found is None or found.state == "deleted":
            raise ApiError(400, f"{ref.place}: file not found")
        if found.state != "ready":
            raise ApiError(400, f"{ref.place}: file is not ready")
        return self.storage.path(f"files/{found.id}")


def _decode(ref: Ref, path: Path) -> None:
    # Four characters carry three bytes, so an outsized picture is refused before it is decoded.
    if len(ref.value) // 4 * 3 > LARGEST_IMAGE + 2:
        raise too_large(ref.place)
    if not (ref.media_type or "").startswith("image/"):
        raise ApiError(422, f"{ref.place}: content-type is not an image")
    try:
        content = base64.b64decode(ref.value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(422, f"{ref.place}: invalid base64 data") from error
    if not content:
        raise ApiError(422, f"{ref.place}: invalid base64 data")
    if len(content) > LARGEST_IMAGE:
        raise too_large(ref.place)
    path.write_bytes(content)

"""The remote API and nothing of ours: no Django, no rows, no simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.luma import capabilities, errors, pricing, ratios
from studio.luma.errors import Error
from studio.luma.keys import ApiKey, BadKey
from studio.luma.types import (
    Bounds,
    Created,
    Downloaded,
    File,
    FileUpload,
    Generation,
    ImageRef,
    Layer,
    Output,
    Request,
)

__all__ = [
    "BASE_URL",
    "ApiKey",
    "BadKey",
    "Bounds",
    "Created",
    "Downloaded",
    "Error",
    "File",
    "FileUpload",
    "Generation",
    "ImageRef",
    "Layer",
    "Luma",
    "Output",
    "Request",
    "capabilities",
    "errors",
    "prepare",
    "pricing",
    "ratios",
]

if TYPE_CHECKING:
    from studio.luma.client import BASE_URL, Luma, prepare
else:

    def __getattr__(name: str) -> object:
        """Bring in the client, and with it httpx and aiohttp, only where it is used: settings and pages need neither."""
        if name not in {"BASE_URL", "Luma", "prepare"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from studio.luma import client

        return getattr(client, name)

"""Files that are handed out."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.urls import reverse

from studio.models import Picture


def original(picture: Picture) -> str:
    return reverse("studio:original", args=[picture.code])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()

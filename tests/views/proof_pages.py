"""A proof link with pictures, and what its pages say."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from studio.models import Picture, ProofLink, User
from studio.models.proof.link import ProofSpec
from tests import people

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% now %}",
    "'; DROP TABLE studio_picture; --",
    "مرحبا \u202eevil\u202c",
    "👩‍👩‍👧 ﷽ Z̸̧̛͔a̷",
)


def made(person: User, **spec: Any) -> Picture:
    """A picture of 640 × 400 pixels, in its file too."""
    picture = people.make_job(person, state="done", size=(640, 400), **spec).pictures.get()
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "#345678").save(out, "PNG")
    Path(default_storage.path(picture.file)).write_bytes(out.getvalue())
    return picture


class Round:
    """A link, as its client's browser sees it."""

    def __init__(self, person: User, *pictures: Picture, **fields: Any) -> None:
        expires_at = timezone.now() + timedelta(days=14)
        spec = ProofSpec(**{"title": "Round 2", "expires_at": expires_at, **fields})
        self.link, self.token = ProofLink.make(person, spec, pictures=pictures)
        self.browser = Client()
        self.pictures = pictures

    def address(self, *parts: object) -> str:
        return "/".join(("/proof", self.token, *map(str, parts))) + "/"

    def file(self, picture: Picture, size: int = 512) -> str:
        return f"/proof/{self.token}/{picture.code}/{size}.webp"

    def get(self, *parts: object, **data: str) -> Any:
        return self.browser.get(self.address(*parts), data)

    def post(self, *parts: object, headers: dict[str, str] | None = None, **data: Any) -> Any:
        return self.browser.post(self.address(*parts), data, headers=headers or {})

    def name(self, name: str = "Ingrid Holm") -> None:
        assert self.post("name", name=name).status_code == 302


def body(response: Any) -> bytes:
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)

"""An edit that differs from its source in known spots, and what is kept of it."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops, ImageDraw

from studio import storage
from studio.models import Picture, User
from tests.people import make_job, make_picture

SIZE = (320, 240)
SPOTS = [(30, 30, 90, 80), (200, 140, 280, 210)]
Content = dict[str, Any]


def scene() -> Image.Image:
    """A picture with detail everywhere."""
    noise = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 80).resize(SIZE, Image.Resampling.BICUBIC)
    return Image.merge("RGB", (noise, ImageChops.offset(noise, 9), ImageChops.offset(noise, 0, 7)))


def spotted(picture: Image.Image, colour: str = "#20c040") -> Image.Image:
    edit = picture.copy()
    for box in SPOTS:
        ImageDraw.Draw(edit).rectangle(box, fill=colour)
    return edit


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def stored(picture: Image.Image) -> Content:
    """The fields of a row whose file is this picture."""
    content = png(picture)
    sha256 = hashlib.sha256(content).hexdigest()
    name = storage.original_name(sha256, "png")
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    return {
        "file": name,
        "sha256": sha256,
        "format": "png",
        "width": picture.width,
        "height": picture.height,
        "bytes": len(content),
    }


def edit_of(person: User, before: Image.Image, after: Image.Image) -> Picture:
    source = make_picture(person)
    Picture.objects.filter(pk=source.pk).update(**stored(before))
    job = make_job(
        person, state="done", type="image_edit", source=Picture.objects.get(pk=source.pk), prompt="Add lamps"
    )
    edit = job.pictures.get()
    Picture.objects.filter(pk=edit.pk).update(**stored(after))
    return Picture.objects.get(pk=edit.pk)


def save(client: Client, edit: Picture, **fields: Any) -> HttpResponse:
    return client.post(reverse("studio:keep", args=[edit.code]), fields, headers=fields.pop("headers", {}))


def mask(draw: tuple[int, int, int, int] | None = (10, 10, 99, 99), size: tuple[int, int] = SIZE) -> SimpleUploadedFile:
    painted = Image.new("RGBA", size, (255, 255, 255, 0))
    if draw:
        ImageDraw.Draw(painted).rectangle(draw, fill="white")
    return SimpleUploadedFile("mask.png", png(painted), "image/png")

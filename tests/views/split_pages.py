"""A split of three layers, and what its page shows and answers."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from PIL import Image

from studio.models import Job, LayersExport, User
from tests import people
from tests.people import HTMX

DOG = Image.new("RGBA", (30, 20), (200, 30, 30, 128))
ROOM = Image.new("RGB", (80, 60), (20, 90, 20))
BOUNDS = {"x": 5, "y": -6, "width": 30, "height": 20, "canvas_width": 80, "canvas_height": 60}


def a_split(person: User) -> Job:
    """Two layers above a room, whose places are known."""
    layers = [(DOG, {"label": "Dog", "bounds": BOUNDS}), (DOG, {"label": "Cat", "bounds": BOUNDS}), (ROOM, None)]
    return people.make_split(person, layers, size=(80, 60))


def url(name: str, job: Job, *more: object) -> str:
    return reverse(f"studio:{name}", args=[job.code, *more])


def download(client: Client, export: LayersExport) -> Any:
    return client.get(reverse("studio:download_export", args=[export.code]))


def page(client: Client, job: Job, query: str = "") -> str:
    response = client.get(url("layers", job) + query)
    assert response.status_code == 200
    return response.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'class="layer__name"[^>]*>([^<]+)</a>', html)


def shown(html: str) -> dict[str, str]:
    """The layers on the stage, back to front, and how they are drawn."""
    return dict(re.findall(r'<g id="shown-(\d+)"(.*?)</g>', html, re.DOTALL))


def arrange(client: Client, job: Job, **what: str) -> str:
    response = client.post(url("arrange_layers", job), what, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()

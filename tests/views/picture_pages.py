"""The page of a picture, and what it says."""

from __future__ import annotations

import re

from django.test import Client

from studio.models import Picture


def page(client: Client, picture: Picture) -> str:
    response = client.get(picture.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """The text of a page, as somebody reads it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def arrows(client: Client, picture: Picture, query: str = "", **headers: str) -> tuple[str, str, str]:
    """The addresses of the arrows, and how far along the picture stands."""
    html = client.get(picture.get_absolute_url() + query, headers=headers).content.decode()
    newer = re.search(r'rel="prev"\s+href="([^"]+)"', html)
    older = re.search(r'rel="next"\s+href="([^"]+)"', html)
    place = re.search(r'<span class="num nowrap">([^<]+)</span>', html)
    return newer[1] if newer else "", older[1] if older else "", place[1] if place else ""

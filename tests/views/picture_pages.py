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

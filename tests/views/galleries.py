"""A gallery of pictures that came at known times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from studio.models import Picture, User
from tests import people

GALLERY = reverse("studio:gallery")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def hang(
    person: User, count: int, *, newest: datetime = NOON, apart: timedelta = timedelta(minutes=1)
) -> list[Picture]:
    """Hang pictures of one job in the gallery and return them newest first."""
    job = people.make_job(person, state="done", now=newest - apart * count)
    people.delete_pictures(job)
    return [
        people.make_picture(person, job=job, position=place, shown_at=newest - apart * place, renditions=(256,))
        for place in range(count)
    ]


def shown(html: str) -> list[str]:
    return re.findall(r'id="picture-([0-9a-f-]{36})"', html)


def codes(pictures: list[Picture]) -> list[str]:
    return [str(picture.code) for picture in pictures]

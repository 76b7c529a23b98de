"""The desk of what failed, and what it says."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from studio.models.jobs.failure import Failure

REVIEW = reverse("studio:review")
TOO_LARGE = Failure(
    cause="bad_input", sentence="Reference @2 is 58 MB. The limit is 50 MB.", code="http_413", status=413, charge="none"
)


def page(client: Client, address: str = REVIEW) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())

"""What the pulse of a page answers."""

from __future__ import annotations

import re

from django.test import Client

from studio.views.create import feed
from tests.people import HTMX


def ask(client: Client, **query: object) -> str:
    """What the pulse answers; "" for nothing new."""
    known = {"page": "create", "since": 0, "born": feed.seen()[1], "pauses": ""}
    answer = client.get("/pulse/", known | query, headers=HTMX)
    assert answer.status_code in {200, 204}
    return answer.content.decode()


def next_query(body: str) -> dict[str, str]:
    found = re.search(r'id="pulse" hx-get="/pulse/\?([^"]+)"', body)
    assert found is not None
    return dict(part.partition("=")[::2] for part in found[1].replace("&amp;", "&").split("&"))

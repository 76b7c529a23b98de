"""How many steps of SQLite's each request takes, which no clock and no other process changes: `python -m benchmarks.steps 3000`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks import pages, pages_studio, scratch

EACH = 10  # steps between two calls of the counter


def at(size: int) -> dict[str, int]:
    """Fill tables with `size` jobs and ask for every page; return the steps of each, by its name."""
    with scratch.tables():
        from django.conf import settings

        from benchmarks import fill
        from studio.models import User
        from tests.people import signed_in

        pages.fill_tables(size, skewed=False)
        settings.WAITING_PER_PERSON = 1_000
        people = User.objects.order_by("pk")[: fill.PEOPLE]
        client = signed_in(people[0], SERVER_NAME="localhost")
        return {name: _steps(name, ask, client) for name, ask in pages_studio.requests(people[0])}


def _steps(name: str, ask: Callable[[Any], Any], client: Any) -> int:
    from django.db import connection

    if name not in pages.ACTS:
        ask(client)
    counted = 0

    def step() -> int:
        nonlocal counted
        counted += EACH
        return 0

    connection.connection.set_progress_handler(step, EACH)
    try:
        answer = ask(client)
    finally:
        connection.connection.set_progress_handler(None, 0)
    assert answer.status_code in {200, 204, 304, 302}, (name, answer.status_code)
    return counted


if __name__ == "__main__":
    print(json.dumps(at(int(sys.argv[1]))))

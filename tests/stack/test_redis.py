"""The whole studio with a Redis that wakes its queues, and that dies and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer, needs_redis
from tests.stack.running import Running, eventually, with_tables
from tests.stack.visitor import Visitor

pytestmark = [pytest.mark.stack, needs_redis]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


def test_pictures_are_made_with_redis_without_it_and_with_it_again(redis: RedisServer, tmp_path: Path) -> None:
    studio = Running(with_tables(tmp_path / "var"), STUDIO_QUEUE=redis.url)
    studio.start()
    try:
        with Visitor(studio) as ada:

            def make(number: int, broker: str) -> None:
                ada.make(f"harbour {number}")
                made = "SELECT count(*) FROM studio_job WHERE state = 'done'"
                eventually(lambda: studio.rows(made)[0][0] == number, within=40)
                late = "SELECT count(*) FROM studio_picture WHERE renditions_due_at IS NOT NULL"
                eventually(lambda: studio.rows(late)[0][0] == 0, within=40)
                eventually(lambda: ada.http.get("/readyz").json()["broker"] == broker, within=20)

            make(1, "ok")
            redis.kill()
            make(2, "silent")
            assert "its Redis does not answer" in ada.http.get("/state/").text
            redis.start()
            eventually(lambda: ada.http.get("/readyz").json()["broker"] == "ok", within=20)
            make(3, "ok")
            assert ada.http.get("/readyz").json()["ready"] is True
    finally:
        studio.kill()

"""A Redis wakes the queues; when it is away the database does, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task
from pytest_django import Settings

from studio import task_queue, tasks
from tests.redis_server import RedisServer, needs_redis

pytestmark = [pytest.mark.django_db(transaction=True), needs_redis]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def on_redis(server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.QUEUE_URL = server.url
    monkeypatch.setattr(Conf, "BROKER_CLASS", "studio.task_queue.Broker")
    monkeypatch.setattr(task_queue, "_silent_until", 0.0)
    task_queue.client.cache_clear()
    task_queue.client().flushall()
    yield
    task_queue.client.cache_clear()


@pytest.fixture
def away(server: RedisServer) -> Iterator[None]:
    server.kill()
    yield
    server.start()


def length() -> int:
    return task_queue.length("io", now=timezone.now())


def taken(broker: task_queue.Broker) -> list[str]:
    return [SignedPackage.loads(payload)["func"] for _, payload in broker.dequeue() or []]


def test_a_task_travels_by_redis_once_its_rows_are_committed() -> None:
    with transaction.atomic():
        tasks.wake_conductor()
        assert length() == 0
    assert (length(), OrmQ.objects.count()) == (1, 0)
    tasks.wake_conductor()  # one waits already
    broker = task_queue.Broker("io")
    broker.dequeue()  # looks at the database first
    broker = task_queue.Broker("io")
    broker._look_at = float("inf")
    async_task("studio.tasks.conduct", cluster="io")
    assert taken(broker) == ["studio.tasks.conduct"]
    broker.acknowledge(None)
    assert broker.dequeue() is None
    assert (broker.info(), task_queue.state()) == ("Redis and the database", "ok")


def test_a_task_of_a_transaction_that_fails_is_none() -> None:
    with transaction.atomic():
        async_task("studio.tasks.conduct", cluster="io")
        transaction.set_rollback(True)
    assert length() == 0


def test_while_redis_is_away_the_database_wakes_the_queues(
    away: None, caplog: pytest.LogCaptureFixture, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = task_queue.Broker("io")
    tasks.wake_conductor()
    assert "the database wakes the queues meanwhile" in caplog.text
    assert (broker.queue_size(), OrmQ.objects.count(), task_queue.state()) == (1, 1, "silent")
    [(key, payload)] = broker.dequeue() or []
    assert SignedPackage.loads(payload)["func"] == "studio.tasks.conduct"
    broker.acknowledge(key)
    assert not OrmQ.objects.exists()
    assert client.get("/readyz").json()["broker"] == "silent"
    # It is asked again after a while, by each in turn.
    for ask in (length, task_queue.state, task_queue.Broker("io").dequeue):
        monkeypatch.setattr(task_queue, "_silent_until", 0.0)
        task_queue.Broker._look_at = float("inf")
        ask()
        assert task_queue._silent_until
    task_queue.Broker._look_at = 0.0


def test_what_was_left_in_the_database_is_found_when_redis_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_queue, "_silent_until", float("inf"))
    tasks.wake_conductor()
    monkeypatch.setattr(task_queue, "_silent_until", 0.0)
    assert OrmQ.objects.count() == 1
    assert taken(task_queue.Broker("io")) == ["studio.tasks.conduct"]


def test_without_a_setting_the_database_wakes_the_queues(settings: Settings) -> None:
    settings.QUEUE_URL = ""
    assert task_queue.state() == "database"

"""Webhooks leave in a thread of the queue's worker: where none can be started, the next wake-up tries again."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection

from studio import tasks
from studio.engine.deliveries import webhooks


def test_a_machine_without_room_for_a_thread_is_said_and_the_next_try_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    class Thread:
        def __init__(self, **_: object) -> None:
            started.append("")

        def start(self) -> None:
            if len(started) == 1:
                raise RuntimeError("can't start new thread")
            webhooks._busy.release()

    monkeypatch.setattr(webhooks, "threading", SimpleNamespace(Thread=Thread))
    with pytest.raises(RuntimeError, match="new thread"):
        webhooks.send_soon()
    assert webhooks.send_soon()
    assert len(started) == 2


def test_one_round_follows_the_other_until_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = [3, 1, 0]
    monkeypatch.setattr(webhooks, "send_due", lambda: rounds.pop(0))
    monkeypatch.setattr(webhooks, "connection", SimpleNamespace(close=lambda: None))
    assert webhooks._busy.acquire(blocking=False)
    webhooks._send()
    assert rounds == []
    assert not webhooks._busy.locked()


@pytest.mark.django_db
def test_the_queue_only_starts_it_and_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    class Thread:
        def __init__(self, *, target: Callable[[], None], **_: object) -> None:
            self.target = target

        def start(self) -> None:
            started.append("thread")
            if len(started) == 1:
                tasks.send_webhooks()  # another wake-up meanwhile
            self.target()

    monkeypatch.setattr(webhooks, "threading", SimpleNamespace(Thread=Thread))
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(webhooks, "send_due", lambda: 0)
    tasks.send_webhooks()
    monkeypatch.setattr(webhooks, "send_due", lambda: 1 / 0)
    tasks.send_webhooks()
    assert started == ["thread", "thread"]

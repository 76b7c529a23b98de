from __future__ import annotations

import threading

import pytest

from studio.models import Heartbeat
from studio.models.state import heartbeat
from tests.stack.running import eventually


@pytest.mark.django_db(transaction=True)
def test_a_task_that_lasts_beats_again_and_again_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "AGAIN", 0.01)

    def last() -> object:
        return Heartbeat.objects.get(pk="studio").at

    with Heartbeat.beating("studio"):
        for _ in range(2):
            before = last()
            eventually(lambda: last() != before, what="another beat")  # noqa: B023 - awaited within this round
    assert "studio beats" not in {thread.name for thread in threading.enumerate()}

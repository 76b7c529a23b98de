from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from studio.launcher import watchdog
from studio.launcher.watchdog import ASK_EVERY, PATIENCE, Watchdog
from studio.models import Heartbeat

pytestmark = pytest.mark.django_db


class Clock:
    """Moves the wall and the monotonic clock together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, traveller: time_machine.Traveller) -> None:
        self.seconds, self.traveller = 1_000.0, traveller
        monkeypatch.setattr(watchdog.time, "monotonic", lambda: self.seconds)

    def shift(self, seconds: float) -> None:
        self.seconds += seconds
        self.traveller.shift(timedelta(seconds=seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:

    # The test's own connection stays open.
    monkeypatch.setattr(watchdog.connections, "close_all", lambda: None)
    with time_machine.travel("2026-11-10T10:00:00Z", tick=False) as traveller:
        yield Clock(monkeypatch, traveller)


def looks(dog: Watchdog, clock: Clock, count: int, uptime: float = 1_000.0) -> list[str]:
    found: list[str] = []
    for _ in range(count):
        clock.shift(ASK_EVERY + 1)
        found += dog.silent({"studio": uptime})
    return found


def test_a_queue_that_ran_long_before_the_first_question_is_not_blamed(clock: Clock) -> None:
    assert looks(Watchdog(), clock, 2) == []


def test_a_queue_that_never_answers_is_silent_after_its_patience(clock: Clock) -> None:
    assert looks(Watchdog(), clock, 4)[-1:] == ["studio"]


def test_a_queue_that_answers_is_never_silent(clock: Clock) -> None:
    dog = Watchdog()
    for _ in range(10):
        assert looks(dog, clock, 1) == []
        clock.shift(1)
        Heartbeat.beat("studio", now=timezone.now())


def test_a_watchdog_that_stood_still_itself_blames_nobody(clock: Clock) -> None:
    dog = Watchdog()
    looks(dog, clock, 1)
    clock.shift(1)
    Heartbeat.beat("studio", now=timezone.now())
    clock.shift(PATIENCE.total_seconds() * 10)
    assert looks(dog, clock, 1) == []


def test_a_queue_that_was_started_again_has_its_whole_patience(clock: Clock) -> None:
    dog = Watchdog()
    looks(dog, clock, 3)
    assert looks(dog, clock, 1, uptime=1.0) == []

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from studio.launcher import watchdog
from studio.launcher.watchdog import ASK_EVERY, LONGEST_LOCK, PATIENCE, Watchdog
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


class Locked:
    """Tables that let nobody write: whoever begins waits for so long, and for a while in vain."""

    def __init__(self, clock: Clock, seconds: float, *, fails: bool, problem: str = "database is locked") -> None:
        self.clock, self.seconds, self.fails, self.problem = clock, seconds, fails, problem

    def __enter__(self) -> None:
        self.clock.shift(self.seconds)
        if self.fails:
            raise OperationalError(self.problem)

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("fails", [True, False])
def test_a_queue_that_could_not_write_is_not_blamed(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    """Its conductor may wait for an answer that is paid for."""
    dog = Watchdog()
    looks(dog, clock, 1)
    with monkeypatch.context() as locked:
        locked.setattr(watchdog.transaction, "atomic", lambda: Locked(clock, 20.0, fails=fails))
        assert looks(dog, clock, 2) == []
    # It has its patience from now on, and no more.
    assert looks(dog, clock, 3) == []
    assert looks(dog, clock, 2)[:1] == ["studio"]


def test_whoever_may_hold_the_tables_for_ever_is_ended(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    dog = Watchdog()
    monkeypatch.setattr(watchdog.transaction, "atomic", lambda: Locked(clock, 20.0, fails=True))
    until = clock.seconds + LONGEST_LOCK
    while not (found := looks(dog, clock, 1)):
        assert clock.seconds < until + 60
    assert found == ["studio"]
    assert clock.seconds > until
    full = Locked(clock, 20.0, fails=True, problem="database or disk is full")
    monkeypatch.setattr(watchdog.transaction, "atomic", lambda: full)
    assert looks(dog, clock, 20) == []

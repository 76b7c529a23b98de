"""Two conductors at once: the lease keeps them apart, and where it does not, the rows do."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from studio.engine import capacity
from studio.models import ConductorLease, Job, User
from tests import people
from tests.faults.answers import after, completed
from tests.faults.conftest import Run
from tests.faults.double import Double

CONDUCTORS = 4
ROWS = 500


def together(act: Callable[[str], None]) -> None:
    """Run `act` once for each conductor, all at the same moment."""
    begin = threading.Barrier(CONDUCTORS)
    failures: list[BaseException] = []

    def one(owner: str) -> None:
        begin.wait()
        try:
            act(owner)
        except BaseException as failure:  # noqa: BLE001 - handed to the test below
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(f"conductor-{number}",)) for number in range(CONDUCTORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def rows(person: User, count: int) -> list[int]:
    """Many waiting jobs in few statements."""
    with override_settings(WAITING_PER_PERSON=count + 8):
        for _ in range(count // 8 + 1):
            people.make_submission(person, count=8)
    return list(Job.objects.values_list("pk", flat=True)[:count])


def test_f33_five_hundred_rows_are_claimed_once_each(double: Double, alice: User) -> None:
    pks = rows(alice, ROWS)
    for _ in range(3):
        claimed: Counter[int] = Counter()
        now = timezone.now()

        def claim(owner: str) -> None:
            for start in range(0, ROWS, 25):
                until = now + capacity.SENDING_LEASE  # noqa: B023 - used within this round
                won = Job.objects.claim(owner, pks[start : start + 25], until=until, now=now)  # noqa: B023
                claimed.update(job.pk for job in won)  # noqa: B023

        together(claim)
        assert set(claimed.values()) == {1}
        assert len(claimed) == ROWS
        Job.objects.update(lease_owner="", lease_until=None)


def test_f33_the_limits_hold_for_all_conductors_together(double: Double, alice: User, settings: Settings) -> None:
    settings.LUMA_SLOTS = 7
    rows(alice, 80)
    begun: Counter[int] = Counter()
    most: list[int] = []
    until = time.monotonic() + 60

    def admit_and_send(owner: str) -> None:
        # Who comes while the others hold every place admits nobody, and comes again.
        while len(begun) <= 20 and time.monotonic() < until:
            admitted = capacity.admit(owner, now=timezone.now(), most=5)
            most.append(Job.objects.occupying(timezone.now()).weight())
            for job in admitted:
                lease = timezone.now() + capacity.SENDING_LEASE
                if job.begin_sending(provider="here", weight=1, until=lease, now=timezone.now()):
                    begun[job.pk] += 1
                most.append(Job.objects.occupying(timezone.now()).weight())
                job.fail(people.REFUSED, now=timezone.now())

    together(admit_and_send)
    assert max(most) <= 7
    assert len(begun) > 20
    assert set(begun.values()) == {1}


def test_f33_conductors_without_a_seat_still_send_each_job_once(
    double: Double, run: Run, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch, patient: None
) -> None:
    """The lease is economy; here everybody sits, and only the rows keep them apart."""
    settings.LUMA_SLOTS = 5
    monkeypatch.setattr(ConductorLease, "is_taken", lambda *_: False)
    monkeypatch.setattr(ConductorLease, "renew", lambda *_, **__: True)
    double.part("crowded", get=[after(0.05, completed())])
    for _ in range(3):
        people.make_submission(alice, prompt="crowded", count=8)
    together(lambda _: void(run(seconds=60, linger=0.8)))
    assert set(Job.objects.values_list("state", "attempts")) == {(Job.State.DONE, 1)}
    assert len(double.posts) == 24
    assert double.most_at_once <= 5


def void(_: object) -> None:
    return


def test_f33_a_second_conductor_leaves_at_once(double: Double, run: Run, alice: User, patient: None) -> None:
    people.make_submission(alice, count=8)
    left: list[bool] = []
    together(lambda _: left.append(run(seconds=60)))
    assert left == [False] * CONDUCTORS
    assert set(Job.objects.values_list("state", "attempts")) == {(Job.State.DONE, 1)}


def test_f41_a_job_cancelled_while_it_is_admitted_keeps_no_lease(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = people.make_job(alice)
    inner = capacity._next

    def cancel_then_next(*args: Any, **options: Any) -> Job | None:
        found = inner(*args, **options)
        Job.objects.get(pk=job.pk).cancel(now=timezone.now())
        return found

    monkeypatch.setattr(capacity, "_next", cancel_then_next)
    assert capacity.admit("one", now=timezone.now()) == []

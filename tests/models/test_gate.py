from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Gate, Revision

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_several_answers_of_one_moment_are_one_reason() -> None:
    Gate.close(Gate.Name.FUNDS, now=NOW, detail="no funds")
    told = Revision.current()
    Gate.close(Gate.Name.FUNDS, now=NOW + timedelta(seconds=1))
    assert Revision.current() == told
    gate = Gate.objects.get()
    assert (gate.closed_at, gate.probe_at, gate.probes) == (NOW, NOW + timedelta(seconds=15), 0)


@pytest.mark.parametrize("name", [Gate.Name.FUNDS, Gate.Name.KEY, Gate.Name.API, Gate.Name.LOST])
def test_each_failed_probe_doubles_the_wait_up_to_five_minutes(name: str) -> None:
    at, waits = NOW, []
    for _ in range(7):
        Gate.close(name, now=at)
        gate = Gate.objects.get()
        assert gate.closed_at == NOW
        waits.append((gate.probe_at - at).total_seconds())
        assert not gate.may_probe(gate.probe_at - timedelta(seconds=1))
        at = gate.probe_at
        assert gate.may_probe(at)
    assert waits == [15, 30, 60, 120, 240, 300, 300]


def test_opening_what_is_open_is_quiet() -> None:
    assert not Gate.open(Gate.Name.FUNDS, Gate.Name.API)
    Gate.close(Gate.Name.FUNDS, now=NOW)
    assert Gate.open(Gate.Name.FUNDS, Gate.Name.API)
    assert not Gate.objects.exists()


def test_a_pause_waits_for_a_person() -> None:
    Gate.close(Gate.Name.PAUSE, now=NOW)
    assert Gate.objects.get().probe_at is None


def test_only_a_refused_key_stops_reading() -> None:
    for name in Gate.Name.values:
        Gate.close(name, now=NOW)
    assert [gate.name for gate in Gate.objects.all() if gate.stops_reading] == ["key"]


def test_an_admin_lets_one_job_try_at_once() -> None:
    Gate.close(Gate.Name.KEY, now=NOW)
    Gate.probe_now(Gate.Name.KEY, now=NOW)
    assert Gate.objects.get().probe_at == NOW

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Gate, Revision

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_a_gate_closes_once_and_says_so_once() -> None:
    Gate.close(Gate.Name.FUNDS, now=NOW, detail="no funds")
    told = Revision.current()
    Gate.close(Gate.Name.FUNDS, now=NOW + timedelta(minutes=5))
    assert Revision.current() == told
    gate = Gate.objects.get()
    assert gate.closed_at == NOW
    assert gate.probe_at == NOW + timedelta(minutes=10)


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

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from studio.models import ConductorLease
from studio.models.lease import LEASE_LIFE, boot_id, process_start

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_one_sits_and_the_next_leaves() -> None:
    assert ConductorLease.acquire(now=NOW)
    assert ConductorLease.acquire(now=NOW) is None
    assert ConductorLease.is_live(now=NOW)


def test_a_freed_seat_is_taken_at_once() -> None:
    holder = ConductorLease.acquire(now=NOW)
    assert holder
    ConductorLease.release(holder, now=NOW)
    assert not ConductorLease.is_live(now=NOW)
    assert ConductorLease.acquire(now=NOW)


def test_a_dead_process_of_this_machine_does_not_keep_the_seat() -> None:
    assert ConductorLease.acquire(now=NOW)
    ConductorLease.objects.update(pid_started="1")
    assert ConductorLease.objects.get().is_dead_here()
    assert ConductorLease.acquire(now=NOW)


def test_another_machine_keeps_it_until_its_time_runs_out() -> None:
    assert ConductorLease.acquire(now=NOW)
    ConductorLease.objects.update(boot="elsewhere", pid=1)
    assert ConductorLease.acquire(now=NOW) is None
    assert ConductorLease.acquire(now=NOW + LEASE_LIFE + timedelta(seconds=1))


def test_a_clock_set_back_does_not_lock_the_seat() -> None:
    assert ConductorLease.acquire(now=NOW + timedelta(hours=1))
    assert ConductorLease.acquire(now=NOW)


def test_only_the_holder_renews() -> None:
    holder = ConductorLease.acquire(now=NOW)
    assert holder
    assert ConductorLease.renew(holder, now=NOW)
    assert not ConductorLease.renew("somebody", now=NOW)


def test_a_process_is_known_by_its_start(tmp_path: object) -> None:
    assert process_start(1)
    assert process_start(2**22 + 1) == ""
    assert boot_id()


def test_a_machine_that_does_not_tell_its_boot_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", unreadable)
    assert boot_id() == socket.gethostname()

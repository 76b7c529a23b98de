from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Seat
from studio.models.seat import SEAT_LIFE, boot_id, process_start

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_one_sits_and_the_next_leaves() -> None:
    assert Seat.take(now=NOW)
    assert Seat.take(now=NOW) is None
    assert Seat.is_live(now=NOW)


def test_a_freed_seat_is_taken_at_once() -> None:
    holder = Seat.take(now=NOW)
    assert holder
    Seat.free(holder, now=NOW)
    assert not Seat.is_live(now=NOW)
    assert Seat.take(now=NOW)


def test_a_dead_process_of_this_machine_does_not_keep_the_seat() -> None:
    assert Seat.take(now=NOW)
    Seat.objects.update(pid_started="1")
    assert Seat.objects.get().is_dead_here()
    assert Seat.take(now=NOW)


def test_another_machine_keeps_it_until_its_time_runs_out() -> None:
    assert Seat.take(now=NOW)
    Seat.objects.update(boot="elsewhere", pid=1)
    assert Seat.take(now=NOW) is None
    assert Seat.take(now=NOW + SEAT_LIFE + timedelta(seconds=1))


def test_a_clock_set_back_does_not_lock_the_seat() -> None:
    assert Seat.take(now=NOW + timedelta(hours=1))
    assert Seat.take(now=NOW)


def test_only_the_holder_renews() -> None:
    holder = Seat.take(now=NOW)
    assert holder
    assert Seat.renew(holder, now=NOW)
    assert not Seat.renew("somebody", now=NOW)


def test_a_process_is_known_by_its_start(tmp_path: object) -> None:
    assert process_start(1)
    assert process_start(2**22 + 1) == ""
    assert boot_id()

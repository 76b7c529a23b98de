from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Revision, SendingPause

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_several_answers_of_one_moment_are_one_reason() -> None:
    SendingPause.pause(SendingPause.Reason.FUNDS, now=NOW, detail="no funds")
    told = Revision.current()
    SendingPause.pause(SendingPause.Reason.FUNDS, now=NOW + timedelta(seconds=1))
    assert Revision.current() == told
    pause = SendingPause.objects.get()
    assert (pause.paused_at, pause.probe_at, pause.probes) == (NOW, NOW + timedelta(seconds=15), 0)


@pytest.mark.parametrize(
    "name", [SendingPause.Reason.FUNDS, SendingPause.Reason.KEY, SendingPause.Reason.API, SendingPause.Reason.LOST]
)
def test_each_failed_probe_doubles_the_wait_up_to_five_minutes(name: str) -> None:
    at, waits = NOW, []
    for _ in range(7):
        SendingPause.pause(name, now=at)
        pause = SendingPause.objects.get()
        assert pause.paused_at == NOW
        waits.append((pause.probe_at - at).total_seconds())
        assert not pause.may_probe(pause.probe_at - timedelta(seconds=1))
        at = pause.probe_at
        assert pause.may_probe(at)
    assert waits == [15, 30, 60, 120, 240, 300, 300]


def test_opening_what_is_open_is_quiet() -> None:
    assert not SendingPause.resume(SendingPause.Reason.FUNDS, SendingPause.Reason.API)
    SendingPause.pause(SendingPause.Reason.FUNDS, now=NOW)
    assert SendingPause.resume(SendingPause.Reason.FUNDS, SendingPause.Reason.API)
    assert not SendingPause.objects.exists()


def test_a_pause_waits_for_a_person() -> None:
    SendingPause.pause(SendingPause.Reason.ADMIN, now=NOW)
    assert SendingPause.objects.get().probe_at is None


def test_only_a_refused_key_stops_reading() -> None:
    for name in SendingPause.Reason.values:
        SendingPause.pause(name, now=NOW)
    assert [pause.reason for pause in SendingPause.objects.all() if pause.stops_polling] == ["key"]


def test_an_admin_lets_one_job_try_at_once() -> None:
    SendingPause.pause(SendingPause.Reason.KEY, now=NOW)
    SendingPause.probe_now(SendingPause.Reason.KEY, now=NOW)
    assert SendingPause.objects.get().probe_at == NOW

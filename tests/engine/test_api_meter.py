"""What the conductor counts of its calls, and writes down."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from studio.engine import conductor
from studio.engine.api_meter import ApiMeter
from studio.models import ApiSample, User
from tests import people
from tests.engine.conftest import Slice


def test_only_minutes_that_are_over_are_handed_over_and_each_once() -> None:
    meter = ApiMeter()
    now = timezone.now().replace(second=30)
    with time_machine.travel(now, tick=False):
        meter.note("poll", 0.5, False)
        meter.note("poll", 1.5, True)
        assert meter.take(now) == []
    [tally] = meter.take(now + timedelta(minutes=1))
    assert (tally.number, tally.errors, tally.seconds, tally.slowest) == (2, 1, 2.0, 1.5)
    assert meter.take() == []


def test_a_slice_leaves_what_it_asked(api: str, run_slice: Slice, alice: User) -> None:
    people.make_job(alice)
    run_slice()
    counts = dict(ApiSample.objects.filter(minutes=60).values_list("kind", "number"))
    assert (counts["create"], counts["download"]) == (1, 1)
    assert counts["poll"] >= 1
    assert set(ApiSample.objects.values_list("errors", flat=True)) == {0}


def test_a_table_that_takes_no_samples_stops_nothing(
    api: str, run_slice: Slice, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(tallies: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(conductor.ApiSample, "add", refuse)
    job = people.make_job(alice)
    run_slice()
    job.refresh_from_db()
    assert job.state == "done"


def test_an_api_that_does_not_answer_counts_as_failing(run_slice: Slice, alice: User, settings) -> None:
    settings.LUMA_BASE_URL = "http://127.0.0.1:9/v1"
    people.make_job(alice)
    run_slice(seconds=1.0)
    assert ApiSample.objects.get(kind="create", minutes=1).errors >= 1

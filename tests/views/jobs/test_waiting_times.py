"""How long it usually takes, said to who waits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from studio.models import ApiAccount, SendingPause, User
from tests.people import make_job, make_submission


@pytest.fixture
def usual_times_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the rows take to be made: each kind's usual time is read again after 15 seconds, a query each."""
    monkeypatch.setattr("studio.models.jobs.timing.REMEMBER", None)


def history(person: User) -> None:
    """Half of the pictures took 30 seconds, nearly all 40; long enough ago to be out of the minute of requests."""
    for took in (20, 30, 40):
        make_job(person, state="done", now=timezone.now() - timedelta(minutes=5), took=timedelta(seconds=took))


def waits(client: Client) -> list[str]:
    return re.findall(r'id="wait-[^"]+">([^<]*)<', client.get("/").content.decode())


def test_who_waits_is_told_how_long_that_usually_takes(as_alice: Client, alice: User, settings: Settings) -> None:
    settings.LUMA_SLOTS = 2
    history(alice)
    for _ in range(6):
        make_job(alice)
    # Two at a time; newest first.
    told = ["2 min", "1–2 min", "60–80 s", "45–60 s", "30–40 s", "30–40 s"]
    assert waits(as_alice) == [f"usually {wait}" for wait in told]


def test_a_kind_that_was_never_made_has_no_estimate(as_alice: Client, alice: User) -> None:
    history(alice)
    make_job(alice, model="uni-1-max")
    assert waits(as_alice) == [""]


@pytest.mark.parametrize(
    "name", [SendingPause.Reason.KEY, SendingPause.Reason.API, SendingPause.Reason.DISK, SendingPause.Reason.ADMIN]
)
def test_behind_a_pause_nobody_knows_how_long(as_alice: Client, alice: User, name: str) -> None:
    history(alice)
    make_job(alice)
    SendingPause.pause(name, now=timezone.now())
    assert waits(as_alice) == [""]
    assert "next in line" in as_alice.get("/").content.decode()


def test_while_luma_asks_to_wait_nobody_knows_how_long(as_alice: Client, alice: User) -> None:
    history(alice)
    make_job(alice)
    ApiAccount.current().pause(timezone.now() + timedelta(seconds=20), now=timezone.now())
    assert waits(as_alice) == [""]


def test_a_heavy_kind_waits_for_all_the_slots_it_takes(as_alice: Client, alice: User, settings: Settings) -> None:
    settings.LUMA_SLOTS = 2
    history(alice)
    ApiAccount.current().learn(now=timezone.now(), weight=("image:uni-1", 2))
    make_job(alice)
    make_job(alice)
    assert waits(as_alice) == ["usually 60–80 s", "usually 30–40 s"]


@pytest.mark.usefixtures("usual_times_are_known")
def test_a_hundred_cards_in_line_cost_no_more_questions_than_two(
    as_alice: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    history(alice)
    for model in ("uni-1", "uni-1-max"):
        make_submission(alice, model=model)
    as_alice.get("/")
    with CaptureQueriesContext(connection) as captured:
        as_alice.get("/")
    for number in range(14):
        make_submission(alice, count=7, model=("uni-1", "uni-1-max")[number % 2])
    with django_assert_num_queries(len(captured)):
        assert len(waits(as_alice)) == 100

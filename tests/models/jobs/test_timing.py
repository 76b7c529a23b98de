"""How long a waiting job usually takes, from what was and from what is in use now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import ApiAccount, Job, User
from studio.models.jobs.timing import Room, Usual, Wait, usual_wait
from tests.people import make_job

USUAL = Usual(fast=25, low=30, high=60)


def room(**left: int) -> Room:
    return Room(**({"slots": 10, "free": 0, "per_minute": 1000, "left": 1000} | left))


@pytest.mark.parametrize(
    ("place", "left", "low", "high"),
    [
        (1, {"free": 3}, 30, 60),  # a slot is free for it: only its own time
        (3, {"free": 3}, 30, 60),
        (4, {"free": 3}, 33, 66),  # one of ten slots has to be freed: a tenth of the usual time
        (1, {}, 33, 66),
        (20, {}, 90, 180),  # all ten slots twice
        (20, {"slots": 2}, 330, 660),
    ],
)
def test_the_slots_that_must_be_freed_take_their_share_of_the_usual_time(
    place: int, left: dict[str, int], low: float, high: float
) -> None:
    assert usual_wait(USUAL, place, room(**left)) == Wait(low, high)


def test_where_requests_are_scarcer_than_slots_they_decide() -> None:
    scarce = room(free=100, per_minute=30, left=6)
    assert usual_wait(USUAL, 6, scarce) == Wait(30, 60)
    assert usual_wait(USUAL, 36, scarce) == Wait(60 + 30, 60 + 60)


def test_heavy_jobs_need_more_slots_and_more_requests() -> None:
    assert usual_wait(USUAL, 4, room(free=2), weight=3) == usual_wait(USUAL, 12, room(free=2))
    scarce = room(free=100, per_minute=30, left=0)
    assert usual_wait(USUAL, 5, scarce, weight=3) == usual_wait(USUAL, 15, scarce)


def test_the_room_is_what_is_in_use_and_was_sent_this_minute(alice: User) -> None:
    now = timezone.now()
    make_job(alice, state="making", now=now)
    make_job(alice, state="done", now=now, took=timedelta(minutes=3))
    assert Room.of(ApiAccount.current(), now) == Room(slots=10, free=9, per_minute=30, left=29)


@pytest.mark.parametrize("state", ["waiting", "sending", "queued", "making", "saving", "done", "failed", "unknown"])
def test_the_room_counts_the_same_rows_as_the_querysets(alice: User, state: str) -> None:
    now = timezone.now()
    for hours in (0, 2):
        make_job(alice, state=state, now=now - timedelta(hours=hours))
    Job.objects.update(weight=3)
    account = ApiAccount.current()
    found = Room.of(account, now)
    used = Job.objects.occupying(now).exclude(state="waiting").weight()
    assert (found.free, found.left) == (account.slots - used, account.left_this_minute(now))
    assert found.lost == Job.objects.holding_lost_places(now).weight()


def test_what_is_about_to_be_sent_has_a_place_in_line_and_takes_no_room_yet(alice: User) -> None:
    now = timezone.now()
    job = make_job(alice)
    assert Job.objects.claim("one", [job.pk], until=now + timedelta(minutes=3), now=now, weight=1)
    assert Room.of(ApiAccount.current(), now).free == 10


def test_an_account_whose_slots_were_lowered_has_none_free_and_not_less(alice: User) -> None:
    now = timezone.now()
    for _ in range(2):
        make_job(alice, state="making", now=now)
    ApiAccount.current().learn(now=now, slots=1)
    assert Room.of(ApiAccount.current(), now).free == 0

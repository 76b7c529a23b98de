"""Who is sent next, and who waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from studio.engine import capacity, storing
from studio.engine.places import places_in_line
from studio.luma import errors
from studio.models import ApiAccount, Job, SendingPause, User
from tests import people

# Later than anything that a test of this file stores at the time of the day, however long the tests before it took.
NOW = timezone.now() + timedelta(hours=1)


@pytest.fixture(autouse=True)
def few_slots(settings: Settings, db: None) -> None:
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 2, 30


def admit(**options: int) -> list[Job]:
    return capacity.admit("one", now=timezone.now(), **options)


def test_no_more_than_the_slots_are_admitted(alice: User) -> None:
    people.make_submission(alice, count=4)
    assert len(admit()) == 2
    assert admit() == []


def test_the_person_served_longest_ago_goes_next(alice: User, bob: User) -> None:
    people.make_submission(alice, count=8)
    people.make_submission(bob)
    assert {job.person for job in admit()} == {alice, bob}


def test_a_single_picture_passes_a_batch_of_the_same_person(alice: User, bob: User) -> None:
    people.make_submission(alice, count=8)
    single = people.make_submission(alice)
    people.make_submission(bob, count=8)
    assert single.jobs.get() in admit()


def test_a_lifted_job_goes_first(alice: User, bob: User) -> None:
    people.make_submission(bob, count=2)
    last = people.make_job(alice)
    User.objects.filter(pk=alice.pk).update(served_at=NOW)
    assert last.prioritize()
    assert admit(most=1) == [last]


def test_requests_of_the_last_minute_count(alice: User, settings: Settings) -> None:
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 100, 3
    for _ in range(2):
        people.make_job(alice, state="done", now=timezone.now(), took=timedelta(seconds=10))
    people.make_submission(alice, count=4)
    assert len(admit()) == 1


def test_a_job_heavier_than_a_whole_minute_goes_when_nothing_was_sent_in_it(alice: User, settings: Settings) -> None:
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 100, 2
    ApiAccount.current().learn(now=NOW, weight=("image:uni-1", 3))
    sent = people.make_job(alice, state="done", now=timezone.now(), took=timedelta(seconds=10))
    people.make_submission(alice, count=2)
    assert admit() == []
    sent.attempts_made.update(sent_at=timezone.now() - timedelta(seconds=61))
    assert len(admit()) == 1
    assert admit() == []


def test_a_heavy_job_waits_for_room_and_goes_when_it_is_alone(alice: User) -> None:
    ApiAccount.current().learn(now=NOW, weight=("image:uni-1-max", 3))
    light = people.make_job(alice)
    heavy = people.make_submission(alice, model="uni-1-max").jobs.get()
    assert admit() == [light]
    assert admit() == []
    Job.objects.filter(pk=light.pk).update(state="cancelled", lease_until=None)
    assert admit() == [heavy]


@pytest.mark.parametrize(
    "name", [SendingPause.Reason.FUNDS, SendingPause.Reason.KEY, SendingPause.Reason.API, SendingPause.Reason.ADMIN]
)
def test_a_pause_stops_sending_for_everybody(alice: User, name: str) -> None:
    people.make_job(alice)
    SendingPause.pause(name, now=timezone.now())
    assert admit() == []


def test_after_a_while_one_job_probes_a_pause(alice: User) -> None:
    people.make_submission(alice, count=2)
    SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now() - timedelta(minutes=6))
    assert len(admit()) == 1
    assert admit() == []


def test_a_full_disk_begins_a_pause_that_ends_by_itself(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_job(alice)
    monkeypatch.setattr(storing, "DISK_FLOOR", 2**80)
    assert admit() == []
    assert SendingPause.objects.get().reason == SendingPause.Reason.DISK
    monkeypatch.setattr(storing, "DISK_FLOOR", 0)
    assert len(admit()) == 1


def test_a_concurrency_429_teaches_slots_and_weight(alice: User) -> None:
    job = people.make_submission(alice, model="uni-1-max").jobs.get()
    error = errors.AtCapacity(status=429, limit_weight=10, needs_weight=3)
    until = capacity.learn(error, job, now=NOW)
    account = ApiAccount.current()
    assert (account.slots, account.weight_of("image", "uni-1-max")) == (10, 3)
    assert until == NOW + capacity.FIRST_WAIT
    assert account.paused_until is None


def test_a_429_without_numbers_teaches_what_was_in_flight(alice: User) -> None:
    ApiAccount.objects.update_or_create(pk="luma", defaults={"slots": 10, "per_minute": 30})
    for _ in range(3):
        people.make_job(alice, state="making", now=NOW)
    refused = people.send(people.make_job(alice), now=NOW)
    capacity.learn(errors.AtCapacity(status=429), refused, now=NOW)
    assert ApiAccount.current().slots == 3


def test_a_felt_limit_is_tried_higher_again_and_forgotten_after_a_day(settings: Settings) -> None:
    settings.LUMA_SLOTS = 10
    account = ApiAccount.current()
    account.learn_refusal(3, now=NOW)
    account.learn(now=NOW, weight=("image:uni-1-max", 3), per_minute=12)
    account.relax(now=NOW + timedelta(minutes=1))
    assert account.slots == 3
    raised = []
    for minutes in (3, 6, 9, 12, 15):
        account.relax(now=NOW + timedelta(minutes=minutes))
        raised.append(account.slots)
    assert raised == [4, 6, 9, 10, 10]
    account.relax(now=NOW + timedelta(days=2))
    account.refresh_from_db()
    assert (account.slots, account.per_minute, account.weights) == (10, 30, {})


def test_a_refusal_does_not_slow_the_team_for_long(alice: User, settings: Settings) -> None:
    """Nothing of Studio's was at Luma when it had no place: another program of the account held them."""
    settings.LUMA_SLOTS = 10
    capacity.learn(errors.AtCapacity(status=429), people.send(people.make_job(alice), now=NOW), now=NOW)
    assert ApiAccount.current().slots == 1
    people.make_submission(alice, count=2)
    later = NOW + timedelta(minutes=3)
    assert len(capacity.admit("a conductor", now=later)) == 1
    assert ApiAccount.current().slots == 2
    assert capacity.admit("a conductor", now=NOW + timedelta(days=2))
    assert ApiAccount.current().slots == 10


def test_a_limit_that_luma_named_is_not_tried_higher(settings: Settings) -> None:
    settings.LUMA_SLOTS = 10
    account = ApiAccount.current()
    account.learn(now=NOW, slots=4)
    account.relax(now=NOW + timedelta(hours=2))
    assert account.slots == 4


def test_the_settings_are_in_force_after_every_start(settings: Settings) -> None:
    ApiAccount.current().learn(now=NOW, slots=4, per_minute=7)
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 20, 60
    account = ApiAccount.configure()
    assert (account.slots, account.per_minute) == (20, 60)


def test_as_few_posts_as_keep_up_with_the_rate_wait_for_an_answer(alice: User, settings: Settings) -> None:
    settings.LUMA_SLOTS = 50
    account = ApiAccount.configure()
    assert [capacity.most_on_wire(account, seconds, now=NOW) for seconds in (0.4, 3.9, 5.0, 25.0)] == [2, 2, 3, 3]
    lost = people.send(people.make_job(alice), now=NOW)
    assert lost.mark_unknown(people.LOST, now=NOW, answer_lost=True)
    assert capacity.most_on_wire(account, 25.0, now=NOW) == 1
    later = people.send(people.make_job(alice), now=NOW + timedelta(seconds=1))
    assert later.accept("an-id", now=NOW + timedelta(seconds=2))
    assert capacity.most_on_wire(account, 0.0, now=NOW + timedelta(seconds=2)) == 2


def test_two_lost_answers_within_a_minute_stop_sending(alice: User) -> None:
    for seconds in (0, 90, 100):
        at = NOW + timedelta(seconds=seconds)
        job = people.send(people.make_job(alice), now=at)
        assert job.mark_unknown(people.LOST, now=at, answer_lost=True)
        capacity.brake_on_lost_answers(job, now=at)
        assert SendingPause.objects.filter(pk=SendingPause.Reason.LOST).exists() is (seconds == 100)


def test_the_third_of_three_lost_answers_puts_off_the_first_probe(alice: User) -> None:
    """Three were on the wire: a probe within the same half minute could lose a fourth."""
    jobs = [people.send(people.make_job(alice), now=NOW) for _ in range(3)]
    for job in jobs:
        assert job.mark_unknown(people.LOST, now=NOW, answer_lost=True)
        capacity.brake_on_lost_answers(job, now=NOW)
    pause = SendingPause.objects.get(pk=SendingPause.Reason.LOST)
    assert not pause.may_probe(NOW + timedelta(seconds=29))
    assert pause.may_probe(NOW + timedelta(seconds=31))


def test_a_rate_429_pauses_everybody(alice: User) -> None:
    job = people.make_job(alice)
    error = errors.RateLimited(status=429, retry_after=20.0, per_minute=12)
    assert capacity.learn(error, job, now=timezone.now()) > timezone.now() + timedelta(seconds=15)
    assert ApiAccount.current().per_minute == 12
    assert admit() == []


@pytest.mark.parametrize("named", [None, 1.0], ids=["no wait named", "a wait named that is over"])
def test_the_waits_for_the_minute_outlast_it_before_a_person_is_asked(alice: User, named: float | None) -> None:
    """The line would be used up otherwise, one job after the other, each in a few seconds."""
    job, waits = people.make_job(alice), timedelta()
    for job.resends in range(3):
        waits += capacity.learn(errors.RateLimited(retry_after=named), job, now=NOW) - NOW
        assert ApiAccount.current().is_paused(NOW + timedelta(seconds=0.9))
    assert waits > timedelta(minutes=1)
    assert capacity.learn(errors.RateLimited(retry_after=60.0), job, now=NOW) == NOW + timedelta(minutes=1)


def test_a_freed_slot_is_used_at_once(alice: User) -> None:
    job = people.make_job(alice)
    in_a_while = timezone.now() + timedelta(seconds=40)
    Job.objects.filter(pk=job.pk).update(due_at=in_a_while, hold_reason=Job.HoldReason.CAPACITY)
    assert admit() == []
    capacity.wake_waiting(now=timezone.now())
    assert admit() == [job]


def test_the_place_in_line_follows_the_turns(alice: User, bob: User) -> None:
    batch = list(people.make_submission(alice, count=3).jobs.order_by("number"))
    single = people.make_submission(bob).jobs.get()
    places = places_in_line()
    assert [places[job.pk] for job in [batch[0], single, batch[1], batch[2]]] == [1, 2, 3, 4]


def test_what_the_window_refused_goes_before_all_others_and_alone(alice: User, bob: User) -> None:
    """Luma may count weights: what is lighter would take the room that is left for it, again and again."""
    heavy, others = people.make_job(alice), list(people.make_submission(bob, count=3).jobs.order_by("number"))
    now = timezone.now()
    assert people.send(heavy, now=now).requeue(until=now, detail="", status=429, now=now, reason=Job.HoldReason.RATE)
    User.objects.filter(pk=alice.pk).update(served_at=now)
    assert [places_in_line()[job.pk] for job in [heavy, *others]] == [1, 2, 3, 4]
    on_wire = people.send(others[0], now=now)
    assert admit() == []
    assert on_wire.requeue(until=now, detail="", status=None, now=now)
    assert admit() == [heavy]
    heavy.refresh_from_db()
    people.send(heavy, now=now)
    assert admit() == [others[0]]


@pytest.mark.parametrize("waits", [False, True])
def test_where_nobody_waits_a_free_answer_ends_a_pause(alice: User, *, waits: bool) -> None:
    if waits:
        people.make_job(alice)
    SendingPause.pause(SendingPause.Reason.API, now=timezone.now())
    capacity.resume_if_nothing_waits([SendingPause.Reason.API], now=timezone.now())
    assert SendingPause.objects.exists() == waits

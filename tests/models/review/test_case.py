"""The case of a failed job, the counts of its cause, and the search among failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from studio.models import CaseNote, FailureCount, Job, User
from studio.models.jobs.queries import tries_of
from studio.models.review import case_act
from studio.models.review.case import clean
from studio.models.review.failure_count import DAYS, HOURS, trend_of
from studio.models.review.failure_search import FailureSearch, from_micros, micros
from tests.people import LUMA_FAILED, make_job, send

NOON = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


def found(viewer: User, **asked: Any) -> list[str]:
    search = FailureSearch(viewer=viewer, **asked)
    bounded, _ = search.bounded()
    return [job.submission.prompt for job in bounded.jobs().order_by("pk")]


# ---- Status


def test_a_case_that_goes_on_is_open_again_when_it_fails_again(alice: User, ada: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    now = timezone.now()
    assert job.set_case_status("acknowledged", by=ada, now=now)
    assert not Job.objects.get(pk=job.pk).set_case_status("acknowledged", by=ada, now=now)
    assert job.retry(by=ada, now=now)
    make_job(alice, state="failed", submission=job.submission, failure=LUMA_FAILED)
    again = Job.objects.get(pk=job.pk)
    assert (again.case_status, again.attempts, again.asked_cause) == ("open", 2, "luma_failed")
    assert not job.set_case_status("resolved", by=ada, now=now)  # the end that was seen is over


def test_who_resolves_their_own_puts_it_away_and_no_place_is_held(alice: User) -> None:
    job = make_job(alice, state="unknown")
    assert job.set_case_status("resolved", by=alice, now=timezone.now())
    job.refresh_from_db()
    assert (job.place_until, job.settled_as, bool(job.dismissed_at)) == (None, "resolved", True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  an  outage\r\n\tuntil\u2028 07:21 ", "an outage until 07:21"),
        ("\u202eabc\x00def", "\u202eabc def"),
        ("=cmd()", "=cmd()"),
        ("\ud800 half", "half"),
    ],
)
def test_a_note_is_one_line(text: str, kept: str) -> None:
    assert clean(text) == kept


@pytest.mark.parametrize("text", ["", "\u200b \x00", "\n"])
def test_an_empty_note_is_none(text: str, alice: User, ada: User) -> None:
    with pytest.raises(ValidationError, match=r"Write the note first\."):
        CaseNote.write(make_job(alice, state="failed"), text, by=ada, now=timezone.now())


# ---- Trend


def test_failures_are_counted_as_they_come_whatever_becomes_of_them(alice: User, ada: User) -> None:
    with time_machine.travel(NOON, tick=False):
        for hours, days in ((0, 0), (0, 0), (1, 0), (23, 0), (24, 0), (0, 2), (0, 29), (0, 30)):
            at = NOON - timedelta(hours=hours, days=days)
            make_job(alice, state="failed", failure=LUMA_FAILED, now=at)
        Job.objects.first().retry(by=ada, now=NOON)  # type: ignore[union-attr]
        hourly = FailureCount.trends("hour", now=NOON)["luma_failed"]
        daily = FailureCount.trends("day", now=NOON)["luma_failed"]
    assert (len(hourly), hourly[-2:], hourly[0], sum(hourly)) == (HOURS, [1, 2], 1, 4)
    assert (len(daily), daily[-3:], daily[0], sum(daily)) == (DAYS, [1, 2, 3], 1, 7)
    assert FailureCount.trends("hour", now=NOON + timedelta(days=3)) == {}


def test_hours_go_and_days_stay(alice: User) -> None:
    make_job(alice, state="failed", now=NOON)
    assert FailureCount.clear_old(now=NOON + timedelta(days=2)) == 0
    assert FailureCount.clear_old(now=NOON + timedelta(days=4)) == 1
    assert list(FailureCount.objects.values_list("span", flat=True)) == ["day"]


# ---- Search


def test_failures_are_found_by_what_they_are(alice: User, bob: User, ada: User) -> None:
    now = timezone.now()
    boats = make_job(alice, state="failed", prompt="Paper boats", failure=LUMA_FAILED)
    make_job(bob, state="failed", prompt="Old harbour", model="uni-1-max", now=now - timedelta(days=3))
    make_job(alice, state="unknown", prompt="Lost at sea")
    make_job(alice, state="done", prompt="Paper boats that came")
    assert found(ada, person=bob.pk) == ["Old harbour"]
    assert found(ada, model="uni-1-max") == ["Old harbour"]
    assert found(ada, first=now - timedelta(days=1)) == ["Paper boats", "Lost at sea"]
    assert found(ada, cause="unknown") == ["Lost at sea"]
    for words in (
        "boats",
        "PAPER",
        boats.label,
        boats.label.lower(),
        str(boats.request_id),
        str(boats.code),
        "generation_failed",
    ):
        assert found(ada, words=words) == ["Paper boats"], words
    assert found(ada, words="100%") == []
    boats.set_case_status("acknowledged", by=ada, now=now)
    assert found(ada, show="acknowledged") == ["Paper boats"]
    boats.refresh_from_db()
    boats.set_case_status("resolved", by=ada, now=now)
    assert (found(ada, show="acknowledged"), found(ada, show="settled")) == ([], ["Paper boats"])


def test_a_narrow_search_looks_through_the_newest_only(alice: User, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.models.review.failure_search.MOST_READ", 2)
    for number in range(4):
        make_job(alice, state="failed", prompt=f"Boat {number}", now=NOON + timedelta(minutes=number))
    search, is_cut = FailureSearch(viewer=ada, words="boat").bounded()
    assert (search.jobs().count(), is_cut) == (3, True)


def test_a_search_comes_back_from_a_task_as_it_went(ada: User) -> None:
    search = FailureSearch(viewer=ada, cause="refused", words="x", last=timezone.now())
    assert FailureSearch.from_json(search.as_json(), viewer=ada) == search
    assert from_micros(micros(search.last)) == search.last
    assert from_micros(10**30) is None


def test_retrying_all_goes_on_behind_what_it_has_retried(ada: User, alice: User) -> None:
    for _ in range(5):
        make_job(alice, state="failed", failure=LUMA_FAILED)
    now, done = timezone.now(), case_act.Done()
    search = FailureSearch(viewer=ada, cause="luma_failed", last=now)
    for _ in range(3):
        done = case_act.act_on_all(search, "retry", by=ada, now=now, after=done.after, most=2)
    assert done.after is None
    assert Job.objects.waiting().count() == 5


def test_what_comes_from_a_clock_that_is_ahead_is_in_no_trend(alice: User) -> None:
    ahead = NOON + timedelta(days=1, hours=2)
    FailureCount.add("luma_failed", at=ahead)
    for span in ("hour", "day"):
        assert FailureCount.trends(span, now=NOON) == {}
        assert sum(trend_of([ahead, NOON], span, now=NOON)) == 1


def test_of_many_the_ones_that_a_budget_does_not_allow_are_left_as_they_are(alice: User, bob: User, ada: User) -> None:
    for person in (alice, bob):
        make_job(person, state="failed")
    User.objects.filter(pk=alice.pk).update(cap_per_day=0)
    moved = {job.person_id: case_act._was_placed(job, "retry", by=ada, now=NOON) for job in Job.objects.all()}
    assert moved == {alice.pk: False, bob.pk: True}
    assert dict(Job.objects.values_list("person", "state")) == {alice.pk: "failed", bob.pk: "waiting"}


def test_a_try_names_who_asked_for_the_next_one(alice: User, ada: User) -> None:
    job = make_job(alice, state="failed")
    assert job.retry(by=ada, now=NOON)
    assert send(Job.objects.get(pk=job.pk), now=NOON).fail(LUMA_FAILED, now=NOON)
    assert [one.asked_by for one in tries_of([job], {})[job.pk]] == [ada, None]

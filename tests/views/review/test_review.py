"""The desk of what failed: its cases, and what an admin does with them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiAccount, CaseNote, Job, User
from studio.models.jobs.failure import Failure
from studio.models.review.failure_search import micros
from studio.views.review import failure_cases, failure_rows
from tests import people
from tests.views.review_pages import REVIEW, TOO_LARGE, page, words


def titles(html: str) -> list[str]:
    return re.findall(r'class="cause__title"[^>]*>([^<]+)<', html)


# ---- Cases


def test_when_nothing_failed_nothing_needs_the_admin(as_ada: Client) -> None:
    read = words(page(as_ada))
    assert "Nothing to review. Nothing has failed so far." in read


def test_a_quiet_desk_says_when_it_last_was_not(as_ada: Client, alice: User, ada: User) -> None:
    job = people.make_job(alice, state="failed")
    job.write_off(by=ada, now=timezone.now())
    assert "Nothing to review. Last failure: Today" in words(page(as_ada))


def test_the_unknown_stand_first_and_then_the_most_frequent(as_ada: Client, alice: User) -> None:
    people.make_job(alice, state="failed", failure=TOO_LARGE)
    for _ in range(3):
        people.make_job(alice, state="failed")
    for _ in range(2):
        people.make_job(alice, state="failed", failure=people.LUMA_FAILED)
    people.make_job(alice, state="unknown")
    assert titles(page(as_ada)) == [
        "Outcome unknown",
        "Refused",
        "Failed at Luma",
        "Picture not accepted",
    ]


def test_a_case_tells_the_whole_story(as_ada: Client, alice: User) -> None:
    reference = people.make_picture(alice)
    job = people.make_job(alice, state="failed", failure=TOO_LARGE, references=[reference], prompt="Old relief map")
    html = page(as_ada)
    read = words(html)
    for told in ("Old relief map", "Alice Moreau", job.label, TOO_LARGE.sentence, "413 http_413"):
        assert told in read
    assert f'text="{job.request_id}"' in html
    assert reference.renditions.get(size=256).get_absolute_url() in html
    line = re.search(r'<ol class="line".*?</ol>', html, re.DOTALL)
    assert line
    assert re.findall(r"<b>([^<]+)</b>", line[0]) == ["Sent", "Failed 413"]


def test_the_line_names_who_sent_it_again(as_ada: Client, alice: User, ada: User) -> None:
    job = people.make_job(alice, state="failed", failure=people.LUMA_FAILED)
    now = timezone.now()
    assert job.retry(by=ada, now=now)
    job = people.send(job, now=now)
    assert job.mark_unknown(people.LOST, now=now)
    line = failure_cases.line(job.attempts_made.select_related("asked_by"))
    assert [(dot.word, dot.mark, dot.who) for dot in line] == [
        ("Sent", "", ""),
        ("Failed", "bad", ""),
        ("Again", "", "Ada Admin"),
        ("Unknown", "unk", ""),
    ]


def test_a_reason_that_has_no_name_yet_is_listed_all_the_same(as_ada: Client, alice: User) -> None:
    people.make_job(alice, state="failed", failure=Failure(cause="novel", sentence="Something new."))
    html = page(as_ada)
    assert titles(html) == ["Failed"]
    assert "Something new." in html


@pytest.mark.parametrize(
    ("failure", "money"),
    [
        (people.LOST, "$0.08 may be charged"),
        (people.REFUSED, "$0.00 not charged"),
        (Failure(cause="luma_failed", sentence="x", charge="refunded"), "$0.08 to run again"),
        (Failure(cause="unsaved", sentence="x", charge="charged"), "$0.08 charged"),
    ],
)
def test_each_cause_says_what_it_cost(as_ada: Client, alice: User, failure: Failure, money: str) -> None:
    for _ in range(2):
        people.make_job(alice, state="unknown" if failure.cause == "unknown" else "failed", failure=failure)
    assert money in words(page(as_ada))


def test_a_cause_in_the_address_shows_only_its_cases(as_ada: Client, alice: User) -> None:
    people.make_job(alice, state="failed", prompt="The refused one")
    people.make_job(alice, state="failed", failure=people.LUMA_FAILED, prompt="The failed one")
    html = page(as_ada, f"{REVIEW}?cause=luma_failed")
    assert "The failed one" in html
    assert "The refused one" not in html
    assert 'class="chip chip--on" href="/review/"' in html


def test_settled_cases_stand_apart(as_ada: Client, alice: User, ada: User) -> None:
    job = people.make_job(alice, state="failed", prompt="Done with")
    job.write_off(by=ada, now=timezone.now())
    assert "Done with" not in page(as_ada)
    html = page(as_ada, f"{REVIEW}?show=settled")
    assert "Done with" in html
    assert "Ada," in words(html)
    assert "Write off" not in html


def test_a_group_says_how_many_of_it_are_not_on_the_page(
    as_ada: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failure_rows, "MOST_CASES", 2)
    for _ in range(5):
        people.make_job(alice, state="failed")
    html = page(as_ada)
    assert len(re.findall(r'<li class="case"', html)) == 2
    assert "3 older" in html


def test_a_desk_takes_as_many_queries_with_many_cases_as_with_one(
    as_ada: Client, alice: User, django_assert_num_queries: Any
) -> None:
    def troubles() -> None:
        people.make_job(alice, state="unknown", references=[people.make_picture(alice)])
        people.make_job(alice, state="failed", references=[people.make_picture(alice)])

    troubles()
    page(as_ada)
    ApiAccount.configure()
    with django_assert_num_queries(18):
        page(as_ada)
    for _ in range(6):
        troubles()
    with django_assert_num_queries(18):
        page(as_ada)


# ---- What an admin does


def form(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this address."""
    found = re.search(rf'<form method="post" action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.DOTALL)
    assert found, f"no form posts to {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found[1]))


def test_retry_sends_a_failed_job_from_the_desk_and_comes_back(as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="failed", failure=people.LUMA_FAILED)
    html = page(as_ada)
    assert "Retry · $0.04" in words(html)
    address = reverse("studio:retry_job", args=[job.code])
    assert as_ada.post(address, form(html, address)).url.startswith(REVIEW)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING


UNSAVED = Failure(
    cause="unsaved",
    sentence="The picture is made, but its download was cut short. Studio fetches it again for free.",
    charge="charged",
)


def test_a_picture_that_only_has_to_be_fetched_is_fetched_for_free_or_given_up(as_ada: Client, alice: User) -> None:
    people.make_job(alice, state="failed", failure=UNSAVED)
    read = words(page(as_ada))
    assert "Made, not saved" in read
    assert "Fetch again · free Give up" in read
    assert "Pay again" not in read


def test_a_made_picture_is_on_the_desk_while_it_is_still_tried(as_ada: Client, alice: User, ada: User) -> None:
    job = people.make_job(alice, state="saving")
    assert job.put_off(UNSAVED, until=timezone.now() + timedelta(minutes=4), release=True)
    html = page(as_ada)
    read = words(html)
    assert titles(html) == ["Made, not saved"]
    assert "its download was cut short" in read
    assert "Next try: Today" in read
    assert "Fetch again · free Give up" in read
    address = reverse("studio:write_off_job", args=[job.code])
    assert as_ada.post(address, form(html, address)).url.startswith(REVIEW)
    job.refresh_from_db()
    assert (job.state, job.cause, job.settled_by, job.due_at) == (Job.State.FAILED, "unsaved", ada, None)
    assert "Nothing to review." in page(as_ada)


def held(person: User, number: int, *, minutes: int = 20) -> list[Job]:
    """Jobs that were made so many minutes ago, and one minute later each, and could not be saved so far."""
    jobs = []
    for count in range(number):
        made = timezone.now() - timedelta(minutes=minutes - count)
        jobs.append(people.make_job(person, state="saving", now=made, prompt=f"Held {count}"))
        assert jobs[-1].put_off(UNSAVED, until=timezone.now() + timedelta(minutes=4), release=True)
    return jobs


def test_more_are_held_than_a_page_shows_and_all_are_counted_and_the_oldest_stand_first(
    as_ada: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failure_rows, "MOST_CASES", 2)
    jobs = held(alice, 3, minutes=50)
    html = page(as_ada)
    read = words(html)
    assert "3 in 24 h" in read
    assert "Fetch all 3 · free" in read
    assert "Alarm: not saved for 50 min" in read
    assert ("Held 0" in read, "Held 2" in read) == (True, False)
    # What is still tried has not ended: nobody acknowledges it.
    assert "Acknowledge" not in words(html.partition('id="cause-unsaved"')[2])
    bar = {"cause": "unsaved", "all": "on", "last": str(micros(timezone.now()))}
    as_ada.post(reverse("studio:act_on_failures"), {"act": "retry", **bar})
    assert not Job.objects.filter(due_at__gt=timezone.now()).exists()
    as_ada.post(reverse("studio:act_on_failures"), {"act": "note", "text": "The disk is full", **bar})
    assert {note.job_id for note in CaseNote.objects.all()} == {job.pk for job in jobs}


def test_filters_find_what_is_still_tried_and_the_table_has_it(as_ada: Client, alice: User, ada: User) -> None:
    held(alice, 1)
    for query, is_there in (
        (f"person={alice.pk}", True),
        (f"person={ada.pk}", False),
        ("q=Held+0", True),
        ("q=Nothing", False),
        ("model=uni-1&time=24h", True),
        ("model=uni-1-max", False),
        ("show=settled", False),
        ("cause=refused", False),
    ):
        assert ("Held 0" in words(page(as_ada, f"{REVIEW}?{query}"))) == is_there, query
        table = as_ada.get(f"{reverse('studio:failures_csv')}?{query}").getvalue().decode()
        assert ("Held 0" in table) == is_there, query
        assert not is_there or '"Made, not saved",Open,Alice' in table


def test_what_was_made_after_the_page_was_drawn_is_not_given_up_with_the_rest(as_ada: Client, alice: User) -> None:
    [job] = held(alice, 1)
    seen = micros(timezone.now() - timedelta(minutes=30))
    as_ada.post(reverse("studio:act_on_failures"), {"act": "write_off", "cause": "unsaved", "all": "on", "last": seen})
    job.refresh_from_db()
    assert job.state == Job.State.SAVING


def test_what_is_missing_for_a_day_is_asked_for_free_before_it_is_paid_again(as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="failed", failure=Failure(cause="lost", sentence="x", charge="maybe"))
    read = words(page(as_ada))
    assert "Ask again · free Pay again · $0.04 Write off" in read
    as_ada.post(reverse("studio:retry_job", args=[job.code]))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.RUNNING, 1)


def test_an_unknown_outcome_is_sent_again_only_after_a_warning(as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    html = page(as_ada)
    assert "sending it again may cost twice" in html
    assert "It did not run, send again · $0.04" in words(html)
    assert reverse("studio:retry_job", args=[job.code]) not in html
    address = reverse("studio:send_job_again", args=[job.code])
    dialog = re.search(r'<div class="dialog".*?</form>', html, re.DOTALL)
    assert dialog
    assert "popover" in dialog[0]
    assert as_ada.post(address, form(html, address)).url.startswith(REVIEW)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING


def test_write_off_settles_a_case(as_ada: Client, alice: User, ada: User) -> None:
    job = people.make_job(alice, state="unknown")
    address = reverse("studio:write_off_job", args=[job.code])
    as_ada.post(address, form(page(as_ada), address))
    job.refresh_from_db()
    assert job.settled_by == ada
    assert "Nothing to review." in page(as_ada)

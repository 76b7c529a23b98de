"""The pulse of a page: what it asks, what it brings, and how it goes on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from studio.models import ApiAccount, Job, Picture, Revision, SendingPause, User
from studio.views import updates
from studio.views.create import feed
from tests.people import HTMX, make_job, make_submission
from tests.views.pulses import ask, next_query


def cards(body: str) -> list[str]:
    return re.findall(r'<(?:article|span)[^>]*id="(job-[0-9a-f-]{36})"', body)


def test_nothing_new_is_204_after_few_questions(as_alice: Client, alice: User) -> None:
    make_job(alice)
    since = Revision.current()
    with CaptureQueriesContext(connection) as captured:
        answer = as_alice.get("/pulse/", {"page": "create", "since": since})
    assert (answer.status_code, answer.content) == (204, b"")
    # The session, the person, the revision; and what the next pulse is compared with.
    assert len(captured) == 4


def test_a_changed_job_comes_as_itself_and_others_do_not(as_alice: Client, alice: User) -> None:
    job, other = make_job(alice), make_job(alice)
    since = Revision.current()
    job.cancel(now=timezone.now())
    body = ask(as_alice, since=since)
    assert cards(body) == [f"job-{job.code}"]
    assert 'data-state="cancelled"' in body
    assert f"job-{other.code}" not in body


def test_the_answer_says_where_to_go_on(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    job.cancel(now=timezone.now())
    query = next_query(ask(as_alice, whose="team", show="all"))
    assert query["since"] == str(Revision.current())
    assert query["born"] == str(job.submission_id)
    assert query["whose"] == "team"
    assert ask(as_alice, **query) == ""


def test_a_new_submission_goes_on_top_once(as_alice: Client, alice: User) -> None:
    since, born = feed.seen()
    job = make_job(alice)
    body = ask(as_alice, since=since, born=born)
    assert re.search(rf'<div data-top="now"><article[^>]*id="job-{job.code}"', body)
    assert cards(body) == [f"job-{job.code}"]


def test_more_new_submissions_than_fit_come_in_order_and_all(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "MOST_NEW", 2)
    jobs = [make_job(alice) for _ in range(3)]
    first = ask(as_alice, since=0, born=0)
    assert "every 100ms" in first
    assert re.findall(r'<article[^>]*id="job-([^"]+)"', first) == [str(jobs[1].code), str(jobs[0].code)]
    assert next_query(first)["born"] == str(jobs[1].submission_id)
    second = ask(as_alice, **next_query(first))
    assert re.findall(r'<article[^>]*id="job-([^"]+)"', second.split("data-top")[1])[0] == str(jobs[2].code)


def test_more_changes_than_fit_come_in_turns_and_none_is_lost(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "MOST_CARDS", 2)
    jobs = [make_job(alice) for _ in range(5)]
    since = Revision.current()
    for job in jobs:
        job.cancel(now=timezone.now())
    seen: list[str] = []
    query: dict[str, object] = {"since": since}
    while body := ask(as_alice, **query):
        seen += cards(body)
        query = {"since": next_query(body)["since"]}
    assert sorted(seen) == sorted(f"job-{job.code}" for job in jobs)


def test_another_persons_job_is_news_for_the_team_only(as_alice: Client, bob: User) -> None:
    job = make_job(bob)
    since = Revision.current()
    job.cancel(now=timezone.now())
    assert cards(ask(as_alice, since=since)) == []
    assert cards(ask(as_alice, since=since, whose="team")) == [f"job-{job.code}"]


def test_a_finished_picture_takes_the_place_of_its_card_and_fades_in(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="done")
    body = ask(as_alice)
    assert cards(body) == [f"job-{job.code}"]
    assert "is-arriving" in body
    later = timezone.now() - timedelta(minutes=5)
    Job.objects.filter(pk=job.pk).update(finished_at=later)
    assert "is-arriving" not in ask(as_alice)


def test_a_group_tells_its_count(as_alice: Client, alice: User) -> None:
    submission = make_submission(alice, count=4)
    make_job(alice, state="done", submission=submission)
    assert re.search(rf'id="count-{submission.code}">1 of 4<', ask(as_alice))


def test_a_dismissed_card_becomes_an_empty_place(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed")
    since = Revision.current()
    job.dismiss(now=timezone.now())
    assert re.search(rf'<span id="job-{job.code}" data-rev="\d+" hidden></span>', ask(as_alice, since=since))


def test_who_moves_up_in_line_is_told_without_a_new_card(as_alice: Client, alice: User) -> None:
    first, second = make_job(alice), make_job(alice)
    since = Revision.current()
    first.cancel(now=timezone.now())
    body = ask(as_alice, since=since)
    assert re.search(rf'id="place-{second.code}">next in line<', body)
    assert f'id="job-{second.code}"' not in body


def test_the_usual_wait_moves_along_and_ends_with_the_sending(
    as_alice: Client, alice: User, settings: Settings
) -> None:
    def told(**query: object) -> list[str]:
        return re.findall(rf'id="wait-{last.code}">([^<]*)<', ask(as_alice, **query))

    settings.LUMA_SLOTS = 1
    for took in (20, 30, 40):
        make_job(alice, state="done", now=timezone.now() - timedelta(minutes=5), took=timedelta(seconds=took))
    first, last = make_job(alice), make_job(alice)
    since = Revision.current()
    make_job(alice, state="cancelled")
    assert told(since=since) == ["usually 60–80 s"]
    since = Revision.current()
    first.cancel(now=timezone.now())
    assert told(since=since) == ["usually 30–40 s"]
    since = Revision.current()
    ApiAccount.current().pause(timezone.now() + timedelta(seconds=20), now=timezone.now())
    make_job(alice, state="cancelled")
    assert told(since=since) == [""]


def test_a_hundred_places_in_line_cost_no_more_questions_than_two(
    as_alice: Client, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.models.jobs.timing.REMEMBER", None)  # however long the rows take

    def questions() -> int:
        since = Revision.current()
        make_job(alice, state="cancelled")
        with CaptureQueriesContext(connection) as captured:
            ask(as_alice, since=since)
        return len(captured)

    settings.WAITING_PER_PERSON = 200
    make_submission(alice, count=2)
    questions()
    few = questions()
    for _ in range(14):
        make_submission(alice, count=7)
    assert questions() == few


def test_a_pause_that_begins_changes_the_waiting_cards_and_the_banner(as_alice: Client, alice: User) -> None:
    job = make_job(alice)
    since = Revision.current()
    SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now())
    body = ask(as_alice, since=since)
    assert cards(body) == [f"job-{job.code}"]
    assert "Waiting for budget" in body
    assert "Studio is out of budget." in body
    assert "1 job waits." in body
    assert next_query(body)["pauses"] == "funds"
    # The page knows it now; another change does not send the cards again.
    make_job(alice, state="cancelled")
    assert f"job-{job.code}" not in ask(as_alice, since=next_query(body)["since"], pauses="funds").split("pulse")[0]


def test_the_frame_comes_along_on_every_page(as_ada: Client, alice: User) -> None:
    make_job(alice, state="sending")
    make_job(alice, state="failed")
    for page in ("create", "gallery", "review", "other", "nonsense"):
        body = ask(as_ada, page=page)
        assert re.search(r'id="meter".*1 of 10 running', body, re.S), page
        assert re.search(r'id="review-count">1<', body), page
        assert 'id="banner"' in body, page
        assert body.count('id="pulse"') == 1, page


def test_beside_a_picture_no_slots_are_counted(as_ada: Client, alice: User) -> None:
    make_job(alice, state="failed")
    body = ask(as_ada, page="picture")
    assert [part in body for part in ('id="meter"', 'id="review-count"', 'id="banner"')] == [False, True, True]


def test_only_an_admin_hears_of_open_cases(as_alice: Client, alice: User) -> None:
    make_job(alice, state="failed")
    assert "review-count" not in ask(as_alice)


def test_the_gallery_hears_how_many_are_new(as_alice: Client, alice: User) -> None:
    make_job(alice, state="done")
    body = ask(as_alice, page="gallery", top="")
    assert 'id="new-pictures"' in body
    assert "1 new" in body
    assert Picture.objects.count() == 1


def test_the_page_of_a_job_hears_of_that_job(as_alice: Client, alice: User) -> None:
    job, other = make_job(alice), make_job(alice)
    since = Revision.current()
    other.cancel(now=timezone.now())
    assert 'id="life"' not in ask(as_alice, page="job", code=job.code, since=since)
    job.cancel(now=timezone.now())
    body = ask(as_alice, page="job", code=job.code, since=since)
    assert re.search(r'id="life"', body)
    assert next_query(body)["code"] == str(job.code)
    assert 'id="life"' not in ask(as_alice, page="job", code="<nonsense>", since=since)


@pytest.mark.parametrize("since", ["", "-1", "nonsense", "9" * 40, "²"])
def test_nonsense_in_the_address_is_only_a_page_that_knows_nothing(as_alice: Client, alice: User, since: str) -> None:
    make_job(alice, state="cancelled")
    assert 'id="pulse"' in ask(as_alice, since=since, born=since)


def test_the_number_of_my_jobs_in_progress_comes_along(as_alice: Client, alice: User, bob: User) -> None:
    make_job(alice)
    make_job(bob)
    assert 'data-mine="1"' in ask(as_alice)
    assert 'data-mine="1"' in ask(as_alice, whose="team")


def test_a_page_that_was_away_hears_of_what_has_ended_meanwhile(as_alice: Client, alice: User) -> None:
    since, born = feed.seen()
    job = make_job(alice, state="done")
    assert cards(ask(as_alice, since=since, born=born)) == [f"job-{job.code}"]


@pytest.mark.parametrize("page", ["all", "failed"])
def test_a_job_that_fails_goes_to_the_top_of_the_failed_ones(as_alice: Client, alice: User, page: str) -> None:
    for _ in range(updates.SETTLING):
        make_job(alice, state="cancelled")
    job = make_job(alice, state="failed")
    for _ in range(updates.SETTLING):
        make_job(alice, state="cancelled")
    Job.objects.filter(pk=job.pk).update(rev=Revision.bump())
    body = ask(as_alice, since=Revision.current() - 1, show=page)
    assert cards(body) == [f"job-{job.code}"]
    assert ('data-top="now"' in body) == (page == "failed")


def test_an_answer_says_up_to_where_it_leads(as_alice: Client, alice: User) -> None:
    make_job(alice)
    answer = as_alice.get("/pulse/", {"page": "create", "since": 0}, headers=HTMX)
    assert answer.headers["Studio-Revision"] == str(Revision.current())
    assert f'data-rev="{Revision.current()}"' in answer.content.decode()


def test_a_page_that_knows_more_than_the_tables_is_loaded_anew(as_alice: Client) -> None:
    answer = as_alice.get("/pulse/", {"page": "create", "since": Revision.current() + 5}, headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"


def test_a_page_of_another_role_hears_of_the_new_one_once(as_alice: Client, alice: User) -> None:
    asked = next_query(as_alice.get("/gallery/").content.decode())
    User.objects.filter(pk=alice.pk).update(role=User.Role.VIEWER)
    Revision.bump()
    told = as_alice.get("/pulse/", asked, headers=HTMX).content.decode()
    assert "You're a viewer now" in told
    assert re.search(r'<link id="viewer-rules"[^>]*css"\s*>', told)
    Revision.bump()
    assert "viewer now" not in as_alice.get("/pulse/", next_query(told), headers=HTMX).content.decode()
    User.objects.filter(pk=alice.pk).update(role=User.Role.DESIGNER)
    Revision.bump()
    told = as_alice.get("/pulse/", next_query(told), headers=HTMX).content.decode()
    assert "a designer now" in told
    assert re.search(r'<link id="viewer-rules"[^>]*disabled>', told)


@pytest.mark.parametrize("page", ["create", "gallery", "other"])
def test_the_pace_is_quick_while_something_is_under_way(as_alice: Client, alice: User, page: str) -> None:
    job = make_job(alice)
    assert 'hx-trigger="every 1s, pulse"' in ask(as_alice, page=page)
    job.cancel(now=timezone.now())
    assert 'hx-trigger="every 8s, pulse"' in ask(as_alice, page=page)

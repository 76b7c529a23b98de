"""The Create page: its feed, its views, its pages and its dock."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from studio.models import Job, User
from studio.views.create import feed
from studio.views.create.page import SEEN_AT_ONCE
from tests.people import HTMX, LUMA_FAILED, make_job, make_picture, make_submission

# Two for the session and the person; the frame; what the dock asks; the feed. It does not grow with the jobs.
MOST_QUERIES = 24


def ids(content: bytes) -> list[str]:
    return re.findall(r'id="((?:job|submission)-[0-9a-f-]{36})"', content.decode())


def test_the_first_visit_offers_examples_that_fill_the_dock_without_script(as_alice: Client) -> None:
    page = as_alice.get("/")
    assert "Make the first picture" in page.content.decode()
    assert page.content.decode().count("Free in demo mode") == 3
    link = re.findall(r'class="example" href="([^"]+)"', page.content.decode())[0].replace("&amp;", "&")
    filled = as_alice.get(link).content.decode()
    assert re.search(r'name="prompt"[^>]*>\s*A whitewashed courtyard at noon', filled)
    assert Job.objects.count() == 0


def test_the_examples_are_gone_once_something_was_made(as_alice: Client, alice: User) -> None:
    make_job(alice, state="done")
    assert "Make the first picture" not in as_alice.get("/").content.decode()


def test_what_is_under_way_stands_above_what_is_done_newest_first(as_alice: Client, alice: User) -> None:
    now = timezone.now()
    made = make_job(alice, state="done", now=now)
    older, newer = (make_job(alice, state="making", now=now - timedelta(minutes=age)) for age in (20, 10))
    assert ids(as_alice.get("/").content) == [f"job-{job.code}" for job in (newer, older, made)]


def test_the_largest_pictures_of_the_first_screen_are_fetched_first(as_alice: Client, alice: User) -> None:
    now = timezone.now()
    group = make_submission(alice, count=4)
    for _ in range(4):
        make_job(alice, state="done", submission=group)
    for age in range(1, SEEN_AT_ONCE + 5):
        make_job(alice, state="done", now=now - timedelta(minutes=age))
    html = as_alice.get("/").content.decode()
    feed_of_page = html[html.index('id="feed"') :]
    assert feed_of_page.count('fetchpriority="high"') == SEEN_AT_ONCE - 1  # the group is one of the submissions
    assert feed_of_page.count('loading="lazy"') == 4 + 5


def test_a_failed_job_stays_until_it_is_dismissed(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    page = as_alice.get("/").content.decode()
    assert f'id="job-{job.code}"' in page
    assert re.search(r"Try again\s*<span[^>]*>· \$0.04", page)
    job.dismiss(now=timezone.now())
    assert f'id="job-{job.code}"' not in as_alice.get("/").content.decode()


def test_mine_is_mine_and_team_is_everybodys(as_alice: Client, alice: User, bob: User) -> None:
    mine, theirs = make_job(alice), make_job(bob)
    assert ids(as_alice.get("/").content) == [f"job-{mine.code}"]
    assert set(ids(as_alice.get("/?whose=team").content)) == {f"job-{mine.code}", f"job-{theirs.code}"}


def test_somebody_elses_job_has_no_buttons(as_bob: Client, alice: User) -> None:
    make_job(alice)
    page = as_bob.get("/?whose=team").content.decode()
    assert "/cancellation/" not in page
    assert "<span>Alice</span>" in page


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("all", {"waiting", "failed", "done", "cancelled"}),
        ("progress", {"waiting"}),
        ("failed", {"failed"}),
        ("done", {"done"}),
        ("nonsense", {"waiting", "failed", "done", "cancelled"}),
    ],
)
def test_each_view_shows_its_part(as_alice: Client, alice: User, show: str, expected: set[str]) -> None:
    jobs = {state: make_job(alice, state=state) for state in ("waiting", "failed", "done", "cancelled")}
    shown = ids(as_alice.get(f"/?show={show}").content)
    assert set(shown) == {f"job-{jobs[state].code}" for state in expected}


def test_the_links_count(as_alice: Client, alice: User) -> None:
    for state in ("waiting", "making", "failed", "done", "done", "cancelled"):
        make_job(alice, state=state)
    page = as_alice.get("/").content.decode()
    counted = re.findall(r'<a[^>]*id="show-(\w+)"[^>]*>[^<]*(?:<span class="num">(\d+))?', page)
    assert counted == [("all", ""), ("progress", "2"), ("failed", "1"), ("done", "2")]
    assert "<title>(2) Studio</title>" in page


@pytest.mark.parametrize("count", [2, 4])
def test_up_to_four_pictures_of_one_submit_are_one_tile_of_cells(as_alice: Client, alice: User, count: int) -> None:
    submission = make_submission(alice, count=count)
    make_job(alice, state="done", submission=submission)
    page = as_alice.get("/").content.decode()
    group = re.search(rf'<section class="([^"]*)" id="submission-{submission.code}"', page)
    assert group is not None
    assert ("group--pair" in group[1]) == (count == 2)
    assert f"1 of {count}<" in page
    assert f"1 done, {count - 1} waiting" in page


@pytest.mark.parametrize(("count", "layout"), [(5, "group--many"), (10, "group--most"), (20, "group--most")])
def test_however_many_are_one_tile_of_cells(as_alice: Client, alice: User, count: int, layout: str) -> None:
    submission = make_submission(alice, count=count)
    body = as_alice.get("/").content.decode()
    assert f'class="tile group {layout}' in body
    jobs = {f"job-{job.code}" for job in submission.jobs.all()}
    assert set(ids(body.encode())) == jobs | {f"submission-{submission.code}"}


def test_a_chosen_candidate_stands_for_its_group(as_alice: Client, alice: User) -> None:
    submission = make_submission(alice, count=3)
    chosen, other = (make_job(alice, submission=submission, state="done") for _ in range(2))
    assert submission.choose(chosen)
    body = as_alice.get("/").content.decode()
    assert f'<article class="tile {chosen.pictures.get().ratio_class}" id="job-{chosen.code}"' in body
    assert re.search(rf'<span id="job-{other.code}"[^>]* hidden>', body)
    # What is still to come stays in sight, beside it.
    assert f'id="job-{submission.jobs.get(state="waiting").code}" data-state="waiting"' in body


def test_a_dismissed_cell_leaves_the_group(as_alice: Client, alice: User) -> None:
    submission = make_submission(alice, count=3)
    job = make_job(alice, state="failed", submission=submission)
    job.dismiss(now=timezone.now())
    page = as_alice.get("/").content.decode()
    assert f"job-{job.code}" not in page
    assert "0 of 2<" in page


def test_the_box_of_a_picture_is_the_box_of_its_job(as_alice: Client, alice: User) -> None:
    def box(job: Job) -> set[str]:
        tag = re.search(rf'<article class="([^"]*)" id="job-{job.code}"', as_alice.get("/").content.decode())
        assert tag is not None
        return {name for name in tag[1].split() if name != "job"}

    submission = make_submission(alice, aspect_ratio="9:16")
    before = box(submission.jobs.get())
    job = make_job(alice, state="done", submission=submission)
    assert before == box(job) == {"tile", "r-9x16"}


def test_older_pictures_come_page_by_page(as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE", 2)
    now = timezone.now()
    jobs = [make_job(alice, state="done", now=now - timedelta(minutes=age)) for age in range(5)]
    codes = [f"job-{job.code}" for job in jobs]
    page = as_alice.get("/")
    assert ids(page.content) == codes[:2]
    seen = codes[:2]
    while link := re.search(r'id="more"><a[^>]*href="([^"]+)"', page.content.decode()):
        page = as_alice.get(link[1].replace("&amp;", "&"), headers=HTMX)
        assert b"<html" not in page.content
        seen += ids(page.content)
    assert seen == codes


def test_without_script_the_next_page_is_a_whole_page(
    as_alice: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 1)
    now = timezone.now()
    older = make_job(alice, state="done", now=now - timedelta(minutes=5))
    newer = make_job(alice, state="done", now=now)
    make_job(alice)
    page = as_alice.get(f"/?after={newer.submission.code}").content
    assert ids(page) == [f"job-{older.code}"]
    assert b'id="compose"' in page


def test_the_place_of_what_turned_private_stays_a_place_and_its_code_is_unknown(
    as_bob: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 1)
    now = timezone.now()
    older, newer = (make_job(alice, state="done", now=now - timedelta(minutes=age)) for age in (5, 0))
    page = as_bob.get("/?whose=team").content.decode()
    [more] = re.findall(r'id="more"><a[^>]*href="([^"]+)"', page)
    newer.submission.set_privacy(True)
    assert ids(as_bob.get(more.replace("&amp;", "&"), headers=HTMX).content) == [f"job-{older.code}"]
    assert as_bob.get(f"/?whose=team&after={newer.submission.code}").status_code == 404


@pytest.mark.parametrize("after", ["nonsense", "6d5ea4a4-9f3b-4bb1-a6c9-000000000000"])
def test_a_page_after_nothing_is_not_found(as_alice: Client, after: str) -> None:
    assert as_alice.get(f"/?after={after}").status_code == 404


def test_the_dock_is_filled_by_a_job_that_is_edited(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", prompt="The mayor")
    page = as_alice.get(f"/?edit={job.code}").content.decode()
    assert re.search(r'name="prompt"[^>]*>\s*The mayor', page)


@pytest.fixture
def usual_times_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the rows take to be made: each kind's usual time is read again after 15 seconds, a query each."""
    monkeypatch.setattr("studio.models.jobs.timing.REMEMBER", None)


@pytest.mark.usefixtures("usual_times_are_known")
def test_the_number_of_queries_does_not_grow(as_alice: Client, alice: User, settings: Settings) -> None:
    settings.LUMA_REQUESTS_PER_MINUTE = 1000  # a full minute asks when the next request may leave

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert as_alice.get("/").status_code == 200
        return len(captured)

    source = make_picture(alice)
    states = ("waiting", "making", "saving", "failed", "unknown", "cancelled", "done")

    def fill() -> None:
        for state in states:
            make_job(alice, state=state)
            make_job(alice, state=state, type="image_edit", source=source, references=[make_picture(alice)])
        make_job(alice, state="done", submission=make_submission(alice, count=4))

    for _ in range(3):  # then no place at Luma is free
        fill()
    queries()
    few = queries()
    fill()
    fill()
    # Lost requests hold every place here: what the strip on each page says of that is six of them.
    assert queries() == few <= MOST_QUERIES + 6


def test_what_failed_stands_in_no_row_of_now(as_alice: Client, alice: User) -> None:
    """A year of failures nobody dismissed is a strip; what is under way always stands on the page."""
    waiting = make_job(alice, now=timezone.now() - timedelta(days=1))
    for _ in range(feed.MOST_CARDS_BESIDE):
        submission = make_submission(alice, count=2)
        for _ in range(2):
            make_job(alice, state="failed", failure=LUMA_FAILED, submission=submission)
    assert [name for name in ids(as_alice.get("/").content) if name.startswith("job-")] == [f"job-{waiting.code}"]


def test_a_stranger_is_sent_to_the_door() -> None:
    assert Client().get("/").headers["Location"].startswith("/sign-in/")


def test_a_link_with_a_source_and_words_fills_both(as_alice: Client, alice: User) -> None:
    source = make_picture(alice)
    page = as_alice.get(f"/?source={source.code}&prompt=Deep+blue").content.decode()
    assert re.search(r'name="prompt"[^>]*>\s*Deep blue', page)
    assert 'value="image_edit" checked' in page
    # Nothing was typed before, so there is nothing to bring back.
    assert re.search(r'id="dock-before" hidden', page)
    # A source that is not there leaves the words.
    page = as_alice.get(f"/?source={uuid.uuid4()}&prompt=Deep+blue").content.decode()
    assert re.search(r'name="prompt"[^>]*>\s*Deep blue', page)

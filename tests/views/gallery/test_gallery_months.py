"""The months and days of the gallery: named, counted and jumped to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.models import GalleryMonth, Picture, User
from studio.views.gallery.page import Cursor
from tests.people import HTMX, make_job
from tests.views.galleries import GALLERY, codes, hang, shown


def headings(html: str) -> list[tuple[str, ...]]:
    return re.findall(r'data-span="[^"]+"><h2>([^<]+)</h2>\s*<span[^>]*>([^<]+)</span>', html)


@pytest.fixture
def months(alice: User) -> list[Picture]:
    """Two in November, two in October and one in December a year ago, newest first."""
    days = (datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC), datetime(2025, 12, 3, tzinfo=UTC))
    return [picture for day, count in zip(days, (2, 2, 1), strict=True) for picture in hang(alice, count, newest=day)]


@time_machine.travel("2026-11-22T12:00:00Z", tick=False)
def test_a_month_is_named_and_counted_where_it_begins_and_not_again_on_the_next_page(
    as_alice: Client, months: list[Picture]
) -> None:
    html = as_alice.get(GALLERY).content.decode()
    assert headings(html) == [("November", "2"), ("October", "2"), ("December 2025", "1")]
    following = as_alice.get(f"{GALLERY}?after={Cursor.at(months[0])}", headers=HTMX).content.decode()
    assert headings(following) == [("October", "2"), ("December 2025", "1")]


def test_a_whole_page_says_in_which_month_it_begins(as_alice: Client, months: list[Picture]) -> None:
    html = as_alice.get(f"{GALLERY}?after={Cursor.at(months[0])}").content.decode()
    assert headings(html)[0][0].startswith("November")


def test_the_scrubber_links_to_every_month_with_its_number_and_share(as_alice: Client, months: list[Picture]) -> None:
    html = as_alice.get(GALLERY).content.decode()
    stops = re.findall(r'scrubber__stop (at-\d+)">\s*<a href="([^"]+)"[^>]*aria-label="([^"]+)"', html, re.DOTALL)
    assert stops == [
        ("at-40", "/gallery/?at=2026-11", "November 2026, 2 pictures"),
        ("at-40", "/gallery/?at=2026-10", "October 2026, 2 pictures"),
        ("at-20", "/gallery/?at=2025-12", "December 2025, 1 picture"),
    ]
    assert re.findall(r"scrubber__year[^>]*>(\d+)<", html) == ["2026", "2025"]


def test_a_jump_begins_with_the_newest_picture_of_the_month(as_alice: Client, months: list[Picture]) -> None:
    html = as_alice.get(f"{GALLERY}?at=2026-10").content.decode()
    assert shown(html) == codes(months[2:])
    assert f"?before={Cursor.at(months[2])}" in html
    assert f"top={Cursor.at(months[0])}" in html


def test_a_jump_to_a_month_without_pictures_begins_with_the_next_older_one(
    as_alice: Client, months: list[Picture]
) -> None:
    assert shown(as_alice.get(f"{GALLERY}?at=2026-05").content.decode()) == codes(months[4:])


def test_a_jump_to_the_newest_month_is_the_top_and_has_nothing_newer(as_alice: Client, months: list[Picture]) -> None:
    html = as_alice.get(f"{GALLERY}?at=2026-11").content.decode()
    assert shown(html) == codes(months)
    assert 'id="newer"' not in html


@pytest.mark.parametrize(
    "nonsense", ["2026", "2026-13", "2026-00", "26-1", "0000-01", "9999-12", "november", "2026-1", "٢٠٢٦-١١"]
)
def test_a_month_that_is_none_is_a_clear_page(as_alice: Client, nonsense: str) -> None:
    answer = as_alice.get(GALLERY, {"at": nonsense})
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_a_month_begins_at_midnight_of_the_studios_own_time_zone(as_alice: Client, alice: User, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"  # 13 hours ahead in November
    with timezone.override("Pacific/Auckland"):
        late = hang(alice, 1, newest=datetime(2026, 10, 31, 12, tzinfo=UTC))
        early = hang(alice, 1, newest=datetime(2026, 10, 31, 10, tzinfo=UTC))
        assert shown(as_alice.get(f"{GALLERY}?at=2026-11").content.decode()) == codes(late + early)
        assert shown(as_alice.get(f"{GALLERY}?at=2026-10").content.decode()) == codes(early)
        assert dict(GalleryMonth.objects.values_list("month", "number")) == {"2026-11": 1, "2026-10": 1}


def test_ones_own_private_pictures_are_counted_where_they_are_shown(
    as_alice: Client, as_bob: Client, alice: User, months: list[Picture]
) -> None:
    """What is selected with all others, and deleted with them, is in the number."""
    make_job(alice, state="done", is_private=True, now=datetime(2026, 10, 5, tzinfo=UTC))
    own, others = (one.get(GALLERY).content.decode() for one in (as_alice, as_bob))
    assert [number for _, number in headings(own)] == ["2", "3", "1"]
    assert [number for _, number in headings(others)] == ["2", "2", "1"]
    assert [re.findall(r'id="grid"[^>]*data-total="(\d+)"', html) for html in (own, others)] == [["6"], ["5"]]


# ---- By day


@pytest.fixture
def days(alice: User) -> list[Picture]:
    """Two today, one yesterday, one on another day of the year and one in another year, newest first."""
    days = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (22, 21, 3))
    made = [picture for day, count in zip(days, (2, 1, 1), strict=True) for picture in hang(alice, count, newest=day)]
    return made + hang(alice, 1, newest=datetime(2025, 12, 3, 9, tzinfo=UTC))


BY_DAY = [
    ("Sunday 22 November", "2"),
    ("Saturday 21 November", "1"),
    ("Tuesday 3 November", "1"),
    ("Wednesday 3 December 2025", "1"),
]


@time_machine.travel("2026-11-22T12:00:00Z", tick=False)
def test_a_day_is_named_and_counted_where_it_begins_and_not_again_on_the_next_page(
    as_alice: Client, days: list[Picture]
) -> None:
    html = as_alice.get(GALLERY, {"by": "day"}).content.decode()
    assert headings(html) == BY_DAY
    assert re.findall(r'data-span="([^"]+)"', html) == ["2026-11-22", "2026-11-21", "2026-11-03", "2025-12-03"]
    following = as_alice.get(f"{GALLERY}?by=day&after={Cursor.at(days[0])}", headers=HTMX).content.decode()
    assert headings(following) == BY_DAY[1:]
    assert headings(as_alice.get(GALLERY, {"by": "day", "sort": "oldest"}).content.decode()) == BY_DAY[::-1]
    # What is searched for is not counted; the scrubber jumps to months.
    found = as_alice.get(GALLERY, {"by": "day", "type": "image"}).content.decode()
    assert (headings(found), "<h2>Saturday 21 November</h2>" in found) == ([], True)
    assert 'href="/gallery/?by=day&amp;at=2025-12"' in html


@time_machine.travel("2026-11-22T12:00:00Z", tick=False)
def test_the_days_of_a_page_are_read_at_once_and_no_other(as_alice: Client, days: list[Picture]) -> None:
    with CaptureQueriesContext(connection) as captured:
        as_alice.get(f"{GALLERY}?by=day&after={Cursor.at(days[1])}", headers=HTMX)
    read = [query["sql"] for query in captured if "studio_galleryday" in query["sql"]]
    assert len(read) == 1
    assert ["2026-11-21" in read[0], "2026-11-22" in read[0]] == [True, False]


def test_by_day_is_kept_by_all_that_leads_on_and_can_be_taken_off(as_alice: Client, days: list[Picture]) -> None:
    month = as_alice.get(GALLERY).content.decode()
    assert 'href="/gallery/?by=day"' in month
    html = as_alice.get(GALLERY, {"by": "day"}).content.decode()
    assert '<input type="hidden" name="by" value="day">' in html
    assert re.search(r'href="/gallery/"[^>]*>\s*(?:<[^>]+>\s*)*By day', html)
    page = as_alice.get(f"/pictures/{days[1].code}/", headers={"Referer": f"http://testserver{GALLERY}?by=day"})
    assert 'href="/gallery/?by=day"' in page.content.decode()


def test_headings_that_there_are_none_of_are_told(as_alice: Client, days: list[Picture]) -> None:
    assert "Headings “week”" in as_alice.get(GALLERY, {"by": "week"}).content.decode()


def test_ones_own_private_pictures_are_counted_in_their_day(
    as_alice: Client, as_bob: Client, alice: User, days: list[Picture]
) -> None:
    make_job(alice, state="done", is_private=True, now=datetime(2025, 12, 3, 20, tzinfo=UTC))
    own, others = (headings(one.get(GALLERY, {"by": "day"}).content.decode())[-1] for one in (as_alice, as_bob))
    assert (own[1], others[1]) == ("2", "1")

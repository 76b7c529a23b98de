"""The months of the gallery: named, counted and jumped to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from studio.models import GalleryMonth, Picture, User
from studio.views.gallery.page import Cursor
from tests.people import HTMX, make_job
from tests.views.galleries import GALLERY, codes, hang, shown


def headings(html: str) -> list[tuple[str, ...]]:
    return re.findall(r'data-month="[^"]+"><h2>([^<]+)</h2>\s*<span[^>]*>([^<]+)</span>', html)


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

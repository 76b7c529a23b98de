from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from studio.models import ApiAccount, GalleryMonth, Picture, Revision, User
from studio.views import gallery
from studio.views.gallery import FIRST, PAGE, Cursor
from tests import people
from tests.people import HTMX, signed_in

GALLERY = reverse("studio:gallery")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def hang(
    person: User, count: int, *, newest: datetime = NOON, apart: timedelta = timedelta(minutes=1)
) -> list[Picture]:
    """Hang pictures of one job in the gallery and return them newest first."""
    job = people.make_job(person, state="done", now=newest - apart * count)
    people.delete_pictures(job)
    return [
        people.make_picture(person, job=job, position=place, shown_at=newest - apart * place, renditions=(256,))
        for place in range(count)
    ]


def shown(html: str) -> list[str]:
    return re.findall(r'id="picture-([0-9a-f-]{36})"', html)


def codes(pictures: list[Picture]) -> list[str]:
    return [str(picture.code) for picture in pictures]


def test_everybody_sees_the_teams_pictures_newest_first(as_bob: Client, alice: User) -> None:
    pictures = hang(alice, 3)
    assert shown(as_bob.get(GALLERY).content.decode()) == codes(pictures)


def test_uploads_and_pictures_without_a_rendition_yet_are_not_in_it(as_alice: Client, alice: User) -> None:
    people.make_picture(alice)
    job = people.make_job(alice, state="done")
    Picture.objects.filter(job=job).update(shown_at=None)
    assert shown(as_alice.get(GALLERY).content.decode()) == []


def test_the_box_has_the_pictures_ratio_before_the_picture_arrives(as_alice: Client, alice: User) -> None:
    people.make_job(alice, state="done", aspect_ratio="3:2")
    html = as_alice.get(GALLERY).content.decode()
    assert 'class="tile r-3x2"' in html
    assert 'width="2464" height="1696"' in html
    assert re.search(r'srcset="[^"]+-256\.webp 256w, [^"]+-512\.webp 512w"', html)


def test_what_every_screen_shows_at_once_is_fetched_first(as_alice: Client, alice: User) -> None:
    for _ in range(FIRST + 2):
        people.make_job(alice, state="done")
    html = as_alice.get(GALLERY).content.decode()
    assert html.count('fetchpriority="high"') == FIRST
    assert html.count('loading="lazy"') == 2
    assert html.index('fetchpriority="high"') < html.index('loading="lazy"')


def test_a_tile_offers_what_comes_next_as_links(as_alice: Client, alice: User) -> None:
    job = people.make_job(alice, state="done")
    code = job.pictures.get().code
    html = as_alice.get(GALLERY).content.decode()
    for address in (
        f"/?source={code}",
        f"/?reference={code}",
        f"/?like={job.submission.code}",
        reverse("studio:download", args=[code]),
    ):
        assert f'href="{address}"' in html


def test_a_tile_says_who_made_it_and_when(as_bob: Client, alice: User) -> None:
    people.make_job(alice, state="done")
    assert re.search(rf'tools__who" dir="auto">{alice.name}, Today \d\d:\d\d<', as_bob.get(GALLERY).content.decode())
    team = as_bob.get("/?whose=team").content.decode()
    assert f'tools__who" dir="auto">{alice.name}, ' in team
    assert "tools__who" not in signed_in(alice).get("/?whose=team").content.decode()


def test_an_empty_gallery_says_what_to_do(as_alice: Client) -> None:
    html = as_alice.get(GALLERY).content.decode()
    assert "No pictures yet" in html
    assert "Make the first picture" in html


# ---- Pages


def test_following_load_more_shows_every_picture_once(as_alice: Client, alice: User) -> None:
    # Several at one instant: the order within it must hold across pages.
    pictures = hang(alice, PAGE + 30, apart=timedelta(0))
    expected = sorted(pictures, key=lambda p: -p.pk)
    first = as_alice.get(GALLERY).content.decode()
    more = re.search(r'href="(/gallery/\?after=[^"]+)"', first)
    assert more
    second = as_alice.get(more[1]).content.decode()
    assert shown(first) + shown(second) == codes(expected)
    assert "Load more" not in second


def test_htmx_gets_only_what_follows_and_replaces_the_link_with_it(as_alice: Client, alice: User) -> None:
    pictures = hang(alice, PAGE + 5)
    html = as_alice.get(f"{GALLERY}?after={Cursor.at(pictures[PAGE - 1])}", headers=HTMX).content.decode()
    assert shown(html) == codes(pictures[PAGE:])
    assert "<html" not in html
    assert 'id="more"' not in html


@pytest.mark.parametrize("nonsense", ["x", "1-2-3", "-"])
def test_nonsense_for_the_place_before_is_not_found(as_alice: Client, nonsense: str) -> None:
    assert as_alice.get(f"{GALLERY}?before={nonsense}").status_code == 404


def test_the_link_to_more_loads_itself_when_it_comes_into_view(as_alice: Client, alice: User) -> None:
    hang(alice, PAGE + 1)
    link = re.search(r"<a [^>]*>Load more</a>", as_alice.get(GALLERY).content.decode())
    assert link
    assert 'hx-trigger="click, revealed"' in link[0]
    assert 'hx-swap="outerHTML"' in link[0]


@pytest.mark.parametrize(
    "nonsense",
    ["x", "1", "1-2-3", "99999999999999999999999-1", "1-99999999999999999999", "253402300799999999-1", "-1-1", "-"],
)
def test_an_address_with_nonsense_for_a_place_is_not_found(as_alice: Client, nonsense: str) -> None:
    assert as_alice.get(f"{GALLERY}?after={nonsense}").status_code == 404
    assert as_alice.get(f"{GALLERY}?q=boat&after={nonsense}", headers=HTMX).status_code == 404


def test_a_cursor_survives_its_address() -> None:
    cursor = Cursor(datetime(2026, 11, 10, 12, 0, 0, 123457, tzinfo=UTC), 42)
    assert Cursor.parse(str(cursor)) == cursor


def test_a_page_takes_as_many_queries_with_sixty_pictures_as_with_one(
    as_alice: Client, alice: User, django_assert_num_queries: Any
) -> None:
    hang(alice, 1)
    as_alice.get(GALLERY)
    # Session and person, revision, pictures, renditions, who made them, months, my stars; people, looks, boards, tags
    # and views of the finder; the
    # frame.
    ApiAccount.configure()
    with django_assert_num_queries(11):
        as_alice.get(GALLERY)
    hang(alice, PAGE)
    with django_assert_num_queries(11):
        as_alice.get(GALLERY)


def test_a_page_deep_in_the_gallery_never_skips_rows_by_counting(
    as_alice: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    pictures = hang(alice, PAGE + 5)
    with django_assert_max_num_queries(8) as asked:
        as_alice.get(f"{GALLERY}?after={Cursor.at(pictures[PAGE])}", headers=HTMX)
    assert not [query for query in asked.captured_queries if "OFFSET" in query["sql"].upper()]


# ---- Months


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


# ---- Newer ones, from a place in the middle


def test_newer_pages_lead_back_to_the_top_and_show_every_picture_once(as_alice: Client, alice: User) -> None:
    pictures = hang(alice, 2 * PAGE + 10)
    found: list[str] = []
    page = as_alice.get(f"{GALLERY}?after={Cursor.at(pictures[2 * PAGE - 1])}").content.decode()
    assert shown(page) == codes(pictures[2 * PAGE :])
    while newer := re.search(r'href="(/gallery/\?before=[^"]+)"', page):
        page = as_alice.get(newer[1], headers=HTMX).content.decode()
        assert "<html" not in page
        assert 'id="more"' not in page
        found = shown(page) + found
    assert found == codes(pictures[: 2 * PAGE])


def test_without_script_a_newer_page_leads_in_both_directions(as_alice: Client, alice: User) -> None:
    pictures = hang(alice, 2 * PAGE + 10)
    page = as_alice.get(f"{GALLERY}?before={Cursor.at(pictures[PAGE + 5])}").content.decode()
    assert shown(page) == codes(pictures[5 : PAGE + 5])
    assert f"?before={Cursor.at(pictures[5])}" in page
    assert f"?after={Cursor.at(pictures[PAGE + 4])}" in page


def test_nothing_is_newer_than_the_newest(as_alice: Client, alice: User) -> None:
    [only] = hang(alice, 1)
    answer = as_alice.get(f"{GALLERY}?before={Cursor.at(only)}")
    assert answer.status_code == 200
    assert shown(answer.content.decode()) == []


# ---- News, for the pulse


def news(person: User, top: str) -> str:
    request = RequestFactory().get("/pulse/", {"page": "gallery", "top": top})
    request.user = person
    return gallery.update(request, Revision.current())


def test_the_pill_counts_what_is_newer_than_the_first_tile(alice: User) -> None:
    pictures = hang(alice, 4)
    html = news(alice, str(Cursor.at(pictures[1])))
    assert "1 new" in html
    assert 'href="/gallery/"' in html
    assert 'id="new-pictures"' in html
    assert "hidden" not in html.partition(">")[0]


def test_without_news_the_pill_is_hidden(alice: User) -> None:
    pictures = hang(alice, 1)
    assert "hidden" in news(alice, str(Cursor.at(pictures[0]))).partition(">")[0]


def test_the_first_picture_of_an_empty_gallery_is_news(alice: User) -> None:
    hang(alice, 2)
    assert "2 new" in news(alice, "")


def test_the_pill_stops_counting_at_a_hundred(alice: User) -> None:
    hang(alice, 101)
    assert "99+ new" in news(alice, "")

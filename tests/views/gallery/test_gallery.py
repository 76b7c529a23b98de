"""The gallery without a search: its tiles, its pages, and what is newer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from studio.models import ApiAccount, Picture, Revision, User
from studio.views.gallery import page as gallery
from studio.views.gallery.finder import PAGE
from studio.views.gallery.page import FIRST, Cursor
from tests import people
from tests.people import HTMX, signed_in
from tests.views.galleries import GALLERY, codes, hang, shown


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
    # Two of 3:2 beside each other need 25.7rem: on a narrower phone each has a row to itself.
    assert 'sizes="(width &lt; 25.7rem) 100vw, (width &lt; 48rem) 12.3rem, 23.2rem"' in html


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
    assert re.search(rf'tools__who">{alice.name}, Today \d\d:\d\d<', as_bob.get(GALLERY).content.decode())
    team = as_bob.get("/?whose=team").content.decode()
    assert f'tools__who">{alice.name}, ' in team
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
    # Session and person, the frame, pictures, renditions, who made them, months, my stars; people, looks, boards, tags
    # and views of the finder.
    ApiAccount.configure()
    with django_assert_num_queries(10):
        as_alice.get(GALLERY)
    hang(alice, PAGE)
    with django_assert_num_queries(10):
        as_alice.get(GALLERY)


def test_a_page_deep_in_the_gallery_never_skips_rows_by_counting(
    as_alice: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    pictures = hang(alice, PAGE + 5)
    with django_assert_max_num_queries(8) as asked:
        as_alice.get(f"{GALLERY}?after={Cursor.at(pictures[PAGE])}", headers=HTMX)
    assert not [query for query in asked.captured_queries if "OFFSET" in query["sql"].upper()]


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

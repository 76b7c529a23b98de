"""From a picture to its neighbours: the arrows, the filmstrip and the way back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Picture, User
from studio.views.pictures.picture_lists import Gallery, position
from tests import people
from tests.views.picture_pages import arrows, page


@pytest.fixture
def source(alice: User) -> Picture:
    return people.make_job(alice, state="done", prompt="Courtyard at noon").pictures.get()


def test_the_arrows_lead_to_the_neighbours_in_the_gallery(as_bob: Client, alice: User) -> None:
    now = timezone.now()
    older, this, newer = (
        people.make_job(alice, state="done", now=now - timedelta(minutes=10 - place)).pictures.get()
        for place in range(3)
    )
    html = page(as_bob, this)
    assert re.search(
        rf'href="{newer.get_absolute_url()}"\s+aria-label="Newer picture" aria-keyshortcuts="ArrowLeft"', html
    )
    assert re.search(
        rf'href="{older.get_absolute_url()}"\s+aria-label="Older picture" aria-keyshortcuts="ArrowRight"', html
    )
    assert "Newer picture" not in page(as_bob, newer)
    assert "Older picture" not in page(as_bob, older)


def test_the_filmstrip_shows_what_lies_beside_it_in_its_list(alice: User, bob: User) -> None:
    now = timezone.now()
    by = [alice, bob, alice, bob, alice]
    made = [
        people.make_job(who, state="done", now=now - timedelta(minutes=place)).pictures.get()
        for place, who in enumerate(by)
    ]
    client = people.signed_in(alice)

    def strip(picture: Picture, of: str = "") -> list[str]:
        html = client.get(f"/pictures/{picture.code}/filmstrip/{of}").content.decode()
        return re.findall(r'href="([^"]+)"', html)

    assert strip(made[2]) == [one.get_absolute_url() for one in made]
    assert strip(made[2], "?of=mine") == [f"{one.get_absolute_url()}?of=mine" for one in made[::2]]
    assert strip(people.make_picture(alice)) == []


def test_the_filmstrip_stops_on_both_sides(alice: User, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    made = [
        people.make_job(alice, state="done", now=now - timedelta(minutes=place)).pictures.get() for place in range(25)
    ]
    client = people.signed_in(alice)
    for of in ("", "?of=mine"):
        with django_assert_max_num_queries(12):
            html = client.get(f"/pictures/{made[12].code}/filmstrip/{of}").content.decode()
        assert re.findall(r"/pictures/([0-9a-f-]{36})/[\"?]", html) == [str(one.code) for one in made[2:23]]


def test_neighbours_of_one_instant_are_told_apart(alice: User) -> None:
    at = timezone.now()
    first, second, third = (people.make_job(alice, state="done", now=at).pictures.get() for _ in range(3))
    place = Gallery(alice).place(second)
    assert (place.newer, place.older) == (third, first)


def test_the_arrows_follow_the_list_that_the_picture_was_opened_from(alice: User, bob: User) -> None:
    now = timezone.now()
    by = [alice, bob, alice, bob, alice]
    made = [
        people.make_job(who, state="done", now=now - timedelta(minutes=place)).pictures.get()
        for place, who in enumerate(by)
    ]
    people.make_job(alice, state="failed", now=now - timedelta(seconds=30))
    url = [one.get_absolute_url() for one in made]
    as_alice = people.signed_in(alice)
    assert arrows(as_alice, made[2]) == (url[1], url[3], "3 of 5")
    mine, team = (
        (f"{url[0]}?of=mine", f"{url[4]}?of=mine", "2 of 3"),
        (f"{url[1]}?of=team", f"{url[3]}?of=team", "3 of 5"),
    )
    assert arrows(as_alice, made[2], "?of=mine") == mine
    assert arrows(as_alice, made[2], "?of=team") == team
    assert arrows(as_alice, made[2], Referer="http://testserver/") == mine
    assert arrows(as_alice, made[2], Referer="http://testserver/?whose=team&show=done") == team
    assert arrows(as_alice, made[2], Referer="http://testserver/gallery/") == (url[1], url[3], "3 of 5")
    assert arrows(as_alice, made[2], Referer=f"http://testserver{url[0]}?of=mine") == mine
    # A foreign page names no list.
    assert arrows(as_alice, made[2], Referer="https://elsewhere.example/") == (url[1], url[3], "3 of 5")
    assert arrows(as_alice, made[2], Referer="http://[bad") == (url[1], url[3], "3 of 5")


def test_the_arrows_of_ones_own_walk_through_a_submit_in_its_order(alice: User) -> None:
    now = timezone.now()
    older = people.make_job(alice, state="done", now=now - timedelta(hours=1)).pictures.get()
    asked = people.make_submission(alice, count=3, now=now)
    one, gone, three = (people.make_job(alice, state="done", submission=asked, now=now) for _ in range(3))
    gone.dismiss(now=now)
    client = people.signed_in(alice)
    first, last = one.pictures.get(), three.pictures.get()
    assert arrows(client, first, "?of=mine") == ("", f"{last.get_absolute_url()}?of=mine", "1 of 3")
    assert arrows(client, last, "?of=mine") == (
        f"{first.get_absolute_url()}?of=mine",
        f"{older.get_absolute_url()}?of=mine",
        "2 of 3",
    )


@pytest.mark.parametrize(
    ("number", "of", "is_whole", "words"),
    [
        (12, 486, True, "12 of 486"),
        (12, 1001, False, "12 of 1,000+"),
        (1000, 12345, True, "1,000 of 12,345"),
        (1001, 0, False, ""),
    ],
)
def test_how_far_along_is_counted_to_a_thousand(number: int, of: int, is_whole: bool, words: str) -> None:
    assert position(number, of, is_whole=is_whole) == words


def test_the_way_back_leads_to_the_tile(as_bob: Client, source: Picture) -> None:
    assert f'href="{reverse("studio:gallery")}#picture-{source.code}" data-way-back' in page(as_bob, source)

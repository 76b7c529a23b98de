"""What the filters of the gallery offer: their menus fetch it when they open."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, PictureTag, Tag, User
from studio.views.gallery import filters
from tests import people
from tests.people import HTMX, signed_in
from tests.views.page_text import text
from tests.views.searching import shown


def offered(client: Client, address: str) -> dict[str, str]:
    html = client.get(address, headers=people.HTMX).content.decode()
    assert "<html" not in html
    rows = re.findall(r'<a class="menu__item" id="[^"]*" href="([^"]+)"[^>]*>\s*<bdi>([^<]*)</bdi>', html)
    return {label: url.replace("&amp;", "&") for url, label in rows}


def test_the_page_reads_nothing_of_what_a_closed_menu_offers(alice: User, bob: User, as_alice: Client) -> None:
    people.make_picture(alice)
    html = as_alice.get("/gallery/?q=boat&ratio=3:2").content.decode()
    assert f">{bob.name}<" not in html
    assert 'hx-get="/gallery/filters/person/?q=boat&amp;ratio=3%3A2"' in html


def test_each_value_is_added_to_what_is_asked_for_or_taken_away(alice: User, bob: User, as_alice: Client) -> None:
    people_offered = offered(as_alice, f"/gallery/filters/person/?q=boat&person={alice.pk}")
    assert people_offered == {
        alice.name: "/gallery/?q=boat",
        bob.name: f"/gallery/?person={alice.pk}&person={bob.pk}&q=boat",
    }


def counted(client: Client, address: str) -> dict[str, str]:
    """What each value says when somebody looks at it."""
    html = client.get(address, headers=people.HTMX).content.decode()
    rows = re.findall(r'<bdi>([^<]*)</bdi><small class="num" hx-get="([^"]+)" hx-trigger="intersect once"', html)
    return {label: text(client.get(unescape(url), headers=people.HTMX)) for label, url in rows}


def test_each_value_is_counted_among_what_else_is_asked_for(alice: User, bob: User, as_alice: Client) -> None:
    for person, prompt, spec in (
        (alice, "A boat", {"aspect_ratio": "3:2"}),
        (alice, "A boat by night", {"aspect_ratio": "1:1"}),
        (alice, "A hill", {"aspect_ratio": "1:1"}),
        (bob, "A boat in the rain", {"aspect_ratio": "1:1"}),
        (bob, "A boat of one's own", {"aspect_ratio": "1:1", "is_private": True}),
    ):
        shown(person, prompt, **spec)
    ratios = counted(as_alice, "/gallery/filters/ratio/?q=boat&ratio=3:2")
    assert (ratios["3:2"], ratios["1:1"], ratios["16:9"]) == ("1 picture", "2 pictures", "0 pictures")
    both = f"person={alice.pk}&ratio=1:1&ratio=3:2&select=on&sort=oldest"
    assert counted(as_alice, f"/gallery/filters/person/?{both}") == {alice.name: "3 pictures", bob.name: "1 picture"}
    assert counted(signed_in(bob), "/gallery/filters/person/")[bob.name] == "2 pictures"


def test_a_span_of_days_and_a_switch_are_counted_too(alice: User, as_alice: Client) -> None:
    starred = shown(alice, "A boat", now=timezone.now())
    as_alice.post(f"/pictures/{starred.code}/star/", {"state": "on"})
    shown(alice, "A hill", now=timezone.now())
    html = unescape(as_alice.get("/gallery/?q=a").content.decode())
    [day] = re.findall(r'>Today<small class="num" hx-get="([^"]+)"', html)
    assert text(as_alice.get(day, headers=people.HTMX)) == "2 pictures"
    [star] = re.findall(r'id="tip-star" hx-get="([^"]+)"', html)
    assert text(as_alice.get(star, headers={**people.HTMX, "HX-Target": "tip-star"})) == "1 picture"


def test_a_board_of_others_alone_is_not_offered(alice: User, bob: User, as_alice: Client) -> None:
    Board.objects.create(name="Harbour", person=bob)
    Board.objects.create(name="Secret", person=bob, visibility=Board.Visibility.PRIVATE)
    assert list(offered(as_alice, "/gallery/filters/board/")) == ["Harbour"]


def test_without_a_script_it_is_a_page(alice: User, as_alice: Client) -> None:
    html = as_alice.get("/gallery/filters/person/?q=boat").content.decode()
    assert re.search(rf'href="/gallery/\?person={alice.pk}&amp;q=boat"', html)
    assert 'href="/gallery/?q=boat">Back to the gallery</a>' in html
    assert "Nothing to choose yet." in as_alice.get("/gallery/filters/tag/").content.decode()


@pytest.mark.parametrize("field", ["star", "job", "nothing"])
def test_what_has_no_menu_has_no_page(as_alice: Client, field: str) -> None:
    assert as_alice.get(f"/gallery/filters/{field}/").status_code == 404


def test_a_menu_that_lists_a_part_finds_the_rest_by_its_words(alice: User, bob: User, as_alice: Client) -> None:
    here, hidden = (people.make_job(alice, state="done", is_private=it).pictures.get() for it in (False, True))
    names = [*(f"Autumn {number}" for number in range(filters.MOST_TAGS_OFFERED)), "Harbour", "harvest", "Zephyr"]
    tags = Tag.objects.bulk_create([Tag(name=name, key=Tag.key_of(name), number=1) for name in names])
    PictureTag.objects.bulk_create(
        PictureTag(tag=tag, picture=hidden if tag.name == "Zephyr" else here, person=alice) for tag in tags
    )
    Tag.objects.filter(name__startswith="Autumn").update(number=2)
    field, there = 'name="named"', "/gallery/filters/tag/"
    whole = as_alice.get(f"{there}?q=boat&ratio=3:2").content.decode()
    assert field in whole
    assert "Harbour" not in whole
    # Without a script the words of the gallery and its other filters go along.
    assert all(f'name="{name}" value="{value}"' in whole for name, value in (("q", "boat"), ("ratio", "3:2")))
    part = as_alice.get(f"{there}?ratio=3:2&named=HAR", headers=HTMX).content.decode()
    assert [name for name in ("Autumn", "Harbour", "harvest") if name in part] == ["Harbour", "harvest"]
    assert field not in part
    assert "/gallery/?ratio=3%3A2&amp;tag=harbour" in part
    assert "Zephyr" in as_alice.get(f"{there}?named=ze").content.decode()
    assert "Zephyr" not in signed_in(bob).get(f"{there}?named=ze").content.decode()
    none = as_alice.get(f"{there}?named=%00<b>").content.decode()
    assert "begins with “<bdi>&lt;b&gt;</bdi>”." in none
    assert field in none


def test_people_boards_and_looks_are_found_by_their_words(alice: User, as_alice: Client) -> None:
    Board.make(alice, name="Harbour", now=timezone.now())
    people.make_look(alice, name="Late dusk")
    for name, words, found in (
        ("person", "MOR", alice.name),
        ("board", "arb", "Harbour"),
        ("look", "dusk", "Late dusk"),
    ):
        assert list(offered(as_alice, f"/gallery/filters/{name}/?named={words}")) == [found]
        assert not offered(as_alice, f"/gallery/filters/{name}/?named=qqq")
    # A menu that lists all has no search.
    assert 'name="named"' not in as_alice.get("/gallery/filters/board/").content.decode()

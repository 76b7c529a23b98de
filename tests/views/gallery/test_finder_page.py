"""The gallery with a search: its page, its pulse, and the way from a picture to its neighbours."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from studio.models import User
from studio.models.search.document import place_of
from studio.models.search.query import Beginning, SearchQuery
from studio.views.gallery.finder import Finder
from studio.views.pictures.picture_lists import Found
from tests.people import HTMX
from tests.views.searching import NOW, found, shown

# ---- The page


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_shows_what_is_on_and_how_to_take_it_away(alice: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    html = as_alice.get(f"/gallery/?q=boat&person={alice.pk}&ratio=3:2").content.decode()
    assert f'href="/gallery/?q=boat&amp;ratio=3%3A2" aria-label="Remove filter: Person {alice.name}"' in html
    assert f'href="/gallery/?person={alice.pk}&amp;q=boat" aria-label="Remove filter: Ratio 3:2"' in html
    assert 'value="boat"' in html
    assert f'<input type="hidden" name="person" value="{alice.pk}" form="finder">' in html
    assert html.count('<article class="tile') == 1


def test_a_search_from_the_page_brings_only_what_changes(alice: User, as_alice: Client) -> None:
    shown(alice, "A boat")
    headers = {**HTMX, "HX-Target": "results", "HX-Current-URL": "http://testserver/gallery/"}
    answer = as_alice.get("/gallery/?q=BOAT", headers=headers)
    html = answer.content.decode()
    assert "<html" not in html
    assert html.count('hx-swap-oob="true"') == 5
    assert re.search(r'id="pulse" hx-get="[^"]+&amp;q=BOAT"', html)
    assert "1 picture found" in text_of(html)
    assert answer["HX-Push-Url"] == "/gallery/?q=BOAT"
    headers["HX-Current-URL"] = "http://testserver/gallery/?q=BOA"
    assert as_alice.get("/gallery/?q=BOAT", headers=headers)["HX-Replace-Url"] == "/gallery/?q=BOAT"


def test_nothing_found_says_what_each_filter_holds_back(alice: User, as_alice: Client) -> None:
    for number in range(3):
        shown(alice, f"A boat {number}", size=(2464, 1696))
    html = text_of(as_alice.get("/gallery/?q=boat&ratio=1:1&model=uni-1").content.decode())
    assert "Nothing matches" in html
    assert "3 results without 1:1" in html
    assert "without uni-1" not in html
    assert "without “boat”" not in html
    # Words in which nothing can be searched for hold nothing back.
    html = text_of(as_alice.get("/gallery/?q=%25&ratio=1:1&model=uni-1-max").content.decode())
    assert "results without" not in html
    assert "No picture matches 1:1 , uni-1-max ." in html
    assert "No picture matches “zeppelin”" in text_of(as_alice.get("/gallery/?q=zeppelin").content.decode())


def test_what_costs_much_to_count_is_counted_after_the_page(
    alice: User, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    boats = [shown(alice, f"A boat {number}", now=NOW - timedelta(minutes=number)) for number in range(3)]
    begun, whole = Beginning([one.pk for one in boats], 213, is_counted=False), SearchQuery.beginning
    monkeypatch.setattr(SearchQuery, "beginning", lambda *asked, **how: whole(*asked, **how) if how else begun)
    headers = {**HTMX, "HX-Target": "results", "HX-Current-URL": "http://testserver/gallery/"}
    html = as_alice.get("/gallery/?q=boat&ratio=3:2", headers=headers).content.decode()
    assert "200+ pictures" in text_of(html)
    assert "found" not in text_of(html)
    asked = re.search(r'<span class="small num nowrap" hx-get="([^"]+)"\s+hx-trigger="load"', html)
    assert asked
    assert 'data-total="213" data-more="+"' in html
    headers = {**HTMX, "HX-Target": "find-count"}
    counted = as_alice.get(asked[1].replace("&amp;", "&").replace("&ratio=3%3A2", ""), headers=headers).content.decode()
    assert "3 pictures" in text_of(counted)
    assert 'data-total="3"' in counted
    assert "hx-get" not in counted.replace('hx-boost="true"', "")
    assert as_alice.get("/gallery/count/?q=boat")["Location"] == "/gallery/?q=boat"


def test_the_next_page_keeps_to_the_search(alice: User, as_alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.gallery.page.PAGE", 2)
    for number in range(5):
        shown(alice, f"{'boat' if number % 2 == 0 else 'train'} {number}", now=NOW - timedelta(minutes=number))
    html = as_alice.get("/gallery/?q=boat").content.decode()
    following = re.search(r'hx-get="([^"]+after=[^"]+)"', html)
    assert following
    rest = as_alice.get(following[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    assert (html.count('<article class="tile'), rest.count('<article class="tile')) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "\"' onfocus=alert(1) x=",
        "{{ 7*7 }}",
        "%s %(x)s",
        "'; DROP TABLE studio_picture; --",
        "🏴‍☠️\u202e",
        "a" * 5000,
        "\\",
        "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
)
def test_hostile_words_are_words(alice: User, as_alice: Client, text: str) -> None:
    shown(alice, f"hostile {text[:3000]}")
    answer = as_alice.get("/gallery/", {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert found(alice, "q=hostile")


# ---- From a picture to its neighbours


def arrows(client: Client, address: str, **headers: str) -> tuple[str, str, str]:
    html = client.get(address, headers=headers).content.decode()
    newer = re.search(r'href="([^"]*)"\s+aria-label="Newer picture"', html)
    older = re.search(r'href="([^"]*)"\s+aria-label="Older picture"', html)
    words = re.search(r">([\d,]+ of [\d,+]+)<", html)
    return (newer[1] if newer else "", older[1] if older else "", words[1] if words else "")


def test_the_arrows_of_a_picture_follow_the_search_it_was_opened_from(alice: User, as_alice: Client) -> None:
    made = [
        shown(alice, f"{'boat' if number % 2 == 0 else 'train'} {number}", now=NOW - timedelta(minutes=number))
        for number in range(7)
    ]
    urls = [one.get_absolute_url() for one in made]
    of = "?of=gallery%3Fq%3Dboat%26ratio%3D3%253A2"
    following = (f"{urls[2]}{of}", f"{urls[6]}{of}", "3 of 4")
    referer = "http://testserver/gallery/?ratio=3:2&q=boat&select=on"
    assert arrows(as_alice, urls[4], Referer=referer) == following
    assert arrows(as_alice, f"{urls[4]}{of}") == following
    assert arrows(as_alice, urls[6], Referer=f"http://testserver{urls[4]}{of}") == (f"{urls[4]}{of}", "", "4 of 4")
    # A picture outside the days of a search is none of it.
    days = f"?of=gallery%3Ffrom%3D{NOW - timedelta(days=9):%Y-%m-%d}%26to%3D{NOW - timedelta(days=8):%Y-%m-%d}"
    assert arrows(as_alice, f"{urls[3]}{days}") == (urls[2], urls[4], "4 of 7")
    # What the search does not find, a search for nothing, and a hostile one: the whole gallery.
    whole = (urls[2], urls[4], "4 of 7")
    for beside in (of, "?of=gallery?", "?of=gallery?ratio=x", "?of=gallery?%00" + "q=a%26" * 900):
        assert arrows(as_alice, f"{urls[3]}{beside}") == whole
    # The filmstrip shows the same list.
    strip = as_alice.get(f"{urls[4]}filmstrip/{of}").content.decode()
    assert [strip.find(url) for url in urls[::2]] == sorted(strip.index(url) for url in urls[::2])
    assert not any(url in strip for url in urls[1::2])
    html = as_alice.get(f"{urls[4]}{of}").content.decode()
    assert f'href="/gallery/?q=boat&amp;ratio=3%3A2#picture-{made[4].code}"' in html


def test_the_place_in_a_search_is_counted_so_far(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.gallery.finder.MOST_COUNTED", 3)
    monkeypatch.setattr("studio.views.pictures.picture_lists.MOST_COUNTED", 3)
    made = [shown(alice, "boat", now=NOW - timedelta(minutes=number)) for number in range(6)]
    finder = Finder.parse("q=boat", alice)
    assert [Found(finder, one).place(one).words for one in made] == ["1 of 3+", "2 of 3+", "3 of 3+", "", "", ""]


def test_what_is_new_in_a_search_is_told_by_the_pulse(alice: User, as_alice: Client) -> None:
    first = shown(alice, "boat")
    page = as_alice.get("/gallery/?q=boat").content.decode()
    pulse = re.search(r'id="pulse" hx-get="([^"]+)"', page)
    assert pulse
    shown(alice, "train", now=NOW + timedelta(minutes=1))
    shown(alice, "boat", now=NOW + timedelta(minutes=2))
    html = as_alice.get(pulse[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    assert re.search(r'id="new-pictures" href="/gallery/\?q=boat"[^>]*>\s*<[^>]+></span>1 new', html)
    assert f"top={place_of(first.shown_at or NOW)}" in html
    assert "&amp;q=boat" in html

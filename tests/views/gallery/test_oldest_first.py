"""The gallery with the oldest first: every page, months, a search, its saved view, the arrows; and choosing without script."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Picture, SavedView, User
from tests.people import HTMX, make_job

NOW = timezone.now()


@pytest.fixture
def made(alice: User, monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """Seven pictures, the oldest first, three on a page."""
    monkeypatch.setattr("studio.views.gallery.page.PAGE", 3)
    return [
        make_job(
            alice,
            state="done",
            prompt=f"{'boat' if number % 2 else 'train'}",
            now=NOW - timedelta(days=40 * (7 - number)),
        ).pictures.get()
        for number in range(7)
    ]


def codes(text: str) -> list[str]:
    return re.findall(r'<article class="tile[^>]*id="picture-([^"]+)"', text)


def read(client: Client, address: str, **headers: str) -> str:
    return str(client.get(address, headers=headers).content.decode())


@pytest.mark.parametrize("words", ["", "&q=boat", "&type=image"])
def test_every_page_follows_the_one_before(as_alice: Client, made: list[Picture], words: str) -> None:
    wanted = [str(one.code) for number, one in enumerate(made) if "boat" not in words or number % 2]
    address, found = f"/gallery/?sort=oldest{words}", []
    for _ in range(4):
        text = read(as_alice, address, **({} if not found else HTMX))
        found += codes(text)
        more = re.search(r'id="more">\s+<a[^>]+href="([^"]+)"', text)
        if not more:
            break
        address = unescape(more[1])
        assert "sort=oldest" in address
    assert found == wanted
    # And back again, the nearest page above.
    after = re.search(r"after=([\d-]+)", address)
    if after:
        text = read(as_alice, f"/gallery/?sort=oldest{words}&before={after[1]}", **HTMX)
        assert codes(text) == wanted[wanted.index(codes(text)[0]) :][: len(codes(text))]


def test_the_page_says_so_and_takes_it_away(as_alice: Client, made: list[Picture]) -> None:
    text = read(as_alice, "/gallery/")
    assert 'href="/gallery/?sort=oldest"' in text
    text = read(as_alice, "/gallery/?sort=oldest")
    assert 'aria-label="Remove filter:   Oldest first"' in text
    assert "Save this view" in text
    # The whole gallery is counted, and its months stand in the list's order.
    assert 'data-total="7"' in text
    months = re.findall(r'at=(\d{4}-\d\d)" data-month', text)
    assert months == sorted(months)
    at = read(as_alice, f"/gallery/?sort=oldest&at={made[3].shown_at:%Y-%m}")
    assert codes(at)[0] == str(made[3].code)
    assert re.search(r"Older</a>", at)
    # Nothing new comes to its top.
    assert "hidden" in read(as_alice, "/pulse/?page=gallery&since=0&sort=oldest", **HTMX).partition("</a>")[0]
    as_alice.post("/gallery/views/", {"name": "First ones", "query": "sort=oldest"})
    assert SavedView.objects.get().query == "sort=oldest"
    nothing = read(as_alice, "/gallery/?sort=oldest&q=zeppelin").partition("No picture matches")[2]
    assert "zeppelin" in nothing
    assert "Oldest first" not in nothing


@pytest.mark.parametrize("words", ["", "q=boat&"])
def test_the_arrows_follow_it(as_alice: Client, made: list[Picture], words: str) -> None:
    own = made if not words else made[1::2]
    referer = f"http://testserver/gallery/?{words}sort=oldest"
    text = read(as_alice, own[1].get_absolute_url(), Referer=referer)
    back, on = (re.search(rf'rel="{rel}"\s+href="([^"?]+)\?of=', text) for rel in ("prev", "next"))
    assert back
    assert on
    assert (back[1], on[1]) == (own[0].get_absolute_url(), own[2].get_absolute_url())
    assert f"2 of {len(own)}" in text
    of = "gallery%3F" + ("q%3Dboat%26" if words else "") + "sort%3Doldest"
    strip = read(as_alice, f"{own[1].get_absolute_url()}filmstrip/?of={of}")
    places = [strip.index(str(one.code)) for one in own]
    assert places == sorted(places)


def test_choosing_without_a_script_stays_while_one_searches(as_alice: Client, made: list[Picture]) -> None:
    text = read(as_alice, "/gallery/?select=on&q=boat&sort=oldest")
    assert '<input type="hidden" name="select" value="on">' in text
    assert '<input type="hidden" name="sort" value="oldest">' in text
    menu = read(as_alice, "/gallery/filters/ratio/?select=on&q=boat&sort=oldest")
    assert 'href="/gallery/?q=boat&amp;ratio=1%3A1&amp;select=on&amp;sort=oldest"' in menu
    assert 'id="clear-all" href="/gallery/?select=on"' in text
    done = re.search(r'href="([^"]+)"\s*><span[^>]+></span>Done', text)
    assert done
    assert done[1] == "/gallery/?q=boat&amp;sort=oldest"
    assert text.count('name="picture"') == 3

"""What the filters of the gallery offer: their menus fetch it when they open."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from studio.models import Board, User
from tests import people


def offered(client: Client, address: str) -> dict[str, str]:
    html = client.get(address, headers=people.HTMX).content.decode()
    assert "<html" not in html
    rows = re.findall(r'<a class="menu__item" href="([^"]+)"[^>]*>\s*<bdi>([^<]*)</bdi>', html)
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


def test_a_board_of_others_alone_is_not_offered(alice: User, bob: User, as_alice: Client) -> None:
    Board.objects.create(name="Harbour", person=bob)
    Board.objects.create(name="Secret", person=bob, visibility=Board.Visibility.PRIVATE)
    assert list(offered(as_alice, "/gallery/filters/board/")) == ["Harbour"]


def test_without_a_script_it_is_a_page(alice: User, as_alice: Client) -> None:
    html = as_alice.get("/gallery/filters/person/?q=boat").content.decode()
    assert re.search(rf'href="/gallery/\?person={alice.pk}&amp;q=boat"', html)
    assert 'href="/gallery/?q=boat">Back to the gallery</a>' in html
    assert "Nothing to choose yet." in as_alice.get("/gallery/filters/tag/").content.decode()


@pytest.mark.parametrize("field", ["ratio", "job", "nothing"])
def test_what_is_no_list_of_the_tables_has_no_page(as_alice: Client, field: str) -> None:
    assert as_alice.get(f"/gallery/filters/{field}/").status_code == 404

"""Stars, ratings, decisions and tags on the picture's page, and the filters that find them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from studio.models import Decision, Picture, PictureTag, Rating, SavedView, Star, Tag, User
from studio.models.opinion import FULL, LONG_TAG, NO_TAG
from tests.people import HTMX, make_job, make_person, signed_in


@pytest.fixture
def picture(alice: User) -> Picture:
    return make_job(alice, state="done", prompt="A paper boat").pictures.get()


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def section(response: Any) -> str:
    found = re.search(r'<section class="opinions".*?</section>', response.content.decode(), re.DOTALL)
    assert found
    return found[0]


def post(client: Client, picture: Picture, noun: str, **fields: str) -> Any:
    return client.post(f"/pictures/{picture.code}/{noun}/", fields)


def test_forms_lead_back_to_the_picture_which_says_who_and_when(
    as_alice: Client, as_bob: Client, picture: Picture
) -> None:
    for noun, fields in (
        ("star", {"state": "on"}),
        ("rating", {"value": "4"}),
        ("decision", {"verdict": "approved"}),
        ("tags", {"tag": "Harbour"}),
    ):
        answer = post(as_bob, picture, noun, **fields)
        assert (answer.status_code, answer["Location"]) == (302, picture.get_absolute_url())
    shown = text(as_alice.get(picture.get_absolute_url()))
    assert "Approved by Bob Stranger" in shown
    assert "4 of 5 by Bob Stranger" in shown
    assert "Starred by Bob Stranger" in shown
    assert "Harbour" in shown
    shown = section(as_alice.get(picture.get_absolute_url()))
    assert 'name="value" value="0"' in shown  # pressed again it is taken back
    assert 'name="verdict" value=""' in shown


def test_htmx_gets_the_section_alone(as_alice: Client, picture: Picture) -> None:
    answer = as_alice.post(f"/pictures/{picture.code}/star/", {"state": "on"}, headers=HTMX)
    assert answer.content.decode().strip().startswith("<section")
    assert 'name="state" value="off"' in section(answer)
    answer = as_alice.post(f"/pictures/{picture.code}/tags/", {"tag": "x" * 51}, headers=HTMX)
    assert LONG_TAG in text(answer)
    assert f'value="{"x" * 51}"' in section(answer)


def test_a_viewer_stars_and_decides_if_allowed(picture: Picture) -> None:
    person = make_person("Vic Viewer", role=User.Role.VIEWER)
    client = signed_in(person)
    assert post(client, picture, "star").status_code == 302
    for noun, fields in (("rating", {"value": "4"}), ("tags", {"tag": "x"}), ("decision", {"verdict": "approved"})):
        assert post(client, picture, noun, **fields).status_code == 403
    shown = section(client.get(picture.get_absolute_url()))
    assert "/rating/" not in shown
    assert "/decision/" not in shown
    assert "/tags/" not in shown
    person.may_decide = True
    person.save()
    assert post(client, picture, "decision", verdict="rejected").status_code == 302
    assert "/decision/" in section(client.get(picture.get_absolute_url()))


def test_what_means_nothing_is_refused(as_alice: Client, picture: Picture) -> None:
    for noun, fields in (
        ("rating", {}),
        ("rating", {"value": "6"}),
        ("rating", {"value": "²"}),
        ("rating", {"value": "\0"}),
        ("decision", {}),
        ("decision", {"verdict": "maybe"}),
        ("decision", {"verdict": "\0"}),
    ):
        assert post(as_alice, picture, noun, **fields).status_code == 400
    assert not Rating.objects.exists()
    assert not Decision.objects.exists()


HOSTILE = (
    "\0nul",
    "\u202eright to left",
    "👩\u200d🚀 emoji",
    "one, two",
    "\"quotes' & <b>bold</b>",
    "<script>alert(1)</script>",
    "שלום",
    "%2F../?&=#",
    "{{ 7|add:7 }}",
    "x" * 500,
    "\u200b",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tags_are_words_and_nothing_else(as_alice: Client, picture: Picture, name: str) -> None:
    answer = as_alice.post(f"/pictures/{picture.code}/tags/", {"tag": name}, headers=HTMX)
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
    assert as_alice.get("/tags/offer/", {"tag": name}).status_code == 200
    assert as_alice.get("/gallery/", {"tag": name}).status_code == 200
    tag = Tag.objects.first()
    if tag is None:
        assert LONG_TAG in text(answer) or NO_TAG in text(answer)
        return
    shown = section(as_alice.get(picture.get_absolute_url()))
    link = re.search(r'href="(/gallery/\?tag=[^"]*)"', shown)
    assert link
    assert str(picture.code) in as_alice.get(html.unescape(link[1])).content.decode()
    post(as_alice, picture, "tags", state="off", tag=tag.key)
    assert not PictureTag.objects.exists()


def test_without_script_a_refused_tag_is_told_in_a_toast(as_alice: Client, picture: Picture) -> None:
    for number in range(30):
        Tag.put(picture, f"t{number}", by=picture.person)
    answer = as_alice.post(f"/pictures/{picture.code}/tags/", {"tag": "more"}, follow=True)
    assert FULL in text(answer)


def test_filters_find_opinions_and_mine_is_the_readers(
    as_alice: Client, as_bob: Client, alice: User, bob: User, picture: Picture
) -> None:
    other = make_job(alice, state="done", prompt="A stone").pictures.get()
    Star.put(picture, bob)
    Star.put(other, alice)
    Rating.give(picture, 3, by=bob)
    Decision.make(picture, "approved", by=bob)
    Tag.put(picture, "Harbour dusk", by=bob)
    SavedView.save_as(bob, name="My stars", query="star=mine", is_team=True)

    def found(client: Client, query: str) -> list[bool]:
        shown = client.get(f"/gallery/?{query}").content.decode()
        return [f"picture-{one.code}" in shown for one in (picture, other)]

    assert found(as_bob, "star=mine") == [True, False]
    assert found(as_alice, "star=mine") == [False, True]
    assert found(as_alice, "rating=3") == [True, False]
    assert found(as_alice, "rating=2&rating=3") == [True, False]
    assert found(as_alice, "decision=approved") == [True, False]
    assert found(as_alice, "decision=none") == [False, True]
    assert found(as_alice, "tag=harbour+dusk") == found(as_alice, "tag=HARBOUR%20%20dusk") == [True, False]
    assert found(as_alice, "q=harbour") == [True, False]
    assert found(as_alice, "tag=nothing&rating=9&decision=x&star=9") == [True, True]
    shown = text(as_alice.get("/gallery/"))
    assert "Starred by me" in shown
    assert "Harbour dusk" in shown


def test_completion_offers_the_most_used(as_alice: Client, picture: Picture) -> None:
    Tag.put(picture, "Harbour", by=picture.person)
    assert '<option value="Harbour">' in as_alice.get("/tags/offer/?tag=har", headers=HTMX).content.decode()
    assert "Harbour" not in as_alice.get("/tags/offer/?tag=z", headers=HTMX).content.decode()

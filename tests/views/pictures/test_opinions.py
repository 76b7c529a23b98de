"""Stars, ratings, decisions and tags on the picture's page, and the filters that find them."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from studio.models import Decision, Picture, PictureTag, Rating, SavedView, Star, Tag, User
from studio.models.opinions.tag import FULL, LONG_TAG, NO_TAG
from studio.views.gallery.opinions_of_many import NOT_UNDONE
from tests.people import HTMX, make_job, make_person, signed_in
from tests.views.page_text import text


@pytest.fixture
def picture(alice: User) -> Picture:
    return make_job(alice, state="done", prompt="A paper boat").pictures.get()


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


def test_only_what_was_seen_is_taken_back(as_alice: Client, as_bob: Client, picture: Picture) -> None:
    post(as_alice, picture, "rating", value="4", seen="0")
    post(as_alice, picture, "decision", verdict="approved", seen="")
    assert 'name="seen" value="4"' in (shown := section(as_alice.get(picture.get_absolute_url())))
    assert 'name="seen" value="approved"' in shown
    post(as_bob, picture, "rating", value="2", seen="4")
    post(as_bob, picture, "decision", verdict="rejected", seen="approved")
    # Alice's page is older, and her button takes back what she sees there.
    post(as_alice, picture, "rating", value="0", seen="4")
    post(as_alice, picture, "decision", verdict="", seen="approved")
    picture.refresh_from_db()
    assert (picture.rating, picture.decision) == (2, "rejected")
    post(as_alice, picture, "rating", value="0", seen="2")
    post(as_alice, picture, "decision", verdict="", seen="rejected")
    picture.refresh_from_db()
    assert (picture.rating, picture.decision) == (0, "")


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
    tags = Tag.objects.all()
    if not tags:
        assert LONG_TAG in text(answer) or NO_TAG in text(answer)
        return
    shown = section(as_alice.get(picture.get_absolute_url()))
    link = re.search(r'href="(/gallery/\?tag=[^"]*)"', shown)
    assert link
    assert str(picture.code) in as_alice.get(html.unescape(link[1])).content.decode()
    for tag in tags:
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
    assert found(as_alice, "rating=9&decision=x&star=9") == [True, True]
    assert found(as_alice, "tag=nothing") == [False, False]
    assert "Starred by me" in text(as_alice.get("/gallery/"))
    assert "Harbour dusk" in text(as_alice.get("/gallery/filters/tag/"))


def test_completion_offers_the_most_used(as_alice: Client, picture: Picture) -> None:
    Tag.put(picture, "Harbour", by=picture.person)
    assert '<option value="Harbour">' in as_alice.get("/tags/offer/?tag=har", headers=HTMX).content.decode()
    assert "Harbour" not in as_alice.get("/tags/offer/?tag=z", headers=HTMX).content.decode()


def test_a_tag_of_private_pictures_alone_has_no_name_for_others(as_alice: Client, as_bob: Client, alice: User) -> None:
    private = make_job(alice, state="done", is_private=True).pictures.get()
    Tag.put(private, "Zephyrine", by=alice)
    for address in ("/tags/offer/?tag=zeph", "/tags/offer/", "/gallery/filters/tag/", "/gallery/?tag=zephyrine&q=boat"):
        assert "Zephyrine" in as_alice.get(address).content.decode(), address
        assert "Zephyrine" not in as_bob.get(address).content.decode(), address
    Tag.put(make_job(alice, state="done").pictures.get(), "Zephyrine", by=alice)
    assert "Zephyrine" in as_bob.get("/tags/offer/?tag=zeph").content.decode()


# ---- Many at once


def many(client: Client, pictures: list[Picture], act: str, **fields: str) -> Any:
    referer = "http://testserver/gallery/?q=boat"
    sent = {"act": act, "picture": [str(one.code) for one in pictures], **fields}
    return client.post("/opinions/", sent, headers={"Referer": referer}, follow=True)


def undo(client: Client, answer: Any) -> Any:
    at = re.search(r'action="(/opinions/undo/[^"]+)"', answer.content.decode())
    assert at
    return client.post(html.unescape(at[1]), follow=True)


def test_many_are_starred_decided_on_and_tagged_with_undo(as_bob: Client, alice: User, bob: User) -> None:
    pictures = [make_job(alice, state="done", prompt="A boat").pictures.get() for _ in range(3)]
    Decision.make(pictures[0], "candidate", by=alice)
    Star.put(pictures[0], bob)
    Tag.put(pictures[0], "Harbour", by=alice)
    starred = many(as_bob, pictures, "star")
    assert starred.redirect_chain == [("/gallery/?q=boat", 302)]
    assert "2 pictures starred." in text(starred)
    approved = many(as_bob, pictures, "approved")
    assert "3 pictures approved." in text(approved)
    tagged = many(as_bob, pictures, "tag", tag="harbour")
    assert "2 pictures tagged." in text(tagged)
    assert "Nothing changed" in text(many(as_bob, pictures, "star"))
    Decision.make(pictures[2], "rejected", by=alice)

    assert "Undone for 2 pictures." in text(undo(as_bob, starred))
    assert list(Star.objects.values_list("picture", flat=True)) == [pictures[0].pk]
    assert "Undone for 2 pictures." in text(undo(as_bob, tagged))
    assert Tag.objects.get().number == 1
    assert "Undone for 2 pictures." in text(undo(as_bob, approved))
    verdicts = [Picture.objects.get(pk=one.pk).decision for one in pictures]
    assert verdicts == ["candidate", "", "rejected"]
    assert NOT_UNDONE in text(undo(as_bob, starred))


def test_undo_for_many_takes_back_only_what_one_may_still_see_and_do(as_bob: Client, alice: User, bob: User) -> None:
    first, second = (make_job(alice, state="done", prompt="A boat").pictures.get() for _ in range(2))
    done = [many(as_bob, [first, second], "tag", tag="Harbour"), many(as_bob, [first, second], "approved")]
    Picture.objects.filter(pk=first.pk).update(is_private=True)
    bob.role = User.Role.VIEWER
    bob.save()
    assert [NOT_UNDONE in text(undo(as_bob, one)) for one in done] == [True, True]
    bob.may_decide = True
    bob.save()
    assert NOT_UNDONE in text(undo(as_bob, done[0]))
    assert "Undone for 1 picture." in text(undo(as_bob, done[1]))
    assert [Picture.objects.get(pk=one.pk).decision for one in (first, second)] == ["approved", ""]


def test_many_have_a_limit_and_what_means_nothing_is_refused(as_alice: Client, picture: Picture) -> None:
    codes = [str(picture.code), *(str(uuid.uuid4()) for _ in range(100))]
    assert "Choose up to 100" in text(as_alice.post("/opinions/", {"act": "star", "picture": codes}, follow=True))
    assert "Choose a picture" in text(as_alice.post("/opinions/", {"act": "star", "picture": "x"}, follow=True))
    refused_tag = "x" * 51
    refused = many(as_alice, [picture], "tag", tag=refused_tag)
    assert LONG_TAG in text(refused)
    assert f'value="{refused_tag}"' in refused.content.decode()  # still in its field
    assert as_alice.post("/opinions/", {"act": "\0"}).status_code == 400
    for at in ("", "\0", "2026-01-01", "9" * 5000):
        assert as_alice.post(f"/opinions/undo/?{urlencode({'at': at})}").status_code == 400
    assert not Star.objects.exists()
    viewer = signed_in(make_person("Vic Viewer", role=User.Role.VIEWER))
    assert [many(viewer, [picture], act).status_code for act in ("star", "approved", "tag")] == [200, 403, 403]


def test_an_open_picture_learns_what_others_think(as_alice: Client, bob: User, picture: Picture) -> None:
    Decision.make(picture, "approved", by=bob)
    shown = as_alice.get(f"/pulse/?page=picture&since=1&code={picture.code}", headers=HTMX)
    assert "Approved by Bob Stranger" in text(shown)
    assert 'id="new-tag"' not in shown.content.decode()
    for odd in ("x", "%00", uuid.uuid4()):
        assert "opinions-now" not in as_alice.get(f"/pulse/?page=picture&since=1&code={odd}").content.decode()


def test_a_tile_is_marked_with_what_was_decided(as_alice: Client, picture: Picture) -> None:
    def marks() -> list[str]:
        shown = as_alice.get("/gallery/").content.decode()
        return re.findall(r'icon--s" role="img" aria-label="([\w ]+)"', shown)

    assert marks() == []
    for verdict, mark in (("approved", ["Approved"]), ("candidate", []), ("rejected", ["Rejected"])):
        Decision.make(picture, verdict, by=picture.person)
        assert marks() == mark

    def is_starred() -> bool:
        # The mark of a star shows where its button is pressed (tiles.css).
        shown = as_alice.get("/gallery/").content.decode()
        assert 'tile__starred" role="img"' in shown
        return re.findall(r'aria-label="Star"\s+aria-pressed="(\w+)"', shown) == ["true"]

    assert not is_starred()
    Star.put(picture, picture.person)
    assert is_starred()

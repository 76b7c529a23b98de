"""Making proof links: the form, the link that is shown once, the list and its end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from studio.models import Board, BoardPicture, Notification, Picture, ProofLink, User
from studio.models.account.access import seen_of
from studio.models.proof import answers
from studio.views.proof import proofs as pages
from tests import people
from tests.views.page_text import text
from tests.views.proof_pages import HOSTILE

NEW = "/proofs/new/"
FORM = {"act": "make", "title": "Round 2", "ends": "14", "downloads": "off", "may_decide": "on", "may_comment": "on"}


@pytest.fixture
def picture(alice: User) -> Picture:
    return people.make_job(alice, state="done").pictures.get()


def sent(by: Client, shown: Picture, **fields: Any) -> Any:
    return by.post(NEW, {**FORM, "picture": str(shown.code), **fields})


def test_a_link_is_shown_once_with_its_password(as_alice: Client, picture: Picture) -> None:
    form = as_alice.get(f"{NEW}?pictures={picture.code}").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', form)
    password = re.search(r'name="password" value="([a-z]+-[a-z]+-\d\d)"', form)
    assert once
    assert password
    made = sent(as_alice, picture, once=once[1], password=password[1], client="Harbour Authority", watermark="Proof")
    assert "Copy it now: you won't see it again." in text(made)
    link = ProofLink.objects.get()
    day = timezone.localdate() + timedelta(days=14)
    assert (link.number, timezone.localtime(link.expires_at).date(), link.knows(password[1])) == (1, day, True)
    address = re.search(r'id="made-link" readonly value="http://testserver(/proof/[\w-]+/)"', made.content.decode())
    assert address
    assert Client().get(address[1]).status_code == 200
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["studio.tasks.watermark_link"]
    # Sent again, by a reload, it makes no second one.
    assert sent(as_alice, picture, once=once[1]).url == "/proofs/"
    assert ProofLink.objects.count() == 1


def test_a_selection_becomes_a_form_and_keeps_its_order(as_alice: Client, alice: User, picture: Picture) -> None:
    other = people.make_job(alice, state="done").pictures.get()
    codes = [str(other.code), str(picture.code)]
    form = as_alice.post(NEW, {"picture": codes, "script": "on"}).content.decode()
    assert re.findall(r'name="picture" value="([^"]+)"', form) == codes
    everything = as_alice.post(NEW, {"all": "on", "address": "/gallery/", "except": codes[0]}).content.decode()
    assert re.findall(r'name="picture" value="([^"]+)"', everything) == codes[1:]
    sent(as_alice, picture, picture=codes)
    assert ProofLink.objects.get().pictures() == [other, picture]


def test_a_board_is_shared_by_those_who_see_it(as_alice: Client, as_bob: Client, alice: User, picture: Picture) -> None:
    board = Board.objects.create(person=alice, name="Harbour", client="Authority", visibility="private", number=1)
    BoardPicture.objects.create(board=board, picture=picture, place=1, added_by=alice)
    form = text(as_alice.get(NEW, {"board": str(board.code)}))
    assert "1 picture of Harbour" in form
    as_alice.post(NEW, {**FORM, "board": str(board.code)})
    assert ProofLink.objects.get().board == board
    for wrong in (str(board.code), "x", "\x00"):
        assert as_bob.get(NEW, {"board": wrong}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": " \u200b"}, "Write a title"),
        ({"title": "x" * 81}, "Shorten this to 80 characters."),
        ({"note": "x" * 1001}, "Shorten this to 1,000 characters."),
        ({"ends": "date"}, "Choose the last day of the link."),
        ({"ends": "date", "day": "2020-01-01"}, "Choose a day from today on"),
        ({"ends": "date", "day": "9999-12-31"}, "Choose a day from today on"),
        ({"ends": "date", "day": "soon"}, "Choose a day from today on"),
        ({"ends": "forever"}, "Choose one of these."),
        ({"password": "short"}, "Use at least 6 characters"),
        ({"password": "long enough\x00"}, "Use at least 6 characters"),
        ({"watermark": "港 Proof"}, "can't be drawn with 港"),
        ({"watermark": "x" * 61}, "Shorten this to 60 characters."),
        ({"watermark": "Proof", "downloads": "original"}, "Originals have no watermark."),
        ({"downloads": "all"}, "Choose one of these."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    as_alice: Client, picture: Picture, fields: dict[str, str], sentence: str
) -> None:
    answer = sent(as_alice, picture, **{"client": "Harbour <Authority>", **fields})
    assert (answer.status_code, sentence in text(answer)) == (422, True)
    assert "Harbour &lt;Authority&gt;" in answer.content.decode()
    assert str(picture.code) in answer.content.decode()
    assert not ProofLink.objects.exists()


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_titles_are_shown_as_they_are(as_alice: Client, picture: Picture, words: str) -> None:
    made = sent(as_alice, picture, title=words, client=words, note=words)
    assert made.status_code == 200
    for page in (made, as_alice.get("/proofs/")):
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()
    assert "\u202e" not in ProofLink.objects.get().title


def test_nothing_chosen_too_much_or_gone_leads_back(as_alice: Client, alice: User) -> None:
    split = people.make_job(alice, state="done", type="layering", source=people.make_picture(alice)).pictures.get()
    many = [str(split.code)[:-4] + f"{n:04x}" for n in range(501)]
    for chosen, words in (([], "Choose at least one"), (many, "up to 500"), ([str(split.code), "\x00"], "or layers")):
        answer = as_alice.post(NEW, {"picture": chosen}, follow=True)
        assert answer.redirect_chain[0][0] == "/gallery/"
        assert words in text(answer)


def test_a_viewer_makes_no_links(db: None) -> None:
    viewer = people.signed_in(people.make_person("Vera", role=User.Role.VIEWER))
    assert viewer.get(NEW).status_code == 403
    assert "press Share" not in text(viewer.get("/proofs/"))


@pytest.mark.parametrize("where", ["people", "person"])
def test_whoever_becomes_a_viewer_hears_of_open_links_and_ends_them(
    as_alice: Client, as_ada: Client, alice: User, picture: Picture, where: str
) -> None:
    for title in ("Round 1", "Round 2"):
        sent(as_alice, picture, title=title)
    page = f"/people/{alice.pk}/"
    if where == "people":
        as_ada.post(f"{page}access/", {"access": "viewer"})
    else:
        as_ada.post(page, {"seen": seen_of(alice), "role": "viewer"})
    alice.refresh_from_db()
    assert alice.role == "viewer"
    told = Notification.objects.of(alice).get(address="/proofs/")
    assert (
        told.text == "made you a viewer. 2 proof links of yours can still be opened by clients: revoke what should end."
    )
    assert as_alice.post(f"/notifications/{told.code}/", follow=True).status_code == 200
    link = ProofLink.objects.get(title="Round 1")
    assert "“Round 1” no longer opens." in text(as_alice.post(f"/proofs/{link.code}/revocation/", follow=True))
    assert [one.title for one in ProofLink.objects.filter(revoked_at=None)] == ["Round 2"]


def test_the_list_says_who_opened_what_and_an_admin_sees_everybodys(
    as_alice: Client, as_bob: Client, as_ada: Client, alice: User, picture: Picture
) -> None:
    assert "No links yet" in text(as_alice.get("/proofs/"))
    sent(as_alice, picture, client="Harbour Authority")
    link = ProofLink.objects.get()
    assert "For Harbour Authority · 1 picture" in text(as_alice.get("/proofs/"))
    assert "not opened yet Open" in text(as_alice.get("/proofs/"))
    link.see(timezone.now(), opened=True)
    assert "opened 1 time, last seen Today" in text(as_alice.get("/proofs/"))
    for client in (as_bob, as_ada):
        assert "Round 2" not in text(client.get("/proofs/"))
    assert "Round 2" not in text(as_bob.get("/proofs/?whose=all"))
    assert "by Alice Moreau" in text(as_ada.get("/proofs/?whose=all"))
    board = Board.make(link.person, name="Secret launch", visibility="private", now=timezone.now())
    ProofLink.objects.update(board=board, title=board.name)
    assert "Secret launch" in text(as_alice.get("/proofs/"))
    assert "Secret launch" not in as_ada.get("/proofs/?whose=all").content.decode()
    ProofLink.objects.update(board=None, title="Round 2")
    as_ada.post(f"/proofs/{link.code}/revocation/")
    assert "Revoked by Ada Admin" in text(as_alice.get("/proofs/"))
    assert Notification.objects.exclude(kind="done").get().text == "revoked your link “Round 2”"
    assert "had been revoked already" in text(as_alice.post(f"/proofs/{link.code}/revocation/", follow=True))


def test_more_links_come_a_page_at_a_time(
    as_alice: Client, picture: Picture, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    for number in range(3):
        sent(as_alice, picture, title=f"Round {number}")
    with django_assert_max_num_queries(12):
        page = as_alice.get("/proofs/")
    assert ("Round 2" in text(page), "Round 1" in text(page), "Round 0" in text(page)) == (True, True, False)
    older = re.search(r'href="(/proofs/\?before=\d+)"', page.content.decode())
    assert older
    assert "Round 0" in text(as_alice.get(older[1]))
    for odd in ("x", "9" * 30, "-1", "²"):
        assert as_alice.get("/proofs/", {"before": odd}).status_code == 200


def test_the_settings_of_a_board_list_its_open_links_and_end_them(
    as_alice: Client, as_bob: Client, as_ada: Client, alice: User, ada: User, picture: Picture
) -> None:
    board = Board.make(alice, name="Harbour", now=timezone.now())
    BoardPicture.add(board, [picture.pk], by=alice, now=timezone.now())
    settings = f"/boards/{board.code}/settings/"
    assert "Proof links" not in text(as_alice.get(settings)).partition("Board settings")[2]
    for client, title in ((as_alice, "Round 2"), (as_bob, "Of Bob")):
        client.post(NEW, {**FORM, "board": str(board.code), "title": title, "client": "Authority"})
    mine = text(as_alice.get(settings))
    assert "Round 2 For Authority · open until" in mine
    assert "Pictures stay. Ends 1 proof link." in mine
    assert "Of Bob" not in mine
    assert "by Bob" in text(as_ada.get(settings))
    # Whoever may not see the board any more shows it to nobody.
    Board.objects.update(visibility="private")
    assert [link.title for link in ProofLink.objects.shown_on(board, ada, timezone.now())] == ["Round 2"]
    link = ProofLink.objects.get(title="Round 2")
    row = as_alice.post(f"/proofs/{link.code}/revocation/", headers=people.HTMX)
    assert text(row) == "Round 2 Revoked"
    assert "Round 2" not in text(as_alice.get(settings))


def test_who_made_a_link_goes_on_reading_its_title_when_a_picture_of_it_turns_private(
    as_bob: Client, as_ada: Client, alice: User, bob: User, picture: Picture
) -> None:
    other = people.make_job(alice, state="done").pictures.get()
    sent(as_bob, picture, picture=[str(picture.code), str(other.code)], client="Authority")
    link = ProofLink.objects.get()
    picture.job.submission.set_privacy(True)  # type: ignore[union-attr]
    assert "Round 2 For Authority" in text(as_bob.get("/proofs/"))
    assert "Of private pictures" in text(as_ada.get("/proofs/?whose=all"))
    assert "Round 2" not in text(as_ada.get("/proofs/?whose=all"))
    answers.decide(answers.name_client(link, "Ingrid Holm"), other, "approved")
    assert Notification.objects.of(bob).get().text == "approved a picture in “Round 2”"
    assert "“Round 2” no longer opens." in text(as_bob.post(f"/proofs/{link.code}/revocation/", follow=True))

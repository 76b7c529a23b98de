"""The pages of a proof link: what a client without an account decides, says and reads."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, BoardPicture, Comment, Decision, Notification, Picture, ProofClient, ProofLink, User
from studio.models.proof import answers
from studio.models.proof.link import ProofSpec
from studio.views.proof import items as proof_items
from studio.views.proof import page as pages
from tests import people
from tests.people import HTMX, signed_in
from tests.views.page_text import text
from tests.views.plans import walks
from tests.views.proof_pages import HOSTILE, Round, made


@pytest.fixture
def alice_s(alice: User) -> Round:
    return Round(alice, made(alice), made(alice))


def test_a_name_is_asked_before_the_first_decision_and_the_decision_is_not_lost(alice_s: Round) -> None:
    first, second = alice_s.pictures
    asked = alice_s.post(second.code, "decision", verdict="approved", where="picture")
    assert asked.url == f"{alice_s.address('name')}?picture={second.code}&verdict=approved&where=picture"
    assert (
        alice_s.post(second.code, "decision", verdict="approved", headers=HTMX)
        .headers["HX-Redirect"]
        .startswith(alice_s.address("name"))
    )
    assert f'value="{second.code}"' in alice_s.browser.get(asked.url).content.decode()
    wanted = {"picture": str(second.code), "verdict": "approved", "where": "picture"}
    for bad, words in (("", "Write your name"), ("a@b", "Names can't contain @"), ("\u202ename", "can't be seen")):
        refused = alice_s.post("name", name=bad, **wanted)
        assert (refused.status_code, words in text(refused)) == (422, True)
        assert f'value="{second.code}"' in refused.content.decode()
    done = alice_s.post("name", name="  Ingrid   Holm ", **wanted)
    assert done.url == alice_s.address(second.code)
    second.refresh_from_db()
    assert (second.decision, ProofClient.objects.get().name) == ("approved", "Ingrid Holm")
    shown = text(alice_s.get(second.code))
    assert "You approved this · Today" in shown
    assert "Alice sees it at once." in shown
    assert alice_s.post(first.code, "decision", verdict="rejected").url == f"{alice_s.address()}#p-{first.code}"
    assert "Deciding as Ingrid Holm Change" in text(alice_s.get())


def test_an_answer_to_htmx_brings_the_buttons_and_how_far_it_is(alice_s: Round) -> None:
    alice_s.name()
    first, second = alice_s.pictures
    shown = alice_s.post(first.code, "decision", verdict="approved", headers=HTMX)
    assert "1 of 2 decided" in text(shown)
    assert f'href="{alice_s.address(second.code)}"' in shown.content.decode()
    shown = alice_s.post(second.code, "decision", verdict="rejected", where="picture", headers=HTMX)
    assert "You asked for changes" in text(shown)
    assert "Tell Alice" in text(shown)
    # Pressing the chosen one again takes it back.
    again = re.search(rf'id="no-{second.code}"[^>]*value="([^"]*)"', shown.content.decode())
    assert again
    alice_s.post(second.code, "decision", verdict=again[1])
    assert "1 of 2 decided" in text(alice_s.get())


def test_everything_decided_can_be_told(alice: User, alice_s: Round) -> None:
    assert alice_s.post("done").url == alice_s.address("name")
    alice_s.name()
    for picture in alice_s.pictures:
        alice_s.post(picture.code, "decision", verdict="approved")
    assert "Tell Alice" in text(alice_s.get())
    told = alice_s.post("done")
    assert "knows that you're done" in text(alice_s.browser.get(told.url.partition("#")[0]))
    assert Notification.objects.filter(person=alice, text__startswith="is done with").count() == 1


def test_a_comment_marks_a_spot_and_brings_a_name_along(alice_s: Round) -> None:
    first = alice_s.pictures[0]
    refused = alice_s.post(first.code, "comments", text="Lower", x="33.3", y="44.4")
    assert (refused.status_code, "Write your name" in text(refused)) == (422, True)
    for kept in (">Lower</textarea>", 'name="x" value="33.3"', 'name="y" value="44.4"'):
        assert kept in refused.content.decode()
    said = alice_s.post(first.code, "comments", text="Lower", name="Ingrid", x="33.3", y="44.4")
    comment = Comment.objects.get()
    assert said.url == f"{alice_s.address(first.code)}#c-{comment.code}"
    assert (comment.x, comment.y, comment.client and comment.client.name) == (33.3, 44.4, "Ingrid")
    alice_s.post(first.code, "comments", text="Fine", x="12")
    page = alice_s.get(first.code)
    assert '<svg x="33.30%" y="44.40%"' in page.content.decode()
    assert page.content.decode().count('class="pin"') == 1
    assert "2 comments on picture 1" in alice_s.get().content.decode()
    for bad in (
        {"text": ""},
        {"text": "x" * 2001},
        {"text": "a", "x": "101", "y": "1"},
        {"text": "a", "x": "nan", "y": "1"},
    ):
        assert alice_s.post(first.code, "comments", **bad).status_code == 422
    assert Comment.objects.count() == 2


def test_what_is_switched_off_is_refused(alice: User) -> None:
    client = Round(alice, made(alice), may_decide=False, may_comment=False)
    first = client.pictures[0]
    client.name()
    page = client.get(first.code).content.decode()
    assert "Approve" not in page
    assert "<textarea" not in page
    assert client.post(first.code, "decision", verdict="approved").status_code == 403
    assert client.post(first.code, "comments", text="Hello").status_code == 403
    assert client.post("done").status_code == 403
    notice = client.post(first.code, "decision", verdict="approved", headers=HTMX)
    assert (text(notice), notice.headers["HX-Retarget"]) == ("Decisions are closed here.", "#toasts")
    assert client.get(first.code, "download").status_code == 404
    assert not Decision.objects.exists()


def test_a_flood_is_refused_in_words(alice_s: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    alice_s.name()
    first = alice_s.pictures[0].code
    monkeypatch.setattr(answers, "MOST_AN_HOUR", 0)
    monkeypatch.setattr(answers, "MOST_NAMES", 1)
    for refused in (
        alice_s.post(first, "comments", text="Hello"),
        alice_s.post(first, "decision", verdict="approved"),
        alice_s.post("name", name="Jon"),
    ):
        assert (refused.status_code, "That's a lot at once." in text(refused)) == (429, True)


def test_a_link_without_pictures_says_so(alice: User, alice_s: Round) -> None:
    Picture.objects.update(trashed_at=timezone.now())
    assert "There are no pictures here yet." in text(alice_s.get())
    assert alice_s.browser.get(alice_s.file(alice_s.pictures[0])).status_code == 404
    assert alice_s.get("password").url == alice_s.address()


def test_a_board_shows_no_layer_of_a_split_by_itself(alice: User) -> None:
    board = Board.make(alice, now=timezone.now(), name="Harbour")
    split = people.make_job(alice, state="done", type="layering", source=people.make_picture(alice)).pictures.get()
    shown = made(alice)
    BoardPicture.add(board, [split.pk, shown.pk], by=alice, now=timezone.now())
    spec = ProofSpec(title="Round 2", expires_at=timezone.now() + timedelta(days=14))
    link, _ = ProofLink.make(alice, spec, board=board)
    assert [place.pk for place in link.places] == [shown.pk]
    page = signed_in(alice).get(f"/proofs/new/?board={board.code}").content.decode()
    assert str(shown.code) in page
    assert str(split.code) not in page


def test_odd_answers_are_refused_and_nothing_breaks(alice: User, alice_s: Round) -> None:
    alice_s.name()
    first, stranger = alice_s.pictures[0], made(alice)
    assert alice_s.post(first.code, "decision", verdict="candidate").status_code == 400
    assert alice_s.post(stranger.code, "decision", verdict="approved").status_code == 404
    assert alice_s.post(stranger.code, "comments", text="Hello").status_code == 404
    assert alice_s.post("name", name="Jon", picture="\x00").status_code == 404
    assert alice_s.get(after="\x00").status_code == 200
    for x, y in (("120", "-4"), ("left", "top"), ("5", "1e9")):
        said = text(alice_s.post(first.code, "comments", text="Here", x=x, y=y))
        assert said.count("A spot lies between 0 and 100 per cent of the picture") == 1
        assert "Ensure" not in said
    alice_s.browser.cookies["proof-client"] = "x"
    assert "Deciding as" not in text(alice_s.get())


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_texts_are_shown_as_they_are(alice: User, words: str) -> None:
    client = Round(alice, made(alice, prompt=words), title=words[:80], client=words, note=words, shows_prompts=True)
    first = client.pictures[0]
    client.name()
    assert client.post(first.code, "comments", text=words).status_code == 302
    client.post("name", name=words)
    for page in (client.get(), client.get(first.code)):
        assert page.status_code == 200
        for tag in ("<script>alert", "<img src=x"):
            assert tag not in page.content.decode()
    said = Comment.objects.get().text
    assert html.escape(said) in client.get(first.code).content.decode()
    assert "\u202e" not in said


def test_forms_need_their_token_even_where_the_origin_is_null(alice_s: Round) -> None:
    first = alice_s.pictures[0]
    alice_s.browser = Client(enforce_csrf_checks=True, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', alice_s.get("name").content.decode())
    assert token
    fields = {"text": "Hi", "name": "Jon"}
    assert alice_s.post(first.code, "comments", **fields).status_code == 403
    forged = {"Sec-Fetch-Site": "cross-site"}
    assert (
        alice_s.post(first.code, "comments", csrfmiddlewaretoken=token[1], headers=forged, **fields).status_code == 403
    )
    assert alice_s.post(first.code, "comments", csrfmiddlewaretoken=token[1], **fields).status_code == 302


def test_more_pictures_and_words_cost_no_more_queries(alice: User, django_assert_max_num_queries: Any) -> None:
    spent = []
    for number in (2, 5):
        client = Round(alice, *(made(alice) for _ in range(number)), shows_prompts=True, shows_prices=True)
        client.name()
        for picture in client.pictures:
            client.post(picture.code, "decision", verdict="approved")
            client.post(picture.code, "comments", text="Lower", x="1", y="1")
        first = client.pictures[0].code
        with django_assert_max_num_queries(25) as asked:
            assert client.get().status_code == 200
            assert client.get(first).status_code == 200
        spent.append(len(asked))
        with walks() as walked:
            client.get()
            client.get(first)
            client.post(first, "decision", verdict="rejected", headers=HTMX)
        assert walked == []
    assert spent[0] == spent[1]


def test_many_pictures_come_a_page_at_a_time(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pages, proof_items):
        monkeypatch.setattr(module, "PAGE", 2)
    client = Round(alice, *(made(alice) for _ in range(5)))
    codes = [str(picture.code) for picture in client.pictures]
    client.name()
    seen = []
    after = ""
    while True:
        page = client.get(after=after).content.decode()
        seen += re.findall(r'<figure class="[^"]+" id="p-([^"]+)"', page)
        more = re.search(r'\?after=([^"]+)">More', page)
        if not more:
            break
        after = more[1]
    assert seen == codes
    assert '<rect class="round-bar__yes" width="0" height="1"/>' in page
    assert f"?after={codes[1]}" in page
    assert (
        client.post(codes[4], "decision", verdict="approved").url == f"{client.address()}?after={codes[3]}#p-{codes[4]}"
    )

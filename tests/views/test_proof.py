"""The pages of a proof link: what a client without an account may do, and what stops when the link ends."""

from __future__ import annotations

import html
import io
import logging
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

from studio.models import Board, BoardPicture, Comment, Decision, Notification, Picture, ProofClient, ProofLink, User
from studio.models import proof_answers as answers
from studio.models.proof_link import ProofSpec
from studio.views import proof as pages
from studio.views import proof_items
from tests import people
from tests.people import HTMX, signed_in
from tests.views.plans import walks

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% now %}",
    "'; DROP TABLE studio_picture; --",
    "مرحبا \u202eevil\u202c",
    "👩‍👩‍👧 ﷽ Z̸̧̛͔a̷",
)


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def made(person: User, **spec: Any) -> Picture:
    """A picture of 640 × 400 pixels, in its file too."""
    picture = people.make_job(person, state="done", size=(640, 400), **spec).pictures.get()
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "#345678").save(out, "PNG")
    Path(default_storage.path(picture.file)).write_bytes(out.getvalue())
    return picture


class Round:
    """A link, as its client's browser sees it."""

    def __init__(self, person: User, *pictures: Picture, **fields: Any) -> None:
        expires_at = timezone.now() + timedelta(days=14)
        spec = ProofSpec(**{"title": "Round 2", "expires_at": expires_at, **fields})
        self.link, self.token = ProofLink.make(person, spec, pictures=pictures)
        self.browser = Client()
        self.pictures = pictures

    def address(self, *parts: object) -> str:
        return "/".join(("/proof", self.token, *map(str, parts))) + "/"

    def file(self, picture: Picture, size: int = 512) -> str:
        return f"/proof/{self.token}/{picture.code}/{size}.webp"

    def get(self, *parts: object, **data: str) -> Any:
        return self.browser.get(self.address(*parts), data)

    def post(self, *parts: object, headers: dict[str, str] | None = None, **data: Any) -> Any:
        return self.browser.post(self.address(*parts), data, headers=headers or {})

    def name(self, name: str = "Ingrid Holm") -> None:
        assert self.post("name", name=name).status_code == 302


@pytest.fixture
def alice_s(alice: User) -> Round:
    return Round(alice, made(alice), made(alice))


def body(response: Any) -> bytes:
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)


# ---- Coming in


def test_the_pages_need_no_account_and_tell_nobody_else(alice_s: Round) -> None:
    first = alice_s.pictures[0]
    for address in (alice_s.address(), alice_s.address(first.code), alice_s.address("name"), alice_s.file(first)):
        answer = alice_s.browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        kept = "private, no-cache" if address.endswith("webp") else "private, no-store"
        assert answer.headers["Cache-Control"] == kept
        assert not answer.streaming or body(answer)
    shown = text(alice_s.get())
    assert "From Alice Moreau . Open until" in shown
    assert "0 of 2 decided" in shown
    assert first.title not in alice_s.get().content.decode()


def test_a_session_of_the_studio_opens_nothing_more(alice: User, as_alice: Client, alice_s: Round) -> None:
    other = made(alice)
    for part in ("", "512.webp"):
        address = f"/proof/{alice_s.token}/{other.code}/{part}"
        assert as_alice.get(address).status_code == 404
    assert alice.name + ": account menu" not in as_alice.get(alice_s.address()).content.decode()


@pytest.mark.parametrize("token", ["x", "x" * 101, "%00", "ü" * 43, "../new"])
def test_an_unknown_token_is_not_found_and_says_no_more(client: Client, db: None, token: str) -> None:
    for address in (f"/proof/{token}/", f"/proof/{token}/{uuid.uuid4()}/", f"/proof/{token}/{uuid.uuid4()}/512.webp"):
        answer = client.get(address)
        assert answer.status_code in {302, 404}
        assert "Alice" not in answer.content.decode()


@pytest.mark.parametrize("way", ["expired", "revoked"])
def test_an_ended_link_stops_page_files_and_comments_at_once(alice: User, as_alice: Client, way: str) -> None:
    client = Round(alice, made(alice), downloads="web")
    first = client.pictures[0]
    client.name()
    sent = client.browser.get(client.file(first))
    assert body(sent)
    etag = sent.headers["ETag"]
    if way == "revoked":
        assert as_alice.post(f"/proofs/{client.link.code}/revocation/").url == "/proofs/"
    else:
        ProofLink.objects.update(expires_at=timezone.now())
    for address in (client.address(), client.address(first.code), client.address("name"), client.address("password")):
        answer = client.browser.get(address)
        assert answer.status_code == 410
        assert "This link has ended. Ask Alice Moreau for a new one." in text(answer)
    for address in (client.file(first), client.address(first.code, "download")):
        assert client.browser.get(address, headers={"If-None-Match": etag}).status_code == 410
    assert client.post(first.code, "comments", text="Late").status_code == 410
    answer = client.post(first.code, "decision", verdict="approved", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (410, "true")
    assert client.post("done").status_code == 410
    assert not Comment.objects.exists()
    assert not Decision.objects.exists()


def test_a_password_opens_the_link_in_this_browser_alone(alice: User) -> None:
    client = Round(alice, made(alice), password="fjord-lantern-38")
    first = client.pictures[0]
    assert "The password came with the link" in text(client.get())
    assert client.browser.get(client.file(first)).url == client.address()
    assert client.post(first.code, "comments", text="x", name="Jon").url == client.address()
    elsewhere = client.post(first.code, "decision", verdict="approved", headers=HTMX)
    assert elsewhere.headers["HX-Redirect"] == client.address()
    assert "The password came with the link" in text(client.get("password"))
    wrong = client.post("password", password="fjord-lantern-39")
    assert (wrong.status_code, "Wrong password." in text(wrong)) == (422, True)
    right = client.post("password", password=" fjord-lantern-38 ")
    assert right.url == client.address()
    cookie = right.cookies["proof-open"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (client.address(), True, "Lax")
    assert "0 of 1 decided" in text(client.get())
    body(client.browser.get(client.file(first)))
    # What one link's cookie says counts for no other.
    other = Round(alice, first, password="fjord-lantern-38")
    other.browser.cookies["proof-open"] = cookie.value
    assert "The password came with the link" in text(other.get())
    assert not Comment.objects.exists()


def test_wrong_passwords_are_slowed_down_for_a_link_and_an_address(alice: User) -> None:
    client = Round(alice, made(alice), password="fjord-lantern-38")
    for _ in range(7):
        assert client.post("password", password="wrong").status_code == 422
    refused = client.post("password", password="fjord-lantern-38")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 600
    assert "Too many wrong passwords. Try again at" in text(refused)
    tries = AccessAttempt.objects.get()
    assert client.token not in str(vars(tries))
    elsewhere = client.browser.post(
        client.address("password"), {"password": "fjord-lantern-38"}, REMOTE_ADDR="192.0.2.7"
    )
    assert elsewhere.status_code == 302
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert client.post("password", password="fjord-lantern-38").status_code == 302
    assert not AccessAttempt.objects.exists()


def test_the_token_is_in_no_log_and_in_no_table(
    as_alice: Client, alice: User, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = made(alice)
    form = {"act": "make", "picture": str(picture.code), "title": "Round 2", "ends": "7", "downloads": "off"}
    page = as_alice.post("/proofs/new/", {**form, "password": "fjord-lantern-38"}).content.decode()
    token = re.search(r"/proof/([\w-]{43})/", page)
    assert token
    client = Client()
    with caplog.at_level(logging.DEBUG):
        client.get(f"/proof/{token[1]}/")
        client.post(f"/proof/{token[1]}/password/", {"password": "wrong"})
        client.get(f"/proof/{token[1]}/nothing/")
    call_command("dumpdata", "--all")
    dumped = capsys.readouterr().out
    assert "Round 2" in dumped
    assert token[1] not in dumped
    assert "fjord" not in dumped


# ---- Answering


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

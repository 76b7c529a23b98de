"""The pages of a proof link: who comes in, and how far."""

from __future__ import annotations

import logging
import re
import uuid
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from studio.models import Comment, Decision, Picture, ProofLink, User
from tests.people import HTMX
from tests.views.page_text import text
from tests.views.proof_pages import Round, body, made


@pytest.fixture
def alice_s(alice: User) -> Round:
    return Round(alice, made(alice), made(alice))


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
    # The client may live in any zone.
    assert re.search(r"From Alice Moreau \. Open until \w{3} \d+ \w+, \d\d:\d\d UTC ?\.", shown)
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
    late = client.post(first.code, "comments", text="Late, but <long>")
    assert (late.status_code, "wasn't sent. Copy it from here: Late, but <long>" in text(late)) == (410, True)
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
    unsent = client.post(first.code, "comments", text="A little warmer", name="Jon")
    assert (unsent.status_code, "Your comment wasn't sent. Copy it from here: A little warmer" in text(unsent)) == (
        403,
        True,
    )
    assert 'name="password"' in unsent.content.decode()
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
    assert re.search(r"Too many wrong passwords\. Try again at \d\d:\d\d UTC\.", text(refused))
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


def test_the_list_shows_the_blur_of_a_picture_until_it_comes(alice_s: Round) -> None:
    blurred, clear = alice_s.pictures
    Picture.objects.update(placeholder="data:image/webp;base64,QUJD")
    Picture.objects.filter(pk=clear.pk).update(has_alpha=True)
    shown = alice_s.get().content.decode()
    [found] = re.findall(
        r'<img src="data:image/webp;base64,QUJD" alt="" aria-hidden="true">\s*<a [^>]*href="([^"]+)"', shown
    )
    assert str(blurred.code) in found

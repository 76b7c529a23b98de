"""Comments beside a picture and on their own page, and what the pulse and the bell say of them."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Comment, Notification, Revision, User
from tests.people import HTMX, make_job

HOSTILE = ["<script>alert(1)</script>", "a\x00b", "\u202egnp.x", "Z\u0341" * 900, "{{ x }} {% now %}", "' OR 1=1 --"]


@pytest.mark.parametrize("words", HOSTILE)
def test_any_words_are_shown_as_text(as_bob: Client, alice: User, words: str) -> None:
    picture = make_job(alice, state="done").pictures.get()
    there = f"/pictures/{picture.code}/comments/"
    answer = as_bob.post(there, {"text": words, "x": "18", "y": "53.5"}, headers=HTMX)
    assert answer.status_code == 200
    for page in (picture.get_absolute_url(), there):
        body = as_bob.get(page).content.decode()
        assert words.replace("\x00", "") in html.unescape(body)
        assert "<script>alert" not in body


def test_who_is_named_is_marked_and_the_rest_is_text(as_bob: Client, alice: User) -> None:
    picture = make_job(alice, state="done").pictures.get()
    there = f"/pictures/{picture.code}/comments/"
    said = f"@@author@@ <b>& @{alice.name}, @@code@@"
    as_bob.post(there, {"text": said})
    as_bob.post(there, {"text": "<i>Indeed", "reply_to": Comment.objects.get().code})
    page = as_bob.get(there).content.decode()
    words = re.search(r'<p class="comment__text" dir="auto">(.*?)</p>', page, re.DOTALL)
    assert words
    marked = f'<bdi\n  class="mention">@{alice.name}</bdi>'
    assert words[1] == f"@@author@@ &lt;b&gt;&amp; {marked}, @@code@@"
    assert re.search(r'<ol class="replies">\s*<li class="comment".*&lt;i&gt;Indeed</p>.*</ol>', page, re.DOTALL)


def test_without_a_script_a_form_that_is_sent_twice_is_one_comment(
    as_bob: Client, as_alice: Client, alice: User
) -> None:
    picture = make_job(alice, state="done").pictures.get()
    there = f"/pictures/{picture.code}/comments/"
    form = re.search(r'name="once" value="([^"]+)"', as_bob.get(there).content.decode())
    assert form
    sent = {"text": "Dimmer", "once": form[1]}
    first, again = as_bob.post(there, sent), as_bob.post(there, sent)
    assert first.url == again.url
    # Back, and other words, or the same of a spot or in answer; somebody else's words; nonsense.
    as_bob.post(there, {"text": "Warmer", "once": form[1]})
    as_bob.post(there, sent | {"x": "10", "y": "20"})
    as_bob.post(there, sent | {"reply_to": str(Comment.objects.get(text="Warmer").code)})
    as_alice.post(there, sent)
    as_bob.post(there, {"text": "Brighter", "once": "x"})
    said = [one.text for one in Comment.objects.order_by("pk")]
    assert said == ["Dimmer", "Warmer", "Dimmer", "Dimmer", "Dimmer", "Brighter"]


@pytest.mark.parametrize(
    "form",
    [
        {"text": ""},
        {"text": "x" * 2001},
        *({"text": "x", "x": odd, "y": "5"} for odd in ("nan", "1e999", "-1", "101", "abc", "\x00", "")),
        *({"text": "x", "reply_to": odd} for odd in (str(uuid.uuid4()), "no", "\x00")),
    ],
)
def test_what_is_refused_keeps_what_was_typed(as_bob: Client, alice: User, form: dict[str, str]) -> None:
    picture = make_job(alice, state="done").pictures.get()
    there = f"/pictures/{picture.code}/comments/"
    assert 'id="say-error"' in as_bob.post(there, form, headers=HTMX).content.decode()
    answer = as_bob.post(there, form)
    assert answer.status_code == 422
    assert form["text"] in answer.content.decode()
    assert not Comment.objects.exists()


def test_the_pulse_brings_what_others_say_and_the_bell_counts_it(as_alice: Client, bob: User, alice: User) -> None:
    picture = make_job(alice, state="done").pictures.get()
    Notification.objects.all().delete()
    query = {"page": "picture", "code": str(picture.code), "since": str(Revision.current())}
    Comment.objects.say(picture, "Dimmer, please", by=bob)
    body = as_alice.get("/pulse/", query, headers=HTMX).content.decode()
    assert "Dimmer, please" in body
    assert 'aria-label="Notifications, 1 new"' in body
    row = Notification.objects.get()
    assert "Dimmer, please" in as_alice.get("/notifications/").content.decode()
    assert as_alice.post(f"/notifications/{row.code}/").headers["Location"] == row.address
    assert "Nothing new." in as_alice.get("/notifications/?show=new").content.decode()


def test_words_for_a_comment_that_an_admin_deleted_meanwhile_are_not_lost(
    as_bob: Client, alice: User, bob: User
) -> None:
    picture = make_job(alice, state="done").pictures.get()
    said = Comment.objects.say(picture, "Dimmer", by=bob)
    said.delete_by(alice, now=timezone.now())
    for headers in ({}, HTMX):
        refused = as_bob.post(f"/comments/{said.code}/", {"text": "Dimmer, long considered"}, headers=headers)
        assert refused.status_code == 422
        assert "This comment was deleted meanwhile." in refused.content.decode()
    # Without script the page holds them, as a new comment.
    page = as_bob.post(f"/comments/{said.code}/", {"text": "Dimmer, long considered"}).content.decode()
    assert ">Dimmer, long considered</textarea>" in page
    assert f'action="/pictures/{picture.code}/comments/"' in page


def test_two_tabs_that_edit_a_comment_lose_nobodys_words(as_bob: Client, alice: User, bob: User) -> None:
    picture = make_job(alice, state="done").pictures.get()
    said = Comment.objects.say(picture, "Dimmer\nhere", by=bob)
    there, page = f"/comments/{said.code}/", f"/pictures/{picture.code}/comments/?edit={said.code}"
    assert 'name="was" value="Dimmer\nhere"' in as_bob.get(page).content.decode()
    first, second = {"was": "Dimmer\r\nhere"}, {"was": "Dimmer\nhere", "text": "Warmer"}
    assert as_bob.post(there, {**first, "text": "Brighter"}).status_code == 302
    for headers in ({}, HTMX):
        refused = as_bob.post(there, second, headers=headers)
        body = refused.content.decode()
        assert refused.status_code == 422
        assert "You changed this comment meanwhile, in another tab." in body
        assert 'name="was" value="Brighter"' in body
        assert '<p class="comment__text" dir="auto">Brighter</p>' in body
    assert ">Warmer</textarea>" in as_bob.post(there, second).content.decode()
    # Words that are refused for another reason have still seen nothing of the other tab's.
    assert 'name="was" value="Dimmer' in as_bob.post(there, {**first, "text": " "}).content.decode()
    assert as_bob.post(there, {"was": "Brighter", "text": "Warmer"}).status_code == 302
    assert Comment.objects.get().text == "Warmer"

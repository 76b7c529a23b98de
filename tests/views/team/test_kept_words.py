"""What is too long is told, and what was typed stays in its field."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import AlertChannel, CaseNote, Invite, User
from studio.models.requests.approval import LONGEST
from tests.models.account.test_rights import may
from tests.people import make_approval, make_job, make_picture


@pytest.mark.parametrize("act", ["refusal", "question", "note"])
def test_words_that_are_too_long_are_told_and_stay(as_ada: Client, as_alice: Client, alice: User, act: str) -> None:
    waits = make_approval(may(alice, asks_above=Decimal("0.10")))
    client, field = (as_alice, "note") if act == "note" else (as_ada, {"refusal": "reason", "question": act}[act])
    words = "ä" * (LONGEST + 1)
    answer = client.post(f"/approvals/{waits.code}/{act}/", {field: words})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f"Shorten this to {LONGEST} characters." in html
    assert f'value="{words}"' in html
    waits.refresh_from_db()
    assert (waits.is_waiting, waits.reason, waits.question, waits.note) == (True, "", "", "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"note": "日" * 81, "email": "jo@example.com"},
            "Shorten the name or note to 80 characters. No invite was made.",
        ),
        ({"note": "Jonas", "email": "nobody"}, "That is not an email address, so no invite was made."),
    ],
)
def test_an_invite_that_is_not_made_keeps_what_was_typed(as_ada: Client, fields: dict[str, str], said: str) -> None:
    answer = as_ada.post(reverse("studio:invite"), {"role": "viewer", **fields})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert all(f'value="{value}"' in html for value in fields.values())
    assert '<option value="viewer" selected>' in html
    assert not Invite.objects.exists()


def test_the_name_of_a_channel_is_never_cut(as_ada: Client) -> None:
    fields = {"name": "日" * 61, "kind": "email", "address": "jo@example.com", "events": ["paused"]}
    answer = as_ada.post(reverse("studio:add_channel"), fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Shorten the name to 60 characters." in html
    assert f'value="{"日" * 61}"' in html
    assert not AlertChannel.objects.exists()


def test_a_refused_reason_for_a_flag_is_still_there(as_ada: Client, alice: User) -> None:
    picture, other = make_picture(alice), make_picture(alice)
    as_ada.post(reverse("studio:flag_picture", args=[picture.code]), {"reason": "x" * 250})
    assert "x" * 250 not in as_ada.get(other.get_absolute_url()).content.decode()
    assert f'value="{"x" * 250}"' in as_ada.get(picture.get_absolute_url()).content.decode()


def test_refused_tags_are_still_there_without_a_script(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)
    tags = "boat, " + "x" * 600
    page = as_alice.post(reverse("studio:tag_picture", args=[picture.code]), {"tag": tags}, follow=True)
    assert f'value="{"x" * 600}"' in page.content.decode()


def test_a_note_of_review_that_is_too_long_is_told_and_stays(as_ada: Client, alice: User) -> None:
    job, other = (make_job(alice, state="failed") for _ in range(2))
    words, url = "ä" * 301, f"/jobs/{job.code}/notes/"
    said = "Shorten the note to 300 characters: it has 301."
    row = {"HX-Request": "true", "HX-Target": f"case-{job.code}"}
    for answer in (as_ada.post(url, {"text": words}, headers=row), as_ada.post(url, {"text": words}, follow=True)):
        html = answer.content.decode()
        assert said in html
        assert html.count(f">{words}</textarea>") == html.count("data-note open>") == 1
    # The page brings it once.
    assert words not in as_ada.get("/review/").content.decode()
    form = {"act": "note", "cause": job.cause, "job": [str(job.code), str(other.code)], "text": words}
    html = as_ada.post("/review/acts/", form, follow=True).content.decode()
    assert said in html
    assert f'value="{words}"' in html
    assert '<details class="bulk__note" open>' in html
    assert not CaseNote.objects.exists()


def test_no_field_of_review_or_spend_cuts_what_is_pasted(as_ada: Client, alice: User) -> None:
    """A browser takes what fits and says nothing: a price of another model, half of a note."""
    make_job(alice, state="failed")
    for address in ("/review/", "/spend/"):
        fields = re.findall(r"<(?:input|textarea)[^>]*maxlength[^>]*>", as_ada.get(address).content.decode())
        assert [one for one in fields if 'type="search"' not in one] == []


def test_no_field_of_an_account_cuts_what_is_pasted(as_ada: Client, ada: User) -> None:
    """Half of a pasted password would be the password."""
    _, token = Invite.issue(by=ada, role=User.Role.DESIGNER, now=timezone.now())
    pages = {
        "/account/": as_ada,
        "/account/passkeys/new/": as_ada,
        "/sign-in/": Client(),
        f"/welcome/{token}/": Client(),
    }
    for address, client in pages.items():
        assert "maxlength" not in client.get(address).content.decode(), address
    form = {"name": "x" * 81, "password": "ä" * 201}
    html = Client().post(f"/welcome/{token}/", form).content.decode()
    assert "Shorten this to 80 characters: it has 81." in html
    assert "Shorten this to 200 characters: it has 201." in html
    assert f'value="{form["name"]}"' in html

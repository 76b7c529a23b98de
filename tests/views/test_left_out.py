"""What the address of a list asks for and Studio doesn't know is said, and not passed over. (The gallery's: its own test.)"""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, CaseNote, Job, User
from tests import people

LEFT_OUT = "Left out, because Studio doesn't know it: {}. Choose again in the filters."
HERE = "Left out, because Studio doesn't know it: {}. Choose again."
CUT = "Only the first 1,000 characters are searched for. Shorten the search."
LONG = "q=" + "boat+" * 300


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/?whose=everybody&show=old", HERE.format("Whose “everybody”, Show “old”")),
        ("/trash/?whose=all", HERE.format("Whose “all”")),
        ("/proofs/?whose=team", HERE.format("Whose “team”")),
        ("/account/tokens/?whose=team", HERE.format("Whose “team”")),
        ("/spend/?show=bars", HERE.format("Show “bars”")),
        ("/review/?person=999999&model=uni-0", LEFT_OUT.format("Person “999999”, Model “uni-0”")),
        ("/review/?show=all&time=90d&trend=week", LEFT_OUT.format("Status “all”, Time “90d”, Trend “week”")),
        (f"/review/?{LONG}", CUT),
        ("/trail/?person=999999&kind=party", LEFT_OUT.format("Person “999999”, Kind “party”")),
        ("/trail/?person=alice&from=2026-13", LEFT_OUT.format("Person “alice”, From “2026-13”")),
        (f"/trail/?{LONG}&to=tomorrow", f"{LEFT_OUT.format('To “tomorrow”')} {CUT}"),
        ("/boards/?show=theirs", HERE.format("Show “theirs”")),
        (f"/boards/?{LONG}", CUT),
        ("/boards/{board}/?show=aproved&order=best", HERE.format("Show “aproved”, Order “best”")),
        ("/looks/?whose=theirs", HERE.format("Whose “theirs”")),
        (f"/looks/?{LONG}", CUT),
        ("/people/?role=boss", HERE.format("Role “boss”")),
        (f"/people/?{LONG}", CUT),
        ("/notifications/?show=old", HERE.format("Show “old”")),
    ],
)
def test_what_is_left_out_of_an_address_is_said(as_ada: Client, ada: User, address: str, said: str) -> None:
    board = Board.make(ada, name="Harbour", now=timezone.now())
    assert said in unescape(as_ada.get(address.format(board=board.code)).content.decode())


@pytest.mark.parametrize(
    "address",
    [
        *(
            "/?whose=team&show=done",
            "/trash/?whose=team",
            "/proofs/?whose=all",
            "/account/tokens/?whose=all",
            "/spend/?show=table",
        ),
        *("/review/", "/review/?show=open&person={ada}&model=uni-1&time=7d&trend=hour&q=boat", "/review/?show=&q="),
        *("/trail/", "/trail/?person={ada}&kind=role&from=2026-11&to=2026-11-03&q=boat", "/trail/?person=&kind=&q="),
        *(
            "/boards/?show=mine&q=boat",
            "/boards/?show=",
            "/boards/{board}/?show=approved&order=newest",
            "/looks/?whose=",
        ),
        *("/looks/?whose=mine&q=boat", "/people/?role=viewer&q=a", "/notifications/?show=", "/notifications/?show=new"),
    ],
)
def test_an_address_that_is_understood_says_nothing(as_ada: Client, ada: User, address: str) -> None:
    board = Board.make(ada, name="Harbour", now=timezone.now())
    page = as_ada.get(address.format(board=board.code, ada=ada.pk)).content.decode()
    assert "Left out" not in page
    assert "are searched for" not in page


def test_an_unknown_person_is_left_out_and_everybody_shown(as_ada: Client, alice: User) -> None:
    people.make_job(alice, state="failed", prompt="Paper boat")
    assert "Paper boat" in as_ada.get("/review/?person=999999").content.decode()
    assert "No failure matches." not in as_ada.get("/review/?person=999999").content.decode()


def test_nothing_is_done_to_all_of_what_a_form_asks_for_in_part(as_ada: Client, alice: User) -> None:
    """An older page may ask for a model that is no longer there: without it everything would be meant."""
    job = people.make_job(alice, state="failed")
    form = {"act": "resolve", "all": "on", "cause": job.cause, "model": "uni-0"}
    said = as_ada.post("/review/acts/", form, follow=True).content.decode()
    assert f"{LEFT_OUT.format('Model “uni-0”')} Nothing was done." in unescape(said)
    assert Job.objects.get().case_status == "open"
    assert not CaseNote.objects.exists()

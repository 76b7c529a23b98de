"""Requests above a person's limit: they wait, cost nothing, and are placed once when an admin approves."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studio.models import Approval, Batch, Job, Notification, Submission, TrailEntry, User
from studio.models.requests.approval import LONGEST, PriceChanged
from tests.models.account.test_rights import may
from tests.models.test_submission import together
from tests.people import HTMX, make_approval, make_person, make_picture, signed_in
from tests.views.create.test_submit import asked

HOSTILE = '<script>alert(1)</script>\u202e "quoted" \x00 ' + "x" * 900


@pytest.fixture
def limited(alice: User) -> User:
    return may(alice, asks_above=Decimal("0.10"))


def press(client: Client, approval: Approval, act: str, **fields: Any) -> str:
    """Press a button of a request; return what the next page says."""
    answer = client.post(f"/approvals/{approval.code}/{act}/", fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# ---- Asking


def test_above_the_limit_a_request_waits_and_nothing_is_made(as_alice: Client, limited: User, ada: User) -> None:
    answer = as_alice.post("/submissions/", asked(count="4"), headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Waiting for approval · $0.16" in html
    assert "It costs $0.16, which is above $0.10" in html
    assert not Submission.objects.exists()
    told = Notification.objects.get(person=ada)
    assert (told.kind, told.text, told.actor) == ("approval", "asks for 4 pictures, $0.16.", limited)


def test_a_price_just_above_the_limit_is_told_from_it(as_alice: Client, limited: User) -> None:
    User.objects.filter(pk=limited.pk).update(asks_above=Decimal("0.04"))
    answer = as_alice.post("/submissions/", asked(count="1"), headers=HTMX)
    assert "It costs $0.0404, which is above $0.04, so" in answer.content.decode()


def test_a_double_click_asks_once(as_alice: Client, limited: User, ada: User) -> None:
    spec = asked(count="4")
    for _ in range(2):
        as_alice.post("/submissions/", spec, headers=HTMX)
    assert Approval.objects.count() == 1
    assert Notification.objects.filter(person=ada).count() == 1


def test_without_a_script_it_leads_to_where_it_waits(as_alice: Client, limited: User) -> None:
    answer = as_alice.post("/submissions/", asked(count="4"), follow=True)
    assert answer.redirect_chain == [("/#approvals", 302)]
    assert "Waiting for approval · $0.16" in answer.content.decode()


def test_up_to_the_limit_nobody_is_asked(as_alice: Client, limited: User) -> None:
    as_alice.post("/submissions/", asked(count="2"), headers=HTMX)
    assert Submission.objects.count() == 1
    assert not Approval.objects.exists()


def test_a_list_of_combinations_waits_as_one_request(as_alice: Client, as_ada: Client, limited: User) -> None:
    picture = make_picture(limited)
    form = {"way": "make", "prompt": "A paper boat", "ratios": ["1:1", "3:2", "2:3"], "model": "uni-1"}
    form["token"] = str(uuid.uuid4())
    as_alice.post(f"/pictures/{picture.code}/formats/", form)
    waits = Approval.objects.get()
    assert (waits.kind, waits.number, len(waits.requests)) == ("formats", 3, 3)
    press(as_ada, waits, "approval", price=str(waits.total))
    assert Batch.objects.get().person == limited
    assert Approval.objects.get().placed() == Batch.objects.get()
    assert Submission.objects.get(batch_number=2).aspect_ratio == "3:2"
    assert list(Submission.objects.earliest("pk").pictures.all()) == [picture]


def test_marks_and_one_edit_of_many_wait_as_well(as_alice: Client, limited: User) -> None:
    picture = make_picture(limited)
    may(limited, asks_above=Decimal("0.01"))
    form = {"picture": str(picture.code), "prompt": "Night", "token": str(uuid.uuid4())}
    answer = as_alice.post("/edits/", form, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/#approvals")
    assert Approval.objects.get().kind == "edit"


def test_combinations_wait_and_their_list_goes(as_alice: Client, limited: User) -> None:
    form = asked(prompt="A {red|green|blue} boat", count="1")
    shown = as_alice.post("/submissions/", form, headers=HTMX).content.decode()
    found = re.search(r'name="listed" value="([^"]+)"', shown)
    assert found
    html = as_alice.post(
        "/submissions/", form | {"listed": found[1], "combination": ["0", "1", "2"]}, headers=HTMX
    ).content.decode()
    assert "3 pictures" in html
    assert 'name="listed"' not in html
    assert (Approval.objects.get().kind, Approval.objects.get().number) == ("combinations", 3)


# ---- Deciding


def test_an_approved_request_is_placed_under_its_owner(as_ada: Client, limited: User, ada: User) -> None:
    source = make_picture(limited)
    waits = make_approval(limited, type="image_edit", source=source, count=3, aspect_ratio="")
    html = as_ada.get("/approvals/").content.decode()
    assert "Approve · $0.13" in html
    assert "A paper boat" in html
    said = press(as_ada, waits, "approval", price=str(waits.total))
    assert "Approved: 3 pictures for Alice Moreau, $0.13." in said
    made = Submission.objects.get()
    assert (made.person, made.count, made.source) == (limited, 3, source)
    told = Notification.objects.get(person=limited)
    assert (told.text, told.actor) == ("approved 3 pictures, $0.13.", ada)
    entry = TrailEntry.objects.get()
    assert (entry.verb, entry.actor, entry.thing) == ("approval", ada, "3 pictures of Alice Moreau")
    assert "See the pictures" in as_ada.get(f"/approvals/{waits.code}/").content.decode()


def test_the_second_admin_reads_who_was_first(as_ada: Client, limited: User) -> None:
    eve = signed_in(make_person("Eve Second", role="admin"))
    waits = make_approval(limited)
    press(as_ada, waits, "approval", price=str(waits.total))
    assert "Ada Admin was first: approved" in press(eve, waits, "approval", price=str(waits.total))
    assert "Ada Admin was first: approved" in press(eve, waits, "refusal", reason="Too much")
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_the_same_moment_place_it_once() -> None:
    alice, admins = make_person(), [make_person(f"Admin {n}", role="admin") for n in range(4)]
    waits = make_approval(alice, count=2)
    done: list[bool] = []

    def approve(admin: User) -> None:
        done.append(Approval.objects.get().approve(by=admin, seen=waits.total, now=timezone.now()))

    together(*[partial(approve, admin) for admin in admins])
    assert sorted(done) == [False, False, False, True]
    assert Job.objects.count() == 2


def test_a_price_that_changed_is_shown_before_anything_is_made(
    as_ada: Client, limited: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = make_approval(limited)
    before = str(waits.total)
    monkeypatch.setattr(Approval, "total_today", lambda self: Decimal("0.0500"))
    assert "The price has changed: it costs $0.05 now." in press(as_ada, waits, "approval", price=before)
    assert not Submission.objects.exists()
    html = as_ada.get("/approvals/").content.decode()
    assert "Approve · $0.05" in html
    assert "it was $0.04 when asked" in html
    with pytest.raises(PriceChanged):
        waits.approve(by=ada, seen=Decimal(before), now=timezone.now())
    press(as_ada, waits, "approval", price="0.0500")
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("price", ["", "nonsense", "NaN", "sNaN", "1e999", "-1"])
def test_a_price_that_makes_no_sense_approves_nothing(as_ada: Client, limited: User, price: str) -> None:
    waits = make_approval(limited)
    assert "The price has changed" in press(as_ada, waits, "approval", price=price)
    assert not Submission.objects.exists()


def test_what_cannot_be_made_any_more_waits_on_and_says_why(as_ada: Client, limited: User) -> None:
    reference = make_picture(limited)
    waits = make_approval(limited, references=(reference,))
    type(reference).objects.filter(pk=reference.pk).update(trashed_at=timezone.now())
    assert "One of its pictures was deleted" in press(as_ada, waits, "approval", price=str(waits.total))
    other = make_approval(limited)
    may(limited, is_active=False)
    said = press(as_ada, other, "approval", price=str(other.total))
    assert "Alice Moreau can&#x27;t make pictures any more." in said
    assert Approval.objects.waiting().count() == 2


def test_a_card_says_what_is_left_after_it_and_a_budget_holds(as_ada: Client, limited: User) -> None:
    may(limited, cap_per_day=Decimal("0.20"), cap_per_month=Decimal(100), asks_above=Decimal("0.10"))
    fits, passes = make_approval(limited, count=3), make_approval(limited, count=6)
    html = as_ada.get("/approvals/").content.decode()
    assert "$0.20 a day, $0.08 left after this" in html
    assert "$0.20 a day, over by $0.04 after this" in html
    assert "Alice Moreau&#x27;s budget for today has $0.20 left" in press(
        as_ada, passes, "approval", price=str(passes.total)
    )
    press(as_ada, fits, "approval", price=str(fits.total))
    assert Job.objects.count() == 3


def test_nobody_approves_their_own_request(as_ada: Client, ada: User) -> None:
    waits = make_approval(ada)
    said = press(as_ada, waits, "approval", price=str(waits.total))
    assert "Another admin has to approve your own request." in said
    assert not Submission.objects.exists()


def test_a_reason_for_declining_reaches_the_person(as_ada: Client, as_alice: Client, limited: User) -> None:
    waits = make_approval(limited, count=4)
    assert "Say why, so that Alice Moreau knows what to change." in press(as_ada, waits, "refusal", reason=" ")
    press(as_ada, waits, "refusal", reason="Start with 2.")
    html = as_alice.get(f"/approvals/{waits.code}/").content.decode()
    assert "Start with 2." in html
    assert Notification.objects.get(person=limited).text == "declined 4 pictures: “Start with 2.”"
    assert "Start with 2." in as_ada.get("/approvals/").content.decode()  # decided this week
    assert "Waiting for approval" not in as_alice.get("/").content.decode().replace(
        'aria-label="Waiting for approval"', ""
    )


def test_a_question_is_asked_and_answered(as_ada: Client, as_alice: Client, limited: User, ada: User) -> None:
    waits = make_approval(limited)
    assert "Write what you want to know." in press(as_ada, waits, "question")
    press(as_ada, waits, "question", question="For which client?")
    assert "For which client?" in as_alice.get("/").content.decode()
    press(as_alice, waits, "note", note="For the harbour.")
    assert "For the harbour." in as_ada.get("/approvals/").content.decode()
    assert Notification.objects.get(person=ada).text == "says about 1 picture: “For the harbour.”"


def test_its_person_takes_it_back(as_alice: Client, as_ada: Client, limited: User) -> None:
    waits = make_approval(limited)
    html = as_alice.post(f"/approvals/{waits.code}/cancellation/", headers=HTMX).content.decode()
    assert "The request is taken back. Nothing was made." in html
    assert 'id="approvals"' in html
    assert "was first: cancelled" in press(as_ada, waits, "approval", price=str(waits.total))
    assert "It was cancelled meanwhile." in press(as_alice, waits, "cancellation")
    assert "decided already" in press(as_alice, waits, "note", note="x")


# ---- Who sees what


def test_words_and_pictures_of_a_private_request_stay_private(as_ada: Client, as_alice: Client, limited: User) -> None:
    reference = make_picture(limited, is_private=True)
    waits = make_approval(limited, prompt="zephyrine lanterns", references=(reference,), is_private=True)
    for address in ("/approvals/", f"/approvals/{waits.code}/", "/notifications/", "/people/"):
        html = as_ada.get(address).content.decode()
        assert "zephyrine" not in html
        assert reference.sha256[:12] not in html
    assert "Approve · $0.04" in as_ada.get("/approvals/").content.decode()
    assert "zephyrine" in as_alice.get(f"/approvals/{waits.code}/").content.decode()


@pytest.mark.parametrize("act", ["refusal", "question", "note"])
def test_strange_words_are_kept_as_words(as_ada: Client, as_alice: Client, limited: User, act: str) -> None:
    waits = make_approval(limited, prompt="<b>bold</b>")
    client, field = (as_alice, "note") if act == "note" else (as_ada, {"refusal": "reason", "question": act}[act])
    press(client, waits, act, **{field: " ".join(HOSTILE.split())[:LONGEST]})
    for one in (as_ada.get("/approvals/"), as_alice.get(f"/approvals/{waits.code}/"), as_alice.get("/")):
        html = one.content.decode()
        assert "<script>alert" not in html
        assert "<b>bold" not in html


def test_the_number_of_queries_does_not_grow_with_the_requests(as_ada: Client, limited: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_ada.get("/approvals/").status_code == 200
        return len(captured)

    make_approval(limited, references=(make_picture(limited),))
    queries()
    few = queries()
    for _ in range(5):
        make_approval(limited, references=(make_picture(limited),))
    assert queries() <= few


def test_an_open_page_learns_of_a_decision(as_alice: Client, ada: User, limited: User) -> None:
    waits = make_approval(limited)
    since = int(as_alice.get("/").context["since"])
    waits.approve(by=ada, seen=waits.total, now=timezone.now())
    html = as_alice.get(f"/pulse/?page=create&since={since}").content.decode()
    assert 'id="approvals"' in html
    assert "Waiting for approval ·" not in html
    assert f'id="job-{Job.objects.get().code}"' in html

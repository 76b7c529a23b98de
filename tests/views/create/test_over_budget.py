"""What passes a budget can be asked for: it waits among the approvals, and an approval lets exactly that one through."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.engine.integrity import money
from studio.models import Approval, Batch, Job, Notification, Submission, TeamBudget, User
from tests.models.account.test_rights import may
from tests.people import HTMX, make_approval, make_job, make_picture
from tests.views.create.test_submit import asked
from tests.views.edits.test_marks import NUMBER
from tests.views.team.test_approvals import press


@pytest.fixture
def poor(alice: User) -> User:
    """$0.10 a day, of which one picture's $0.0404 is spent."""
    may(alice, cap_per_day=Decimal("0.10"))
    make_job(alice, state="done")
    return alice


def waits_of(client: Client, address: str, form: dict[str, Any]) -> Approval:
    """Ask for what passes the budget: refused with the button first, and then it waits; nothing is made of it."""
    jobs = Job.objects.count()
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert 'name="ask"' in refused.content.decode()
    assert not Approval.objects.exists()
    said = client.post(address, form | {"ask": "on"}, follow=True).content.decode()
    assert "It passes the daily budget of $0.10, so it waits for an admin" in said
    assert Job.objects.count() == jobs
    return Approval.objects.get()


def test_out_of_budget_the_dock_offers_to_ask(as_alice: Client, poor: User, ada: User) -> None:
    form = asked(count="2")
    answer = as_alice.post("/submissions/", form, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Your budget for today has $0.0596 left" in html
    assert 'name="ask" value="on"' in html
    kept = as_alice.post("/submissions/", form | {"ask": "on"}, headers=HTMX).content.decode()
    assert "Waiting for approval · $0.08" in kept
    assert "It passes the daily budget of $0.10" in kept
    as_alice.post("/submissions/", form | {"ask": "on"}, headers=HTMX)
    waits = Approval.objects.get()
    assert (waits.budget, waits.total, waits.above) == ("daily budget of $0.10", Decimal("0.0808"), Decimal("0.0596"))
    told = Notification.objects.get(person=ada)
    assert told.text == "asks for 2 pictures, $0.08, over the daily budget of $0.10."
    assert Job.objects.count() == 1


def test_an_approval_lets_exactly_that_one_through(as_alice: Client, as_ada: Client, poor: User) -> None:
    waits = waits_of(as_alice, "/submissions/", asked(count="2"))
    page = as_ada.get("/approvals/").content.decode()
    assert "over the daily budget of $0.10" in page
    assert "over by $0.02 after this" in page
    assert 'name="over" value="on"' in page
    # Who has not seen that it passes a budget does not let it pass.
    assert "budget for today has $0.0596 left" in press(as_ada, waits, "approval", price=str(waits.total))
    assert Job.objects.count() == 1
    assert "Approved: 2 pictures" in press(as_ada, waits, "approval", price=str(waits.total), over="on")
    assert Submission.objects.latest("pk").count == 2
    press(as_ada, waits, "approval", price=str(waits.total), over="on")
    assert Job.objects.count() == 3
    refused = as_alice.post("/submissions/", asked(count="1", prompt="One more"))
    assert "Your budget for today has $0.00 left" in refused.content.decode()
    assert list(money.broken()) == []


def test_who_may_spend_by_then_is_not_asked_about(as_alice: Client, poor: User) -> None:
    may(poor, cap_per_day=Decimal(5))
    as_alice.post("/submissions/", asked(count="2") | {"ask": "on"})
    assert not Approval.objects.exists()
    assert Job.objects.count() == 3


def test_the_budget_of_the_team_can_be_passed_too(as_alice: Client, as_ada: Client, alice: User) -> None:
    TeamBudget.objects.create(pk=1, per_month=Decimal("0.05"))
    as_alice.post("/submissions/", asked(count="2") | {"ask": "on"})
    waits = Approval.objects.get()
    assert waits.budget == "team's monthly budget of $0.05"
    assert "$0.05 a month for the team, over by $0.03 after this" in as_ada.get("/approvals/").content.decode()
    press(as_ada, waits, "approval", price=str(waits.total), over="on")
    assert Job.objects.count() == 2


def test_every_page_that_pays_can_ask(as_alice: Client, as_ada: Client, poor: User) -> None:
    one, other = make_picture(poor), make_picture(poor)
    edits = {"token": str(uuid.uuid4()), "picture": [str(one.code), str(other.code)], "prompt": "Snow"}
    assert waits_of(as_alice, "/edits/", edits).kind == "edit"
    Approval.objects.all().delete()
    formats = {"token": str(uuid.uuid4()), "way": "make", "ratios": ["1:1", "3:2"], "prompt": "Snow", "model": "uni-1"}
    waits = waits_of(as_alice, f"/pictures/{one.code}/formats/", formats)
    press(as_ada, waits, "approval", price=str(waits.total), over="on")
    assert Batch.objects.get().kind == "formats"


def test_marks_can_ask_with_and_without_script(as_alice: Client, poor: User) -> None:
    source = make_picture(poor)
    marks = json.dumps([NUMBER | {"points": [4, 4], "words": "a cat"}])
    form = {"token": str(uuid.uuid4()), "model": "uni-1", "count": "2", "marks": marks}
    told = as_alice.post(f"/pictures/{source.code}/marks/", form, headers=HTMX)
    assert (told.status_code, told.headers["Over-Budget"]) == (422, "on")
    waits_of(as_alice, f"/pictures/{source.code}/marks/", form)


# ---- Long lists


def test_the_list_goes_on_behind_fifty(as_ada: Client, poor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.team.approvals.MOST_SHOWN", 2)
    made = [make_approval(poor, prompt=f"Boat {number}", now=timezone.now()) for number in range(5)]
    seen, address = [], "/approvals/"
    for _ in range(3):
        answer = as_ada.get(address)
        seen += [card.approval.pk for card in answer.context["cards"]]
        address = f"/approvals/?after={answer.context['after']}"
    assert seen == [one.pk for one in made]
    assert "5 requests wait" in " ".join(as_ada.get("/approvals/").content.decode().replace("</b>", "").split())
    for one in made:
        one.decline(by=User.objects.get(name="Ada Admin"), reason="Not now", now=timezone.now())
    seen, address = [], "/approvals/"
    for _ in range(3):
        answer = as_ada.get(address)
        seen += [one.pk for one in answer.context["decided"]]
        address = f"/approvals/?before={answer.context['before']}"
    assert seen == [one.pk for one in reversed(made)]
    for odd in ("after=x", "before=%00", f"after={uuid.uuid4()}"):
        assert as_ada.get(f"/approvals/?{odd}").status_code == 404

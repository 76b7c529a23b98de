"""Budgets of the team and of people: how an admin sets them, and what who is out of one can do."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Job, TeamBudget, TrailEntry, User
from tests.people import HTMX, make_job, make_submission
from tests.views.page_text import text


def test_a_budget_is_set_shown_and_told_in_the_trail(as_ada: Client, alice: User) -> None:
    make_submission(alice, count=20)
    answer = as_ada.post("/spend/budgets/", {"per_month": "0.82", "per_day": "", "each_per_day": "5"})
    assert answer.headers["Location"] == "/spend/#budgets"
    budget = TeamBudget.current()
    assert (budget.per_month, budget.per_day, budget.each_per_day) == (Decimal("0.82"), None, 5)
    entry = TrailEntry.objects.get(verb="budget")
    assert (entry.thing, entry.text) == (
        "The team",
        "the team a month: no limit → $0.82; each person a day: no limit → $5.00",
    )
    shown = text(as_ada.get("/spend/"))
    month = f"{timezone.localdate():%B}"
    assert f"Team {month} {month} $0.81 $0.81 held $0.82" in shown
    assert "$0.01 left" in shown
    assert "Everybody Each, per day Each, per day $5.00" in shown
    as_ada.post("/spend/budgets/", {"per_month": "0.5"})
    assert "The team is $0.31 over its budget of $0.50 for " in text(as_ada.get("/spend/"))


def test_a_person_has_a_budget_of_their_own(as_ada: Client, alice: User) -> None:
    assert "Alice Moreau" in text(as_ada.get("/spend/?budget=new"))
    as_ada.post("/spend/budgets/", {"person": alice.pk, "per_day": "5", "per_month": ""})
    alice.refresh_from_db()
    assert (alice.cap_per_day, alice.cap_per_month) == (5, None)
    assert "Alice Moreau Today Today $0.00 $5.00 $5.00 left" in text(as_ada.get("/spend/"))
    assert 'value="5.00"' in as_ada.get(f"/spend/?budget={alice.pk}").content.decode()


@pytest.mark.parametrize("amount", ["-1", "x", "1e99", "NaN", "1.000,50", "9999999", "\x00", "٣"])
def test_a_budget_that_is_no_amount_is_refused_and_nothing_is_lost(as_ada: Client, alice: User, amount: str) -> None:
    answer = as_ada.post("/spend/budgets/", {"per_month": amount, "per_day": "7"})
    assert answer.status_code == 422
    assert "Write an amount in dollars" in text(answer)
    assert 'value="7"' in answer.content.decode()
    assert not TeamBudget.objects.exists()
    assert as_ada.post("/spend/budgets/", {"person": "999999"}).status_code == 422


# ---- Prices


def test_out_of_budget_is_calm_and_keeps_what_was_typed(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(cap_per_day=Decimal("0.10"))
    TeamBudget.objects.create(pk=1, per_month=Decimal(3))
    shown = text(as_alice.get("/"))
    assert "$0.10 left today · $3.00 left for the team in" in shown
    assert "$3.00 left Anna" not in shown
    answer = as_alice.post("/submissions/", {"token": uuid.uuid4(), "prompt": "Boats that cost", "count": "4"})
    assert answer.status_code == 422
    assert "Your budget for today has $0.10 left, and this costs $0.1616. Nothing was made." in text(answer)
    assert "Boats that cost" in answer.content.decode()
    made = as_alice.post("/submissions/", {"token": uuid.uuid4(), "prompt": "Boats", "count": "2"}, headers=HTMX)
    assert "$0.02 left today · $2.92 left for the team in" in text(made)
    shown = text(as_alice.get("/gallery/"))
    assert "$2.92 left" in shown
    assert "Spent this month $0.08" in shown


def test_a_retry_that_nobody_can_pay_is_refused_with_the_sentence(as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed")
    User.objects.filter(pk=alice.pk).update(cap_per_day=0)
    answer = as_alice.post(f"/jobs/{job.code}/retry/?seen=1", follow=True)
    assert "Your budget for today has $0.00 left, and this costs $0.0404." in text(answer)
    assert Job.objects.get(pk=job.pk).state == "failed"

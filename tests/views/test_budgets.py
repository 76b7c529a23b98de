"""The form of a budget: two admins at once, whom it is for, and limits finer than cents."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.test import Client

from studio.models import TeamBudget, User
from tests.people import signed_in
from tests.views.spend.test_spend import text


def test_two_admins_at_once_do_not_undo_each_others_budgets(as_ada: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN)
    as_bob = signed_in(bob)
    for address, person, names in (
        ("/spend/?budget=team", "", ("per_day", "per_month")),
        (f"/spend/?budget={alice.pk}", str(alice.pk), ("per_month", "per_day")),
        ("/spend/?budget=new", str(alice.pk), ("per_day", "per_month")),
    ):
        User.objects.filter(pk=alice.pk).update(cap_per_day=None, cap_per_month=None)
        first, second = ({"seen": seen(one.get(address)), "person": person} for one in (as_ada, as_bob))
        assert as_ada.post("/spend/budgets/", first | {names[0]: "50"}).status_code == 302
        answer = as_bob.post("/spend/budgets/", second | {names[1]: "600"})
        assert answer.status_code == 409
        assert "Ada Admin changed this budget a moment ago: the table below has it" in text(answer)
        assert 'value="600"' in answer.content.decode()
        alice.refresh_from_db()
        kept = TeamBudget.current() if not person else None
        shown = (kept.per_day, kept.per_month) if kept else (alice.cap_per_day, alice.cap_per_month)
        assert sorted(shown, key=str) == [50, None]
        # Whoever has read that may replace it.
        assert as_bob.post("/spend/budgets/", second | {"seen": seen(answer), names[1]: "600"}).status_code == 302


def test_a_budget_is_added_only_for_somebody_who_has_none(as_ada: Client, alice: User) -> None:
    User.objects.exclude(pk=alice.pk).update(cap_per_day=1)
    page = as_ada.get("/spend/?budget=new").content.decode()
    assert re.findall(r'<option value="(\d+)" dir="auto">', page) == [str(alice.pk)]
    User.objects.update(cap_per_day=1)
    page = as_ada.get("/spend/?budget=new").content.decode()
    assert 'name="person"' not in page
    assert "Add a budget" not in page


def test_a_limit_finer_than_cents_is_shown_and_kept(as_ada: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(cap_per_day=Decimal("0.0404"))
    page = as_ada.get(f"/spend/?budget={alice.pk}")
    assert 'value="0.0404"' in page.content.decode()
    sent = {"person": alice.pk, "seen": seen(page), "per_day": "0.0404", "per_month": "1,5"}
    assert as_ada.post("/spend/budgets/", sent).status_code == 302
    alice.refresh_from_db()
    assert (alice.cap_per_day, alice.cap_per_month) == (Decimal("0.0404"), Decimal("1.5"))


def seen(page: Any) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert found
    return found[1]

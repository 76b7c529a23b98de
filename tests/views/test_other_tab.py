"""Forms that were opened before another tab, or another admin, saved the same: nothing is undone unsaid."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import Client

from studio.models import Approval, User
from tests.models.test_rights import may
from tests.people import make_approval, make_person, signed_in


def form_of(client: Client, address: str, action: str) -> dict[str, Any]:
    """Open a page, and return the hidden fields of the form that goes to `action`, as this tab would send them."""
    html = client.get(address).content.decode()
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, action
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', form[0]):
        found = re.search(r'name="([^"]*)"(?: value="([^"]*)")?', tag)
        assert found
        fields.setdefault(found[1], []).append(found[2] or "")
    return fields


def said(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


# ---- Words with a request that waits for approval


def test_a_note_that_another_tab_saved_stays_until_its_person_has_read_so(as_alice: Client, alice: User) -> None:
    asked = make_approval(may(alice, asks_above=Decimal("0.10")))
    action = f"/approvals/{asked.code}/note/"
    old = form_of(as_alice, asked.get_absolute_url(), action)
    as_alice.post(action, {**old, "note": "For the fair on Monday"})
    answer = as_alice.post(action, {**old, "note": "For the shop"})
    assert answer.status_code == 409
    assert "You changed this note meanwhile, in another tab. Save again to have these words instead." in said(answer)
    assert 'value="For the shop"' in said(answer)
    assert Approval.objects.get().note == "For the fair on Monday"
    again = form_of(as_alice, asked.get_absolute_url(), action)
    as_alice.post(action, {**again, "note": "For the shop"})
    assert Approval.objects.get().note == "For the shop"


def test_a_question_of_another_admin_stays_until_the_next_one_has_read_so(as_ada: Client, alice: User) -> None:
    asked = make_approval(may(alice, asks_above=Decimal("0.10")))
    action = f"/approvals/{asked.code}/question/"
    old = form_of(as_ada, "/approvals/", action)
    eve = signed_in(make_person("Eve", role=User.Role.ADMIN))
    eve.post(action, {**form_of(eve, "/approvals/", action), "question": "For which client?"})
    answer = as_ada.post(action, {**old, "question": "Why so many?"})
    assert answer.status_code == 409
    assert "Eve asked something else meanwhile. Send again to ask this instead." in said(answer).replace(
        "\u2068", ""
    ).replace("\u2069", "")
    assert 'value="Why so many?"' in said(answer)
    assert Approval.objects.get().question == "For which client?"
    as_ada.post(action, {**form_of(as_ada, "/approvals/", action), "question": "Why so many?"})
    assert Approval.objects.get().question == "Why so many?"

"""Forms that were opened before another tab, or another admin, saved the same: nothing is undone unsaid."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import Client

from studio.models import ApiAccount, Approval, User
from studio.models.alerts.alert import AlertChannel
from tests.models.account.test_rights import may
from tests.people import HTMX, make_approval, make_person, make_picture, signed_in


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
    words = re.sub(r"\s+", " ", answer.content.decode())
    return re.sub("[\u2068\u2069]", "", words)


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


# ---- Ticks, of which each is its own


def test_a_tick_of_another_tab_stays_where_this_one_stores_another(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(notify={"done": ["sound"]})
    action = "/notifications/ways/"
    old = form_of(as_alice, "/notifications/", action)
    as_alice.post(action, {**form_of(as_alice, "/notifications/", action), "desktop": "done"})  # takes the sound off
    as_alice.post(action, {**old, "sound": ["done", "mention"]})
    alice.refresh_from_db()
    assert alice.notify == {"done": ["desktop"], "mention": ["sound"]}


def test_ticks_that_are_stored_as_they_are_made_begin_with_the_last_ones(as_alice: Client, alice: User) -> None:
    action = "/notifications/ways/"
    fields = form_of(as_alice, "/notifications/", action)
    html = as_alice.post(action, {**fields, "sound": "done"}, headers=HTMX).content.decode()
    assert 'id="ways-shown" hidden hx-swap-oob="true"' in html
    assert re.findall('name="was" value="(.*?)"', html) == ["done:sound"]
    as_alice.post(action, {"was_shown": "on", "was": "done:sound"}, headers=HTMX)
    alice.refresh_from_db()
    assert alice.notify == {}


def test_an_event_that_another_admin_chose_stays_where_this_one_chooses_another(as_ada: Client, ada: User) -> None:
    channel = AlertChannel.objects.create(
        name="Team", kind="email", address="team@studio.example", events=["paused", "budget"], created_by=ada
    )
    action = f"/state/alerts/{channel.code}/"
    html = as_ada.get("/state/alerts/").content.decode()
    assert re.findall('name="was" value="(.*?)"', html) == ["paused", "budget"]
    old = {"was_shown": "on", "was": ["paused", "budget"]}
    as_ada.post(action, {**old, "events": ["paused"]})
    as_ada.post(action, {**old, "events": ["paused", "budget", "finished"]})
    channel.refresh_from_db()
    assert channel.events == ["paused", "finished"]
    as_ada.post(action, {"was_shown": "on", "was": ["paused", "finished"], "state": ""})
    channel.refresh_from_db()
    assert channel.events == ["paused", "finished"]  # one at least


# ---- Limits of the account


def test_a_limit_that_another_admin_fixed_stays_until_the_next_one_has_read_so(as_ada: Client) -> None:
    for name, first, second in (
        ("slots", {"value": "3"}, {"value": "7"}),
        ("weights", {"image:uni-1": "2"}, {"image:uni-1": "5"}),
    ):
        action = f"/state/limits/{name}/"
        old = form_of(as_ada, "/state/", action)
        eve = signed_in(make_person(f"Eve {name}", role=User.Role.ADMIN))
        eve.post(action, {**form_of(eve, "/state/", action), **first})
        kept = getattr(ApiAccount.current(), name)
        answer = as_ada.post(action, {**old, **second})
        assert answer.status_code == 409
        assert f"Eve {name} changed this meanwhile: it is " in said(answer)
        answer = as_ada.post(action, {**old, "act": "release"}, follow=True)
        assert "Press again to go back to what was learnt." in said(answer)
        assert getattr(ApiAccount.current(), name) == kept
        as_ada.post(action, {**form_of(as_ada, "/state/", action), **second})
        assert getattr(ApiAccount.current(), name) != kept


def test_a_limit_that_was_freed_meanwhile_is_not_fixed_again_unsaid(as_ada: Client) -> None:
    action = "/state/limits/slots/"
    as_ada.post(action, {"value": "3"})
    old = form_of(as_ada, "/state/", action)
    as_ada.post(action, {**old, "act": "release"})
    answer = as_ada.post(action, {**old, "value": "4"})
    assert "Somebody took this back to what was learnt meanwhile. Save again to have yours instead." in said(answer)
    assert ApiAccount.current().fixed == {}


# ---- What takes the place of something of the same name


def test_a_view_that_takes_the_place_of_another_says_so(as_alice: Client) -> None:
    def save(query: str, **more: str) -> str:
        answer = as_alice.post("/gallery/views/", {"name": "Boats", "query": query, **more}, follow=True)
        return said(answer)

    assert "“Boats” is saved." in save("q=boat", is_team="on")
    assert "“Boats” is saved." in save("q=boat", is_team="on")
    assert "“Boats” shows this search now, in place of the one saved before. Only you see it now" in save("q=ship")


def test_a_set_of_formats_that_takes_the_place_of_another_says_so(as_alice: Client, alice: User) -> None:
    picture = make_picture(alice)

    def save(*ratios: str) -> str:
        fields = {"picture": str(picture.code), "name": "Social", "ratios": ratios}
        return said(as_alice.post("/format-sets/", fields, follow=True))

    assert "“Social” is saved." in save("1:1", "3:2")
    assert "“Social” has these ratios now, in place of those saved before." in save("1:1")

"""People, as admins see them: the list, one person beside it, and handing over work."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from studio.models import Board, Notification, TrailEntry, User
from studio.models.account.access import seen_of
from tests.models.account.test_rights import may
from tests.people import make_approval, make_job, make_person, signed_in


def address(person: User) -> str:
    return f"/people/{person.pk}/"


def save(client: Client, person: User, **fields: Any) -> str:
    """Save the form of a person as the page sends it; return what the next page says."""
    form: dict[str, Any] = {
        "seen": seen_of(person),
        "role": person.role,
        "models": person.models_allowed or ["uni-1", "uni-1-max"],
        "may_split": "on" if person.may_split else "",
        "may_search_web": "on" if person.may_search_web else "",
    }
    return client.post(address(person), form | fields, follow=True).content.decode()


# ---- The list


def test_the_list_says_what_each_person_may_do(as_ada: Client, alice: User, bob: User) -> None:
    may(alice, models_allowed=["uni-1"], may_search_web=False, cap_running=2, cap_per_day=Decimal(10))
    may(bob, role=User.Role.VIEWER, may_decide=True)
    html = as_ada.get("/people/").content.decode()
    assert "uni-1, layers" in html
    assert "2 running" in html
    assert "$10 a day" in html
    assert "Looks, comments, decides" in html
    assert "Can&#x27;t spend" in html or "Can't spend" in html
    assert "Everything" in html


def test_the_list_says_what_is_spent_of_what_and_who_is_signed_in(
    as_ada: Client, as_alice: Client, alice: User
) -> None:
    may(alice, cap_per_month=Decimal("0.10"))
    make_job(alice, state="done")
    make_job(alice)
    key = as_alice.session.session_key
    UserSession.objects.create(user=alice, ip="127.0.0.1", user_agent="Firefox/128 Linux", session_key=key)
    [row] = as_ada.get("/people/?q=alice").context["rows"]
    assert (row.spent, row.limit, row.share, row.is_nearly_spent) == (Decimal("0.0404"), "$0.10", 40, False)
    assert (row.sessions, row.is_here) == (1, True)
    html = as_ada.get(address(alice)).content.decode()
    assert "Ends 1 session at once." in html


def test_it_shows_one_role_or_who_is_looked_for(as_ada: Client, alice: User, bob: User) -> None:
    rows = [row.person.name for row in as_ada.get("/people/?role=admin").context["rows"]]
    assert rows == ["Ada Admin"]
    assert [row.person for row in as_ada.get("/people/?q=MOREAU").context["rows"]] == [alice]
    assert [row.person for row in as_ada.get("/people/?q=alice@studio").context["rows"]] == [alice]
    html = as_ada.get("/people/?q=%00zz&role=%F0%9F%90%8D").content.decode()
    assert "Nobody fits." in html


def test_waiting_requests_stand_on_top(as_ada: Client, alice: User) -> None:
    assert "for approval" not in as_ada.get("/people/").content.decode()
    for count in (2, 3):
        make_approval(alice, count=count)
    html = as_ada.get("/people/").content.decode()
    assert "2 requests wait for approval." in html
    assert "$0.20 in all" in html


# ---- One person


def test_a_person_is_shown_beside_the_list(as_ada: Client, alice: User) -> None:
    may(alice, cap_per_day=Decimal("12.5"))
    html = as_ada.get(address(alice)).content.decode()
    assert 'value="12.50"' in html
    assert "$0.10 a picture" in html
    assert 'aria-current="true"' in html
    assert as_ada.get("/people/999999/").status_code == 404


def test_rights_and_caps_are_saved_and_told(as_ada: Client, alice: User, ada: User) -> None:
    said = save(
        as_ada,
        alice,
        models=["uni-1"],
        may_search_web="",
        cap_running="2",
        cap_per_hour="60",
        asks_above="$5",
        cap_per_month="1,000",
    )
    assert "Saved: Alice Moreau, models: uni-1; web search: off; running: 2;" in said
    alice.refresh_from_db()
    assert (alice.models_allowed, alice.may_search_web, alice.cap_running) == (["uni-1"], False, 2)
    assert (alice.asks_above, alice.cap_per_month, alice.cap_waiting) == (Decimal(5), Decimal(1000), None)
    entry = TrailEntry.objects.get()
    assert (entry.verb, entry.actor, entry.thing, entry.address) == ("role", ada, "Alice Moreau", address(alice))
    assert "running: 2" in entry.text
    assert Notification.objects.get(person=alice).text.startswith("changed what you may do: models, web search")
    assert "Nothing was changed." in save(
        as_ada, alice, cap_running="2", cap_per_hour="60", asks_above="5.00", cap_per_month="1000.00"
    )
    assert TrailEntry.objects.count() == 1


def test_emptying_a_cap_is_the_teams_again_and_all_models_are_all_to_come(as_ada: Client, alice: User) -> None:
    may(alice, cap_running=2, models_allowed=["uni-1"])
    save(as_ada, alice, models=["uni-1", "uni-1-max"])
    alice.refresh_from_db()
    assert (alice.cap_running, alice.models_allowed) == (None, [])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("cap_running", "0", "Running: write a whole number from 1 to 1,000"),
        ("cap_running", "-3", "Running: write a whole number"),
        ("cap_waiting", "many", "Waiting: write a whole number from 0 to 100,000"),
        ("cap_per_hour", "٣", "Pictures: write a whole number"),
        ("cap_per_day", "1e99", "Per day: write an amount in dollars"),
        ("cap_per_month", "NaN", "Per month: write an amount in dollars"),
        ("asks_above", "-1", "Approval above: write an amount in dollars"),
        ("asks_above", "1.000,50", "Approval above: write an amount in dollars"),
        ("asks_above", "0.00001", "Approval above: write at most four decimals"),
        ("cap_running", "0,05", "Running: write a whole number"),
    ],
)
def test_what_is_no_number_is_named_and_nothing_is_lost(
    as_ada: Client, alice: User, field: str, value: str, sentence: str
) -> None:
    form = {"seen": seen_of(alice), "role": "designer", "models": ["uni-1"], field: value, "cap_per_hour": "7"} | {
        field: value
    }
    answer = as_ada.post(address(alice), form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert f'value="{value}"' in html
    alice.refresh_from_db()
    assert (alice.models_allowed, alice.cap_per_hour) == ([], None)


def test_without_a_model_nobody_can_make_pictures(as_ada: Client, alice: User) -> None:
    answer = as_ada.post(address(alice), {"seen": seen_of(alice), "role": "designer"})
    assert answer.status_code == 422
    assert "Leave at least one model on, or make Alice Moreau a viewer." in answer.content.decode()


def test_a_page_that_is_old_changes_nothing_and_says_who_was_faster(as_ada: Client, alice: User) -> None:
    eve = signed_in(make_person("Eve Second", role=User.Role.ADMIN))
    old = seen_of(alice)
    save(eve, alice, cap_running="3")
    alice.refresh_from_db()
    said = save(as_ada, alice, seen=old, cap_running="9")
    assert "Eve Second changed Alice Moreau a moment ago." in said
    alice.refresh_from_db()
    assert alice.cap_running == 3


def test_ones_own_rights_are_another_admins_to_change(as_ada: Client, ada: User) -> None:
    assert "Another admin has to change your own rights." in save(as_ada, ada, cap_running="9")
    ada.refresh_from_db()
    assert ada.cap_running is None


def test_a_viewer_may_be_let_decide(as_ada: Client, bob: User) -> None:
    may(bob, role=User.Role.VIEWER)
    save(as_ada, bob, shows_decide="on", may_decide="on", models=[])
    bob.refresh_from_db()
    assert bob.may_decide


def test_nonsense_in_a_form_is_no_error_of_ours(as_ada: Client, alice: User) -> None:
    said = save(as_ada, alice, role="owner", models=["uni-9"], seen="\x00" * 50)
    assert "Leave at least one model on" in said
    assert as_ada.post(address(alice), {}).status_code == 422


def test_access_goes_and_comes_with_its_entries(as_ada: Client, alice: User) -> None:
    for access in ("none", "back"):
        as_ada.post(f"/people/{alice.pk}/access/", {"access": access})
    texts = list(TrailEntry.objects.order_by("pk").values_list("verb", "text"))
    assert texts == [("access", "took access away"), ("access", "gave access back")]


# ---- Handing over


def test_work_is_handed_over_after_one_question(as_ada: Client, alice: User, bob: User) -> None:
    make_job(alice, state="done")
    Board.make(alice, name="Harbour", now=timezone.now())
    make_job(alice)
    html = as_ada.get(address(alice)).content.decode()
    assert "Hands over 1 picture, 1 board and 1 waiting job" in html
    asks = as_ada.post(f"/people/{alice.pk}/hand-over/", {"to": str(bob.pk)}).content.decode()
    assert "Hand 1 picture, 1 board and 1 waiting job to <bdi>Bob Stranger</bdi>?" in asks
    alice.refresh_from_db()
    assert alice.is_active
    sure = {"to": str(bob.pk), "sure": "on"}
    said = " ".join(as_ada.post(f"/people/{alice.pk}/hand-over/", sure, follow=True).content.decode().split())
    assert "Alice Moreau&#x27;s work is with Bob Stranger now: 1 picture, 1 board and 1 waiting job." in said
    assert "1 picture, 1 board and 1 waiting job handed to <bdi>Bob Stranger</bdi>" in said
    assert "was faster" in as_ada.post(f"/people/{alice.pk}/hand-over/", sure, follow=True).content.decode()


def test_nothing_to_hand_over_is_said(as_ada: Client, alice: User, bob: User) -> None:
    said = " ".join(as_ada.get(address(alice)).content.decode().split())
    assert "Nothing to hand over yet, and ends the access." in said
    asks = as_ada.post(f"/people/{alice.pk}/hand-over/", {"to": str(bob.pk)}).content.decode()
    assert "There is nothing to hand over yet. Hand over to <bdi>Bob Stranger</bdi> all the same?" in asks
    User.objects.filter(pk=alice.pk).update(is_active=False)
    html = as_ada.get(address(alice)).content.decode()
    assert "ends the access" not in html


def test_private_work_is_asked_about(as_ada: Client, alice: User, bob: User) -> None:
    make_job(alice, state="done", is_private=True, prompt="zephyrine")
    send = {"to": str(bob.pk)}
    asks = as_ada.post(f"/people/{alice.pk}/hand-over/", send).content.decode()
    assert "1 private picture or board too" in asks
    assert "zephyrine" not in asks
    said = as_ada.post(f"/people/{alice.pk}/hand-over/", send | {"sure": "on"}, follow=True).content.decode()
    assert "has private work, which Bob Stranger will see" in said
    as_ada.post(f"/people/{alice.pk}/hand-over/", send | {"sure": "on", "private": "on"})
    bob.refresh_from_db()
    assert bob.inherited == [alice.pk]


@pytest.mark.parametrize("to", ["", "x", "0", "99999999999", "１"])
def test_an_heir_who_is_nobody_is_asked_for_again(as_ada: Client, alice: User, to: str) -> None:
    said = as_ada.post(f"/people/{alice.pk}/hand-over/", {"to": to, "sure": "on"}, follow=True).content.decode()
    assert "Choose who looks after the work." in said

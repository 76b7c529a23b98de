from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from studio.models import TrailEntry, User
from tests import people


def test_the_back_office_holds_nothing_that_can_run_a_function_or_unlock_the_door() -> None:
    assert {model._meta.label for model in admin.site._registry} == {
        "studio.Job",
        "studio.Attempt",
        "studio.LedgerRow",
        "studio.User",
        "studio.TrailEntry",
    }


def test_a_stranger_is_sent_to_the_studios_own_door(client: Client, db: None) -> None:
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("studio:sign_in"))
    assert b"Sign in" in response.content


@pytest.mark.parametrize("page", ["index", "studio_job_changelist", "studio_user_changelist", "login"])
def test_a_designer_is_not_let_in(as_bob: Client, page: str) -> None:
    assert as_bob.get(reverse(f"admin:{page}"), follow=True).status_code == 403


@pytest.mark.parametrize("model", ["job", "attempt", "ledgerrow", "user", "trailentry"])
def test_an_admin_looks_and_changes_nothing(as_ada: Client, alice: User, model: str) -> None:
    job = people.make_job(alice, state="failed")
    entry = TrailEntry.log(TrailEntry.Verb.JOINED, by=alice)
    rows = {"job": job, "attempt": job.attempts_made.get(), "user": alice, "trailentry": entry}
    rows["ledgerrow"] = job.ledger.first()
    pk = rows[model].pk
    assert as_ada.get(reverse(f"admin:studio_{model}_changelist")).status_code == 200
    shown = as_ada.get(reverse(f"admin:studio_{model}_change", args=[pk]))
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    assert as_ada.post(reverse(f"admin:studio_{model}_change", args=[pk]), {"state": "done"}).status_code == 403
    assert as_ada.get(reverse(f"admin:studio_{model}_delete", args=[pk])).status_code == 403
    assert as_ada.get(reverse(f"admin:studio_{model}_add")).status_code == 403


def test_a_password_hash_is_not_shown(as_ada: Client, db: None) -> None:
    person = people.make_person("Cleo", password=people.PASSWORD)
    page = as_ada.get(reverse("admin:studio_user_change", args=[person.pk]))
    assert person.password.encode() not in page.content


def test_the_trail_hides_what_somebody_did_in_private(as_ada: Client, alice: User) -> None:
    TrailEntry.log(TrailEntry.Verb.DELETED, by=alice, thing="zephyrine", private_to=alice)
    assert b"zephyrine" not in as_ada.get(reverse("admin:studio_trailentry_changelist")).content


def test_the_ledger_has_no_row_of_what_is_private_to_others(as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="done", is_private=True, prompt="zephyrine")
    assert b"0 ledger rows" in as_ada.get(reverse("admin:studio_ledgerrow_changelist")).content
    row = job.ledger.get(entry="reserve")
    assert as_ada.get(reverse("admin:studio_ledgerrow_change", args=[row.pk])).status_code == 302


def test_a_password_is_not_changed_here(as_ada: Client) -> None:
    assert as_ada.get(reverse("admin:password_change")).status_code == 404
    page = as_ada.get(reverse("admin:index")).content.decode()
    assert ("password_change" in page, "/account/" in page, "Sign out" in page) == (False, True, True)

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from studio import admin as back_office
from studio.models import TrailEntry, User
from tests import people
from tests.views.plans import believe_in_a_million, walks


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


def test_an_id_finds_what_is_too_old_to_be_listed(as_ada: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_office, "MOST_LISTED", 2)
    old, *newer = [people.make_job(alice, state="done") for _ in range(4)]
    old.remote_id = str(uuid.uuid4())
    old.save(update_fields=["remote_id"])
    hidden = people.make_job(alice, state="done", is_private=True)

    def listed(model: str, term: str = "") -> set[str]:
        page = as_ada.get(reverse(f"admin:studio_{model}_changelist"), {"q": term}).content.decode()
        return set(re.findall(r"J-\d+", page.partition("<tbody")[2]))

    assert listed("job") == {newer[-1].label}  # and the private one, which is not shown
    for term in (old.label, old.label.lower(), str(old.code), old.code.hex, f" {old.remote_id} "):
        assert (listed("job", term), listed("attempt", term), listed("ledgerrow", term)) == ({old.label},) * 3, term
    for job in newer[-1:]:
        assert listed("job", str(job.request_id)) == listed("attempt", str(job.request_id)) == {job.label}
    for term in (hidden.label, str(hidden.code), "nothing", "J-0", "J-999999999999999999", "%"):
        assert listed("job", term) | listed("attempt", term) | listed("ledgerrow", term) == set(), term


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state__exact=sending",
        "cause=refused",
        "charge__exact=maybe",
        "q=J-7",
        "q=nobody",
        "p=2",
        "o=3",
        "o=-7",
        "_facets=True",
        "all=",
    ],
)
@pytest.mark.parametrize("model", ["job", "attempt", "ledgerrow", "trailentry"])
def test_no_list_walks_through_the_history(as_ada: Client, alice: User, model: str, query: str) -> None:
    for state in ("done", "failed"):
        people.make_job(alice, state=state)
    believe_in_a_million()
    with walks() as found:
        answer = as_ada.get(reverse(f"admin:studio_{model}_changelist"), query and dict([query.split("=")]))
    assert answer.status_code in {200, 302}
    assert not found, "\n\n".join(found)


def test_a_password_is_not_changed_here(as_ada: Client) -> None:
    assert as_ada.get(reverse("admin:password_change")).status_code == 404
    page = as_ada.get(reverse("admin:index")).content.decode()
    assert ("password_change" in page, "/account/" in page, "Sign out" in page) == (False, True, True)

"""An admin acts on a colleague's jobs, groups and layers: the owner hears of it, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import FormatSet, Job, Look, Notification, User
from studio.models.looks.spec import LookSpec
from tests import people


def heard(person: User) -> list[tuple[str, str]]:
    found = Notification.objects.filter(person=person, kind="change").order_by("pk")
    return [(one.actor.name if one.actor else "", one.text) for one in found]


@pytest.mark.parametrize(
    ("state", "path", "sent", "told"),
    [
        ("waiting", "cancellation", {}, "cancelled your job"),
        ("waiting", "lift", {}, "moved your job to the front"),
        ("failed", "dismissal", {"state": "on"}, "dismissed your card"),
        ("running", "stop-waiting", {}, "stopped waiting for your job"),
    ],
)
def test_the_owner_of_a_job_hears_who_did_what(
    as_alice: Client, as_ada: Client, alice: User, state: str, path: str, sent: dict[str, Any], told: str
) -> None:
    job = people.make_job(alice, state=state, prompt="Paper boats")
    Job.objects.update(deadline_at=timezone.now() - timedelta(hours=1))
    assert as_ada.post(f"/jobs/{job.code}/{path}/", sent).status_code == 302
    assert heard(alice) == [("Ada Admin", f"{told}: “Paper boats”")]
    assert Notification.objects.get(kind="change").address == job.get_absolute_url()


def test_the_owner_takes_a_dismissal_back_and_hears_nothing_of_their_own(
    as_alice: Client, as_ada: Client, alice: User
) -> None:
    job = people.make_job(alice, state="failed", is_private=True, prompt="Not for everybody")
    as_ada.post(f"/jobs/{job.code}/dismissal/", {"state": "on"})
    assert heard(alice) == [("Ada Admin", f"dismissed your card: “{job.label}”")]
    as_alice.post(f"/jobs/{job.code}/dismissal/", {"state": "off"})
    assert Job.objects.get().dismissed_at is None
    as_alice.post(f"/jobs/{job.code}/dismissal/", {"state": "on"})
    as_ada.post(f"/jobs/{job.code}/dismissal/", {"state": "off"})
    assert [text for _, text in heard(alice)][1:] == [f"brought back your card: “{job.label}”"]
    # What changes nothing is told to nobody.
    as_ada.post(f"/jobs/{job.code}/dismissal/", {"state": "off"})
    assert len(heard(alice)) == 2


def test_whoever_asked_for_a_group_hears_what_was_chosen_redone_and_cancelled(as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="done", prompt="Paper boats")
    asked = job.submission
    group = f"/groups/{asked.code}/"
    as_ada.post(f"/submissions/{asked.code}/choice/", {"job": str(job.code)})
    as_ada.post(f"/submissions/{asked.code}/choice/", {"state": "off"})
    as_ada.post(f"{group}kept/")
    as_ada.post(f"/submissions/{asked.code}/redo/", {"seen": "1"})
    as_ada.post(f"{group}cancellation/")
    assert [text for _, text in heard(alice)] == [
        "chose among your candidates: “Paper boats”",
        "took back what was chosen of yours: “Paper boats”",
        "chose the newest of your pictures: “Paper boats”",
        "asked for one more of yours: “Paper boats”",
        "cancelled 1 picture of yours: “Paper boats”",
    ]
    assert {one.address for one in Notification.objects.filter(kind="change")} == {group}


def test_the_owner_of_layers_hears_once_that_they_were_arranged(as_ada: Client, as_alice: Client, alice: User) -> None:
    job = people.make_job(alice, state="done", type="layering", source=people.make_picture(alice), prompt="")
    for client in (as_alice, as_ada, as_ada):
        client.post(f"/jobs/{job.code}/layers/arrangement/", {"show_all": "on"})
    assert heard(alice) == [("Ada Admin", "arranged your layers: “Layers”")]


def test_whose_look_or_set_of_formats_an_admin_takes_away_hears_of_it(
    as_ada: Client, as_alice: Client, alice: User
) -> None:
    spec = LookSpec(words="grain")
    look = Look.make(alice, name="Harbour dusk", tag="harbour-dusk", is_team=True, spec=spec, now=timezone.now())
    kept = FormatSet.objects.create(person=alice, name="Posters", is_team=True, ratios=["3:2"])
    for state in ("on", "on", "off"):
        as_ada.post(f"/looks/{look.code}/deletion/", {"state": state})
    as_ada.post(f"/format-sets/{kept.pk}/removal/")
    as_alice.post(f"/looks/{look.code}/deletion/", {"state": "on"})
    assert [text for _, text in heard(alice)] == [
        "deleted your look, which you can bring back: “Harbour dusk”",
        "brought back your look: “Harbour dusk”",
        "removed your set of formats: “Posters”",
    ]
    undo = Notification.objects.filter(kind="change").earliest("pk").address
    assert "Harbour dusk is deleted." in as_alice.get(undo).content.decode()

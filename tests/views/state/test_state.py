"""The state of things: what runs, how Luma answers, what is stored; and limits that change without a restart."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from studio import tasks
from studio.engine import capacity
from studio.launcher import web_watch
from studio.models import (
    ApiAccount,
    ApiSample,
    ConductorLease,
    Heartbeat,
    Run,
    SendingPause,
    StorageFigure,
    TrailEntry,
    User,
)
from studio.models.state.api_sample import Tally
from studio.views.state import api_plot
from tests import people
from tests.people import HTMX


def said(client: Client, query: str = "", **headers: str) -> str:
    response = client.get(f"/state/?{query}", headers=headers)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_an_empty_studio_says_what_is_not_known_yet(as_ada: Client) -> None:
    page = said(as_ada)
    for words in ("not measured yet", "None yet", "Never", "No such call in the last 24 hours", "From the settings."):
        assert words in page


def test_every_part_shows_its_machine_and_its_last_sign_of_life(as_ada: Client) -> None:
    now = timezone.now()
    web_watch.look(timezone.now())
    tasks.beat("io")
    Heartbeat.objects.update_or_create(pk="studio", defaults={"at": now - timedelta(minutes=4), "machine": "tower"})
    processes = {one.name: one for one in as_ada.get("/state/").context["processes"]}
    assert processes["Web"].is_alive
    assert processes["Web"].machine
    assert (processes["Conductor"].is_alive, processes["Conductor"].note) == (True, "rests until there is work")
    assert (processes["Queue"].is_alive, processes["Queue"].machine) == (False, "tower")
    assert "Silent for 4 min" in said(as_ada)
    ConductorLease.acquire(now=now)
    assert "at work, process" in said(as_ada)


def test_web_processes_are_no_part_of_readiness_and_are_forgotten(as_ada: Client) -> None:
    web_watch.look(timezone.now())
    assert as_ada.get("/readyz").json()["queues"] == {}
    Heartbeat.objects.update(at=timezone.now() - timedelta(days=8))
    tasks.measure_storage()
    assert [beat.name for beat in Heartbeat.objects.all()] == ["studio"]


def test_jobs_are_counted_by_state_and_private_ones_without_words(as_ada: Client, alice: User) -> None:
    people.make_job(alice, prompt="Zephyrine", is_private=True)
    for state in ("waiting", "making", "done", "failed"):
        people.make_job(alice, state=state, prompt="Zephyrine", is_private=True)
    page = as_ada.get("/state/")
    counts = {label: number for label, number, _ in page.context["jobs"]["states"]}
    assert counts == {"In line": 2, "Being sent": 0, "At Luma": 1, "Being saved": 0}
    assert (page.context["ended"]["open"], page.context["ended"]["done"]) == (1, 1)
    assert "Zephyrine" not in page.content.decode()


def test_sending_is_paused_and_resumed_from_here(as_ada: Client) -> None:
    answer = as_ada.post("/review/pauses/admin/", {"state": "paused", "next": "/state/"})
    assert answer.headers["Location"] == "/state/"
    assert "Resume sending" in said(as_ada)
    SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now())
    assert said(as_ada, **HTMX).count("Resume") == 2


def test_an_open_page_asks_again_for_what_moves_alone(as_ada: Client) -> None:
    part = said(as_ada, "span=30d&kind=poll", **HTMX)
    assert 'id="state-live"' in part
    assert 'hx-get="/state/?span=30d&amp;kind=poll"' in part
    assert "<html" not in part
    assert "Limits in force" not in part


# ---- How Luma answers


def at(now: datetime, **ago: float) -> datetime:
    return (now - timedelta(**ago)).replace(second=0, microsecond=0)


def test_samples_of_several_conductors_add_up(db: None) -> None:
    now = timezone.now()
    minute = at(now, minutes=5)
    for _ in range(2):
        ApiSample.add([Tally("create", minute, 3, 1, 6.0, 4.0), Tally("poll", minute, 1, 0, 0.1, 0.1)])
    [row] = ApiSample.objects.of_minutes(minute).filter(kind="create")
    assert (row.number, row.errors, row.seconds, row.slowest) == (6, 2, 12.0, 4.0)
    assert ApiSample.objects.hours(minute - timedelta(hours=1)).count() == 2
    assert str(row) == "6 create in 1 min"
    assert api_plot.recent(now) == (8, 2)


def test_a_day_and_a_month_are_drawn_from_the_hours(as_ada: Client) -> None:
    now = timezone.now()
    ApiSample.add([Tally("create", at(now), 4, 1, 12.0, 9.0), Tally("create", at(now, hours=3), 2, 0, 1.0, 0.7)])
    ApiSample.add([Tally("create", at(now, days=12), 10, 0, 900.0, 95.0), Tally("poll", at(now), 100, 0, 2.0, 0.2)])
    day = as_ada.get("/state/").context["plot"]
    assert (len(day.bars), day.total.number, day.bars[-1].sum.errors) == (24, 6, 1)
    assert (day.bars[-1].sum.mean_said, day.bars[-1].sum.percent_said, day.bars[-4].sum.mean_said) == (
        "3.0 s",
        "25 %",
        "500 ms",
    )
    month = as_ada.get("/state/?span=30d&kind=create").context["plot"]
    assert (len(month.bars), month.total.number, month.bars[-13].sum.slowest_said) == (30, 16, "95 s")
    page = said(as_ada, "span=30d")
    assert page.count('class="plot__bar') == 30
    assert "10 calls, mean 90 s, 0 % failed" in page
    for query in ("span=never&kind=%00", "span=30d&span=24h&kind=%F0%9F%92%A9"):
        assert said(as_ada, query)


def test_old_samples_go(db: None) -> None:
    now = timezone.now()
    ApiSample.add([Tally("poll", at(now, days=31), 1), Tally("poll", at(now, days=29), 1)])
    ApiSample.objects.clear_old(now=now)
    assert ApiSample.objects.count() == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.08, "80 ms"), (0.9996, "1.0 s"), (1.44, "1.4 s"), (51.3, "51 s"), (150, "2 min")],
)
def test_times_are_written_short(seconds: float, words: str) -> None:
    assert api_plot.said(seconds) == words


# ---- Storage, checks, backups


def test_what_is_stored_is_measured_by_the_queue(as_ada: Client, alice: User) -> None:
    picture = people.make_picture(alice)
    tasks.measure_storage()
    figures = {one.name: one for one in StorageFigure.objects.all()}
    assert (figures["originals"].bytes, figures["originals"].number) == (picture.bytes, 1)
    assert figures["sizes"].number == 2
    assert figures["tables"].bytes >= 0
    assert 0 < figures["free"].bytes < figures["disk"].bytes
    assert "1 file" in said(as_ada)
    assert str(figures["free"]).startswith("Free: ")


def test_the_last_check_and_the_last_backup_are_told(as_ada: Client, alice: User) -> None:
    call_command("integrity", verbosity=0)
    call_command("ran", "backup", note="42 GB to the tower")
    page = said(as_ada)
    assert "Everything is as it should be." in page
    assert "42 GB to the tower" in page
    call_command("ran", "backup", failed=True)
    assert "Failed <time" in said(as_ada)
    job = people.make_job(alice, state="done")
    job.pictures.all().update(width=0)
    type(job).objects.filter(pk=job.pk).update(remote_id="")
    with pytest.raises(SystemExit):
        call_command("integrity", verbosity=0)
    found = Run.last(Run.Kind.INTEGRITY)
    assert found
    assert not found.is_ok
    assert "broken" in found.sentence
    assert str(found).startswith("Integrity check of ")
    with pytest.raises(CommandError):
        call_command("ran", "nothing")


# ---- Limits


@pytest.fixture
def account(settings: Settings, db: None) -> ApiAccount:
    settings.LUMA_SLOTS, settings.LUMA_REQUESTS_PER_MINUTE = 10, 30
    return ApiAccount.current()


def test_a_fixed_limit_is_what_the_conductor_reads_next(as_ada: Client, alice: User, account: ApiAccount) -> None:
    people.make_submission(alice, count=4)
    as_ada.post("/state/limits/slots/", {"value": "1"})
    assert len(capacity.admit("one", now=timezone.now())) == 1
    assert capacity.admit("one", now=timezone.now()) == []
    as_ada.post("/state/limits/weights/", {"image:uni-1": "3", "image:uni-1-max": "2"})
    as_ada.post("/state/limits/per_minute/", {"value": " 60 "})
    account.refresh_from_db()
    assert (account.slots, account.per_minute, account.weights) == (1, 60, {"image:uni-1": 3, "image:uni-1-max": 2})
    told = [(one.thing, one.text) for one in TrailEntry.objects.filter(verb="limits").order_by("pk")]
    assert told[0] == ("Running at once", "10 → 1")
    assert told[1] == ("Weights", "1 each → Generate, uni-1: 3, Generate, uni-1-max: 2")
    assert told[2] == ("Requests a minute", "30 → 60")
    assert "Fixed by <bdi>Ada Admin</bdi>" in said(as_ada)


def test_what_luma_teaches_meanwhile_is_kept_for_later(as_ada: Client, account: ApiAccount) -> None:
    now = timezone.now()
    as_ada.post("/state/limits/slots/", {"value": "20"})
    account = ApiAccount.current()
    account.learn_refusal(4, now=now)
    account.learn(now=now, weight=("image:uni-1", 2))
    assert (account.slots, account.weights) == (20, {"image:uni-1": 2})
    assert "without that it would be 4" in said(as_ada)
    account.relax(now=now + timedelta(minutes=3))
    assert (account.slots, account.known("slots")) == (20, 6)
    ApiAccount.configure()
    assert ApiAccount.current().slots == 20
    ApiAccount.current().learn(now=now, slots=5)
    as_ada.post("/state/limits/slots/", {"act": "release"})
    assert ApiAccount.current().slots == 5
    assert "As Luma named it; the setting says 10." in said(as_ada)
    as_ada.post("/state/limits/slots/", {"act": "release"})
    assert TrailEntry.objects.filter(verb="limits").count() == 2


def test_an_account_that_was_read_before_does_not_undo_what_was_fixed_since(account: ApiAccount, ada: User) -> None:
    stale = ApiAccount.current()
    ApiAccount.locked().fix(by=ada, now=timezone.now(), slots=3)
    stale.learn(now=timezone.now(), slots=8)
    assert ApiAccount.current().slots == 3


def test_a_felt_limit_says_so(as_ada: Client, account: ApiAccount) -> None:
    account.learn_refusal(4, now=timezone.now())
    assert "Lowered after Luma refused" in said(as_ada)


@pytest.mark.parametrize("typed", ["", "0", "-3", "1.5", "1001", "9" * 300, "ten", "\0", "٣", "<b>"])
def test_a_number_that_can_not_be_is_refused_and_kept(as_ada: Client, account: ApiAccount, typed: str) -> None:
    answer = as_ada.post("/state/limits/slots/", {"value": typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Running at once: write a whole number from 1 to 1,000." in page
    assert "<b>" not in typed or "&lt;b&gt;" in page
    assert ApiAccount.current().fixed == {}


def test_a_weight_that_can_not_be_is_refused_and_the_others_stay_typed(as_ada: Client, account: ApiAccount) -> None:
    answer = as_ada.post("/state/limits/weights/", {"image:uni-1": "7", "image:uni-1-max": "heavy"}, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Generate, uni-1-max: write a whole number from 1 to 100." in page
    assert 'value="7"' in page
    assert as_ada.post("/state/limits/nothing/", {"value": "7"}).status_code == 404

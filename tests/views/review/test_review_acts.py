"""What admins do in Review about one failure, some, or all of a cause: once, told to the owner and kept in the trail."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio import tasks
from studio.models import CaseNote, Job, JobCount, Notification, Revision, TrailEntry, User
from studio.models.jobs.failure import Failure
from studio.models.review import case_act
from studio.models.review.failure_search import micros
from tests import people
from tests.people import HTMX, LUMA_FAILED, make_job, make_person, signed_in
from tests.views.review_pages import REVIEW, TOO_LARGE, page, words

ACTS = reverse("studio:act_on_failures")
UNSAVED = Failure(cause="unsaved", sentence="x", charge="charged")
SHRUNK = Failure(
    cause="bad_input",
    sentence="@1 is too large for Luma.",
    code="image_too_large",
    remedy={"1": {"side": 1024, "bytes": 9_000, "plain": False, "fault": "size"}},
)


@pytest.fixture
def priya(db: None) -> User:
    return make_person("Priya Nair", role=User.Role.ADMIN)


def act(client: Client, name: str, *jobs: Job, **data: Any) -> str:
    """Post the bar of a cause with these jobs ticked, and return what the page then says."""
    answer = client.post(ACTS, {"act": name, "job": [job.code for job in jobs], **data}, follow=True)
    assert answer.status_code == 200
    return words(answer.content.decode())


def states() -> list[str]:
    return list(Job.objects.order_by("pk").values_list("state", flat=True))


# ---- One button for all of a cause


def test_each_cause_offers_its_one_action_for_all_with_the_total_price(as_ada: Client, alice: User) -> None:
    reference = people.make_picture(alice)
    for failure in (LUMA_FAILED, LUMA_FAILED, SHRUNK, TOO_LARGE, UNSAVED, Failure(cause="budget", sentence="x")):
        make_job(alice, state="failed", failure=failure, references=[reference])
    read = words(page(as_ada))
    for offered in ("Retry all 2 · $0.09", "Shrink and retry all 1 · $0.04", "Fetch all 1 · free", "Resume 1 · $0.04"):
        assert offered in read
    assert "Retry all 1" not in read


def test_retry_all_sends_each_again_under_its_owner_and_says_so(
    as_ada: Client, ada: User, alice: User, bob: User, priya: User
) -> None:
    jobs = [make_job(who, state="failed", failure=LUMA_FAILED) for who in (alice, alice, bob)]
    refused = make_job(bob, state="failed")
    before = micros(timezone.now())
    said = act(as_ada, "retry", all="on", cause="luma_failed", last=before)
    assert "3 retried, $0.12." in said
    for job in jobs:
        job.refresh_from_db()
        assert (job.state, job.asked_by, job.asked_cause) == (Job.State.WAITING, ada, "luma_failed")
    refused.refresh_from_db()
    assert refused.state == Job.State.FAILED
    assert JobCount.objects.filter(group="failed", cause="luma_failed", number__gt=0).count() == 0
    told = Notification.objects.get(person=alice, kind="change")
    assert (told.actor, told.number, told.text) == (ada, 2, "retried what had failed: “A harbour at dusk, paper boats”")
    assert TrailEntry.objects.filter(verb="retry", actor=ada).count() == 3
    # Another admin, whose page is older, does nothing a second time.
    assert "Nothing of that is left to do." in act(
        signed_in(priya), "retry", all="on", cause="luma_failed", last=before
    )
    assert "Waiting retried by Ada Admin" in words(page(as_ada))


def test_all_means_what_the_page_showed_and_nothing_that_failed_later(as_ada: Client, alice: User) -> None:
    now = timezone.now()
    make_job(alice, state="failed", failure=LUMA_FAILED, now=now - timedelta(minutes=5))
    make_job(alice, state="failed", failure=LUMA_FAILED, now=now - timedelta(minutes=1))
    act(as_ada, "retry", all="on", cause="luma_failed", last=micros(now - timedelta(minutes=3)))
    assert states() == ["waiting", "failed"]


def test_all_of_many_goes_on_in_a_task_that_does_nothing_twice(
    as_ada: Client, ada: User, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_act, "STEP", 2)
    queued: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "async_task", lambda name, *args, **how: queued.append((name, args)))
    for _ in range(5):
        make_job(alice, state="failed")
    said = act(as_ada, "resolve", all="on", cause="refused")
    assert "2 resolved. The others follow" in said
    while queued:
        name, args = queued.pop(0)
        assert name == "studio.tasks.act_on_failures"
        tasks.act_on_failures(*args)
        if not queued:
            tasks.act_on_failures(*args)  # a task may run twice
    assert Job.objects.settled_cases().count() == 5
    assert TrailEntry.objects.filter(verb="settled").count() == 5
    assert Notification.objects.filter(person=ada, text="Resolve: done for 5 failures.").exists()


def test_a_task_of_somebody_who_is_no_admin_any_more_does_nothing(ada: User, alice: User) -> None:
    make_job(alice, state="failed")
    stored = case_act.FailureSearch(viewer=ada).as_json()
    tasks.act_on_failures(stored, "resolve", alice.pk, "", (micros(timezone.now()) or 0, 10**9), (0, "0", 0))
    assert not Job.objects.settled_cases().exists()


def test_shrink_and_retry_leaves_those_that_nothing_would_help(as_ada: Client, alice: User) -> None:
    reference = people.make_picture(alice)
    for failure in (SHRUNK, TOO_LARGE):
        make_job(alice, state="failed", failure=failure, references=[reference])
    said = act(as_ada, "retry", all="on", cause="bad_input")
    assert "1 retried, $0.04. 1 left as it is: it changed meanwhile, or trying again would not help." in said
    assert states() == ["waiting", "failed"]


def test_an_unknown_outcome_is_never_sent_again_by_a_button_for_many(as_ada: Client, alice: User) -> None:
    job = make_job(alice, state="unknown")
    act(as_ada, "retry", job, cause="unknown")
    act(as_ada, "retry", all="on", cause="unknown")
    assert states() == ["unknown"]
    assert "1 written off." in act(as_ada, "write_off", job, cause="unknown")


def test_what_is_missing_is_asked_for_free_and_never_paid_for_again_by_many(as_ada: Client, alice: User) -> None:
    lost = make_job(alice, state="failed", failure=Failure(cause="lost", sentence="x", charge="maybe"))
    Job.objects.filter(pk=lost.pk).update(remote_id=None)
    act(as_ada, "retry", all="on", cause="lost")
    assert states() == ["failed"]


# ---- A selection


def test_a_selection_is_acted_on_and_no_more(as_ada: Client, ada: User, alice: User) -> None:
    one, two, three = (make_job(alice, state="failed", failure=LUMA_FAILED) for _ in range(3))
    assert "2 acknowledged." in act(as_ada, "acknowledge", one, two, cause="luma_failed")
    assert Job.objects.acknowledged_cases().count() == 2
    assert "1 retried, $0.04." in act(as_ada, "retry", three, cause="luma_failed")
    assert "2 noted." in act(as_ada, "note", one, two, cause="luma_failed", text="Outage of Luma until 07:21")
    assert CaseNote.objects.count() == 2
    html = page(as_ada, f"{REVIEW}?show=acknowledged")
    assert "Acknowledged by Ada Admin, Today" in html
    assert "Outage of Luma until 07:21" in words(html)
    assert "1 resolved." in act(as_ada, "resolve", one, cause="luma_failed")
    one.refresh_from_db()
    assert (one.settled_by, one.settled_as) == (ada, "resolved")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"act": "retry"}, "Choose at least one job first."),
        ({"act": "retry", "job": ["no-uuid", "\x00"]}, "Choose at least one job first."),
        ({"act": "note", "all": "on", "text": " \x00 "}, "Write the note first."),
        ({"act": "note", "all": "on", "text": "x" * 301}, "Shorten the note to 300 characters: it has 301."),
        (
            {"act": "retry", "job": str(uuid.uuid4()), "last": "9" * 18, "first": "9" * 18},
            "Nothing of that is left to do.",
        ),
        ({"act": "retry", "all": "on", "cause": "\x00'", "person": "9" * 15, "q": "\x00%_"}, "Nothing was done."),
    ],
)
def test_what_makes_no_sense_is_answered_with_what_to_do(as_ada: Client, alice: User, data: Any, said: str) -> None:
    make_job(alice, state="failed", failure=LUMA_FAILED)
    answer = as_ada.post(ACTS, data, follow=True)
    assert said in words(answer.content.decode())
    assert states() == ["failed"]


def test_an_act_that_nobody_knows_is_refused(as_ada: Client) -> None:
    assert as_ada.post(ACTS, {"act": "explode"}).status_code == 400


# ---- One case


def test_a_second_admin_reads_who_was_first_and_nothing_is_sent_twice(as_ada: Client, alice: User, priya: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    retry = f"{reverse('studio:retry_job', args=[job.code])}?seen=1&next=/review/"
    signed_in(priya).post(retry)
    said = words(as_ada.post(retry, follow=True).content.decode())
    assert "Waiting, retried by Priya Nair." in said
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    job.refresh_from_db()
    people.send(job, now=timezone.now() - timedelta(seconds=12))
    assert "Sending · 12 s, retried by Priya Nair." in words(as_ada.post(retry, follow=True).content.decode())
    assert TrailEntry.objects.filter(verb="retry").count() == 1


def test_a_row_answers_in_its_own_place(as_ada: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    row = {**HTMX, "HX-Target": f"case-{job.code}"}
    address = reverse("studio:set_case_status", args=[job.code])
    html = as_ada.post(address, {"status": "acknowledged", "seen": "1"}, headers=row).content.decode()
    assert html.startswith(f'<li class="case" id="case-{job.code}"')
    assert re.search(r'value="acknowledged" selected', html)
    html = as_ada.post(reverse("studio:note_case", args=[job.code]), {"text": ""}, headers=row).content.decode()
    assert "Write the note first." in html
    html = as_ada.post(reverse("studio:retry_job", args=[job.code]), {"seen": "1"}, headers=row).content.decode()
    assert "Waiting retried by Ada Admin" in words(html)
    assert "Retry" not in words(html)


def test_the_status_goes_to_and_fro_by_whoever_saw_it(as_ada: Client, ada: User, alice: User) -> None:
    job = make_job(alice, state="failed")
    address = reverse("studio:set_case_status", args=[job.code])
    for status, is_settled in (("acknowledged", False), ("resolved", True), ("resolved", True), ("open", False)):
        assert as_ada.post(address, {"status": status, "seen": "1"}).status_code == 302
        job.refresh_from_db()
        assert (job.case_status, job.settled_at is not None) == (status, is_settled)
        assert not list(JobCount.wrong())
    assert "It changed meanwhile" in words(
        as_ada.post(address, {"status": "resolved", "seen": "7"}, follow=True).content.decode()
    )
    assert as_ada.post(address, {"status": "gone"}).status_code == 400
    assert [entry.text for entry in TrailEntry.objects.order_by("pk")] == [
        "Refused: acknowledged",
        "Refused: resolved",
        "Refused: reopened",
    ]


def test_a_note_names_people_and_is_told_where_ticked(
    as_ada: Client, as_alice: Client, alice: User, priya: User
) -> None:
    job = make_job(alice, state="failed")
    address, there = reverse("studio:note_case", args=[job.code]), reverse("studio:job", args=[job.code])
    as_ada.post(address, {"text": "Not hers,\r\n\tI think. @Priya Nair"})
    mention = Notification.objects.get(person=priya)
    assert (mention.kind, mention.text) == (
        "mention",
        f"mentioned you about {job.label}: “Not hers, I think. @Priya Nair”",
    )
    assert mention.address == f"{REVIEW}?cause=refused#case-{job.code}"
    assert not Notification.objects.filter(person=alice, actor__isnull=False).exists()
    assert "Not hers" not in as_alice.get(there).content.decode()
    assert "Not hers" in as_ada.get(there).content.decode()
    as_ada.post(address, {"text": "The word mayor is refused.", "told": "on"})
    assert "The word mayor is refused." in as_alice.get(there).content.decode()
    assert Notification.objects.get(person=alice, kind="change").text.startswith("noted about")
    assert re.search(r"Ada Admin ?, Today \d\d:\d\d: The word mayor", words(page(as_ada)))


def test_who_asked_reads_that_an_admin_retried_it(as_ada: Client, as_alice: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    act(as_ada, "retry", job, cause="luma_failed")
    assert "Retried by Ada Admin" in words(as_alice.get(reverse("studio:job", args=[job.code])).content.decode())


def test_of_a_private_job_an_admin_reads_no_words(as_ada: Client, alice: User) -> None:
    told = "Luma rejected this: “a secret harbour” Change what it names, or tell an admin."
    failure = Failure(cause="mistake", sentence=told, detail="a secret harbour", status=400)
    job = make_job(alice, state="failed", failure=failure, prompt="A secret harbour")
    assert job.submission.set_privacy(True)
    for address in (REVIEW, f"{REVIEW}?q=secret", reverse("studio:failures_csv"), f"{REVIEW}?cause=mistake"):
        answer = as_ada.get(address)
        html = b"".join(answer) if answer.streaming else answer.content
        assert b"secret harbour" not in html.lower()
    assert job.label not in words(page(as_ada, f"{REVIEW}?q=secret"))
    act(as_ada, "write_off", job, cause="mistake")
    entry = TrailEntry.objects.exclude(verb=TrailEntry.Verb.EXPORTED).get()
    assert (entry.private_to, entry.verb) == (alice, "write-off")
    assert Decimal("0.0404") == job.price


def test_a_row_of_an_open_page_says_how_the_second_try_ended(as_ada: Client, alice: User) -> None:
    job = make_job(alice, state="failed", failure=LUMA_FAILED)
    since = Revision.current()
    act(as_ada, "retry", job, cause="luma_failed")
    make_job(alice, state="done", submission=job.submission)
    html = as_ada.get(f"/pulse/?page=review&since={since}&top={since}", headers=HTMX).content.decode()
    row = html[html.index(f'id="case-{job.code}"') :]
    assert "Done retried by Ada Admin" in words(row)
    assert "Retry" not in words(row[: row.index("</li>")])


def test_the_trend_of_a_filter_is_of_what_it_finds(as_ada: Client, alice: User, bob: User) -> None:
    for who in (alice, bob, bob):
        make_job(who, state="failed", failure=LUMA_FAILED)
    assert "3 in the last 24 hours, 3 of them in this hour or the last" in page(as_ada)
    html = page(as_ada, f"{REVIEW}?person={bob.pk}&trend=day")
    assert "2 in the last 30 days, 2 of them today or yesterday" in html
    assert html.count("<rect ") == 30

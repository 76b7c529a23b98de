"""What holds the whole line although nothing is paused: every page says so, and an admin may have one job tried."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from studio.engine.deliveries import alerts
from studio.engine.line import LineWait
from studio.models import ApiAccount, Heartbeat, Job, Revision, SendingPause, TrailEntry, User
from studio.pauses import IS_TRIED
from tests import people
from tests.people import HTMX
from tests.views.pulses import ask
from tests.views.review_pages import REVIEW, page, words

TRY, ALREADY = "/review/pauses/wait/", "One job is tried already; the others follow when it goes through."
ASKED = "Luma asked Studio to wait."
SECOND = timedelta(seconds=1)


def asked_to_wait(seconds: int = 200) -> datetime:
    now = timezone.now()
    ApiAccount.current().pause(now + seconds * SECOND, now=now)
    Revision.bump()
    return now + seconds * SECOND


def seen() -> str:
    wait = LineWait.now(now=timezone.now())
    return wait.mark if wait else ""


def press(client: Client, mark: str | None = None) -> str:
    """Press Try now and return what the next page says of it."""
    assert client.post(TRY, {"seen": seen() if mark is None else mark}).headers["Location"] == REVIEW
    toast = re.search(r"<toast-note.*?</toast-note>", page(client).partition('id="toasts"')[2], re.DOTALL)
    assert toast
    return words(toast[0])


def silent(alice: User, seconds: int = 40) -> Job:
    job = people.make_job(alice)
    Job.objects.filter(pk=job.pk).update(state=Job.State.SENDING, sent_at=timezone.now() - seconds * SECOND)
    return job


def test_every_page_says_until_when_luma_asked_to_wait(as_alice: Client, as_ada: Client, alice: User) -> None:
    people.make_job(alice)
    clock = f"{timezone.localtime(asked_to_wait()):%H:%M:%S}"
    sentence = f"{ASKED} 1 job waits. Nothing new is sent until {clock}."
    gallery = page(as_alice, "/gallery/")
    assert sentence in words(gallery)
    assert TRY not in gallery
    assert f'hx-post="{TRY}"' in page(as_ada, "/gallery/")
    for address in (REVIEW, "/state/"):
        shown = page(as_ada, address)
        assert sentence in words(shown)
        assert "Waiting" in words(shown)
        assert f'action="{TRY}"' in shown.partition('id="holds"')[2]
    assert "Luma Waiting" in words(page(as_ada))


def test_a_wait_of_moments_is_told_on_cards_alone(as_ada: Client, alice: User) -> None:
    people.make_job(alice)
    asked_to_wait(20)
    assert ASKED not in page(as_ada)
    ApiAccount.objects.update(paused_until=None)
    assert ASKED not in page(as_ada)
    assert not ApiAccount.current().is_paused_long(timezone.now())


def test_where_nobody_waits_there_is_nothing_to_try(as_ada: Client) -> None:
    asked_to_wait()
    shown = page(as_ada)
    assert ASKED in shown
    assert TRY not in shown
    assert "No job waits, so there was nothing to try." in press(as_ada)
    assert ApiAccount.current().try_at is None


def test_one_word_is_one_try_and_the_page_says_so(as_ada: Client, alice: User) -> None:
    people.make_job(alice)
    asked_to_wait()
    assert IS_TRIED in press(as_ada)
    assert ApiAccount.current().is_to_try(timezone.now())
    assert TrailEntry.objects.get().text == f"tried again: {ASKED}"
    assert OrmQ.objects.filter(key="io").count() == 1, "the conductor is woken"
    shown = page(as_ada)
    assert f"{ASKED} 1 job waits. {IS_TRIED}" in words(shown)
    assert TRY not in shown
    assert ALREADY in press(as_ada)
    # While its answer is waited for, as well.
    ApiAccount.current().end_try()
    silent(alice, 0)
    assert ALREADY in press(as_ada)
    assert TrailEntry.objects.count() == 1


def test_a_page_that_is_older_hears_what_is_so(as_ada: Client, alice: User) -> None:
    people.make_job(alice)
    asked_to_wait()
    old = seen()
    clock = f"{timezone.localtime(asked_to_wait(250)):%H:%M:%S}"
    assert f"This page was older: nothing was tried. {ASKED} Nothing new is sent until {clock}." in press(as_ada, old)
    ApiAccount.objects.update(paused_until=None)
    assert "This wait has ended already, so nothing had to be tried." in press(as_ada, old)
    SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now())
    assert "Studio is out of budget. So nothing was tried." in press(as_ada, old)
    assert ApiAccount.current().try_at is None


def test_the_strip_answers_in_its_place(as_ada: Client, as_alice: Client, alice: User) -> None:
    people.make_job(alice)
    asked_to_wait()
    said = as_ada.post(TRY, {"seen": seen()}, headers=HTMX).content.decode()
    assert 'id="banner"' in said
    assert words(said).count(IS_TRIED) == 2
    assert words(as_ada.post(TRY, {"seen": "old"}, headers=HTMX).content.decode()).endswith(ALREADY)
    assert as_alice.post(TRY, {"seen": seen()}).status_code == 403


def test_open_pages_hear_of_it(as_ada: Client, as_alice: Client, alice: User) -> None:
    people.make_job(alice)
    before = Revision.current()
    asked_to_wait()
    assert ASKED in ask(as_alice, page="other", since=before)
    told = ask(as_ada, page="review", since=before, top=before)
    assert ASKED in told.partition('id="holds"')[2]
    assert "Luma Waiting" in words(told.partition('id="health"')[2])
    ApiAccount.objects.update(paused_until=None)
    assert ASKED not in ask(as_ada, page="review", since=before, top=before)


def test_luma_that_answers_nothing_is_told_to_everybody_after_a_while(as_ada: Client, alice: User) -> None:
    job = silent(alice, 20)
    waiting = people.make_job(alice)
    assert seen() == ""
    sent = timezone.now() - 35 * SECOND
    Job.objects.filter(pk=job.pk).update(sent_at=sent)
    clock = f"{timezone.localtime(sent + 120 * SECOND):%H:%M:%S}"
    shown = words(page(as_ada))
    assert "Luma does not answer what was sent. 1 job waits." in shown
    assert f"nothing new is sent until it does, or until {clock}." in shown
    assert "Waiting" in words(page(as_ada, "/state/").partition('aria-label="Now"')[2][:400])
    assert IS_TRIED in press(as_ada)
    # Nobody waits for it whose time has not come, or while nothing is in line.
    Job.objects.filter(pk=waiting.pk).update(due_at=timezone.now() + 60 * SECOND)
    assert seen() == ""


def test_places_that_lost_requests_hold_are_told_to_everybody(as_ada: Client, alice: User) -> None:
    people.make_job(alice)
    ApiAccount.current().learn(now=timezone.now(), slots=1)
    lost = people.make_job(alice, state="unknown")
    clock = f"{timezone.localtime(lost.place_until):%H:%M:%S}"
    assert "Lost requests may hold every place at Luma. 1 job waits." in words(page(as_ada))
    assert f"at {clock} at the latest." in words(page(as_ada))
    assert IS_TRIED in press(as_ada)
    ApiAccount.current().learn(now=timezone.now(), slots=2)
    assert seen() == ""


@pytest.mark.parametrize("ahead", [61, -10])
def test_a_word_counts_for_a_minute(alice: User, ahead: int) -> None:
    now = timezone.now()
    ApiAccount.current().ask_to_try(now=now)
    assert ApiAccount.current().is_to_try(now)
    assert not ApiAccount.current().is_to_try(now + ahead * SECOND)


def test_an_engine_without_a_sign_of_life_is_told_to_everybody_and_its_return_too(
    as_ada: Client, as_alice: Client, alice: User
) -> None:
    people.make_job(alice)
    now, before = timezone.now(), Revision.current()
    Heartbeat.beat("studio", now=now)
    alerts.watch_engine(now - timedelta(minutes=4), now)
    told = ask(as_alice, page="other", since=before)
    assert "engine gives no sign of life. 1 job waits. Nothing is sent or fetched." in words(told)
    assert TRY not in page(as_ada)
    assert "Nothing is sent or fetched." in press(as_ada)
    before = Revision.current()
    Heartbeat.beat("io", now=now)
    alerts.watch_engine(now - timedelta(minutes=4), now)
    assert "no sign of life" not in ask(as_alice, page="other", since=before)
    # The other queue sends nothing.
    alerts.watch_engine(now, now + timedelta(minutes=3))
    Heartbeat.beat("io", now=now + timedelta(minutes=3))
    alerts.watch_engine(now, now + timedelta(minutes=3, seconds=5))
    assert seen() == ""

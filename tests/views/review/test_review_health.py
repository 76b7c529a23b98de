"""Pauses, the strip of health, and what the pulse of the desk brings."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from studio.models import Heartbeat, Revision, SendingPause, User
from studio.views.review import page as review
from tests import people
from tests.views.review_pages import REVIEW, page, words


def pause(client: Client, name: str, **data: str) -> Any:
    return client.post(reverse("studio:sending_pause", args=[name]), data)


# ---- Gates


def test_a_pause_is_explained_and_can_be_tried_at_once(as_ada: Client, alice: User) -> None:
    now = timezone.now()
    people.make_submission(alice, count=2)
    SendingPause.pause(SendingPause.Reason.FUNDS, now=now, detail="Insufficient credits")
    read = words(page(as_ada))
    assert "Studio is out of budget. 2 jobs wait." in read
    assert "Insufficient credits" in read
    assert "Resume 2" in read
    assert pause(as_ada, "funds", state="resumed").url == REVIEW
    closed = SendingPause.objects.get()
    assert closed.probe_at is not None
    assert closed.probe_at < now + timedelta(seconds=60)
    assert OrmQ.objects.filter(key="io").count() == 1, "the conductor is woken"


def test_an_admin_pauses_and_resumes_sending(as_ada: Client) -> None:
    assert "Pause sending" in page(as_ada)
    pause(as_ada, "admin", state="paused")
    assert SendingPause.objects.get().detail == "by Ada Admin"
    assert "Resume sending" in page(as_ada)
    pause(as_ada, "admin", state="resumed")
    assert not SendingPause.objects.exists()


def test_the_admin_who_comes_second_reads_that_it_is_done(as_ada: Client) -> None:
    def says(name: str, state: str) -> str:
        pause(as_ada, name, state=state)
        return words(page(as_ada))

    SendingPause.pause(SendingPause.Reason.ADMIN, now=timezone.now(), detail="by Bob Okafor")
    assert "Sending is paused already, by Bob Okafor." in says("admin", "paused")
    assert SendingPause.objects.get().detail == "by Bob Okafor"
    SendingPause.resume("admin")
    assert "It was resumed already." in says("admin", "resumed")
    assert "This pause has ended already" in says("funds", "resumed")


def test_only_a_pause_can_be_closed_by_hand(as_ada: Client) -> None:
    assert pause(as_ada, "funds", state="paused").status_code == 400
    assert pause(as_ada, "admin", state="ajar").status_code == 400
    assert pause(as_ada, "front-door").status_code == 404
    assert not SendingPause.objects.exists()


# ---- Health


def test_a_silent_engine_is_called_stopped(as_ada: Client) -> None:
    assert "Stopped not active yet" in words(page(as_ada))
    Heartbeat.beat("io", now=timezone.now())
    assert "Running active now" in words(page(as_ada))
    Heartbeat.beat("studio", now=timezone.now() - timedelta(minutes=5, seconds=7))
    assert "Stopped last active 5 min ago" in words(page(as_ada))


def test_the_strip_counts_slots_line_time_and_money(as_ada: Client, alice: User) -> None:
    now = timezone.now()
    for took in (10, 20, 30):
        people.make_job(alice, state="done", now=now, took=timedelta(seconds=took))
    people.make_job(alice, state="making")
    people.make_submission(alice, count=2, now=now - timedelta(seconds=72))
    read = words(page(as_ada))
    assert "Running 1 of 10" in read
    assert re.search(r"In line 2 oldest 1 min 1\d s", read)
    assert "Usual time 20 s at most 30 s" in read
    assert "Spent today $0.12" in read
    assert "Luma Available" in read


def test_what_is_not_known_is_not_made_up(as_ada: Client) -> None:
    read = words(page(as_ada))
    assert "Usual time – no history yet" in read
    assert "Spent today $0.00" in read


def test_what_lost_answers_may_have_cost_stays_in_sight_when_they_are_sent_again(as_ada: Client, alice: User) -> None:
    job = people.make_job(alice, state="unknown")
    assert job.send_again(by=alice, now=timezone.now())
    assert "Spent today $0.00 and $0.04 may be charged" in words(page(as_ada))


def test_yesterdays_money_is_not_todays(as_ada: Client, alice: User) -> None:
    people.make_job(alice, state="done", now=timezone.now() - timedelta(days=1, minutes=1))
    assert "Spent today $0.00" in words(page(as_ada))


# ---- News, for the pulse


def test_cases_newer_than_the_page_are_announced(alice: User) -> None:
    people.make_job(alice, state="failed")
    seen = Revision.current()
    people.make_job(alice, state="failed")
    html = review.update(RequestFactory().get("/pulse/", {"page": "review", "top": seen}))
    assert "1 more" in html
    assert "hidden" not in html.partition(">")[0]


@pytest.mark.parametrize("top", ["", "x", "-1", str(10**30)])
def test_a_page_that_cannot_say_what_it_has_seen_hears_of_nothing(alice: User, top: str) -> None:
    people.make_job(alice, state="failed")
    html = review.update(RequestFactory().get("/pulse/", {"top": top}))
    assert "hidden" in html.partition(">")[0]


def test_the_pulse_of_review_counts_open_cases_for_admins_only(alice: User, as_alice: Client, as_ada: Client) -> None:
    top = Revision.current()
    people.make_job(alice, state="failed")
    ask = {"page": "review", "since": top, "top": top}
    pulse = reverse("studio:pulse")
    assert "1 more" in words(as_ada.get(pulse, ask).content.decode())
    told = as_alice.get(pulse, ask).content.decode()
    assert "review-changed" not in told
    assert "1 more" not in words(told)


def test_what_has_no_price_is_named_beside_what_was_spent(alice: User, as_ada: Client) -> None:
    source = people.make_picture(alice)
    people.make_job(alice, state="done", type="layering", source=source)
    people.make_job(alice, state="unknown", type="layering", source=source)
    assert "without layers: 1 charged, 1 may be charged, price unknown" in words(page(as_ada))

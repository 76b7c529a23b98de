"""What the pulse says to who can't see the page change."""

from __future__ import annotations

import re

from django.test import Client
from django.utils import timezone

from studio.models import Revision, SendingPause, User
from tests.people import LUMA_FAILED, make_job, make_submission
from tests.views.pulses import ask, next_query


def said(body: str) -> str:
    found = re.search(r'<p hx-swap-oob="innerHTML:#news">([^<]*)</p>', body)
    return found[1] if found else ""


def test_a_group_is_announced_once_when_all_of_it_is_finished(as_alice: Client, alice: User) -> None:
    submission = make_submission(alice, prompt="Green hills", count=2)
    make_job(alice, state="done", submission=submission)
    halfway = ask(as_alice)
    assert said(halfway) == ""
    make_job(alice, state="done", submission=submission)
    end = ask(as_alice, since=next_query(halfway)["since"])
    assert said(end) == "2 of 2 finished: Green hills"
    make_job(alice, state="cancelled")
    assert said(ask(as_alice, since=next_query(end)["since"])) == ""


def test_what_went_wrong_is_announced_with_its_prompt(as_alice: Client, alice: User) -> None:
    submission = make_submission(alice, prompt="Portrait of the mayor", count=3)
    make_job(alice, state="done", submission=submission)
    make_job(alice, state="failed", submission=submission)
    make_job(alice, state="failed", failure=LUMA_FAILED, submission=submission)
    assert said(ask(as_alice)) == "1 of 3 refused, 1 of 3 failed: Portrait of the mayor"


def test_other_peoples_jobs_are_not_announced(as_alice: Client, bob: User) -> None:
    make_job(bob, state="done")
    assert said(ask(as_alice, whose="team")) == ""


def test_dismissing_and_settling_is_no_news(as_alice: Client, alice: User, ada: User) -> None:
    job = make_job(alice, state="failed")
    since = Revision.current()
    job.write_off(by=ada, now=timezone.now())
    assert said(ask(as_alice, since=since)) == ""


def test_waiting_for_budget_is_announced_to_who_waits(as_alice: Client, as_bob: Client, alice: User) -> None:
    make_job(alice)
    since = Revision.current()
    SendingPause.pause(SendingPause.Reason.FUNDS, now=timezone.now())
    assert said(ask(as_alice, since=since)) == "Waiting for budget"
    assert said(ask(as_bob, since=since)) == ""


def test_cancelling_everything_is_not_announced(as_alice: Client, alice: User) -> None:
    make_job(alice, state="cancelled")
    assert said(ask(as_alice)) == ""

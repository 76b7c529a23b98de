from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from studio.context_processors import shell
from studio.models import ApiAccount, Revision, SendingPause, User
from studio.pauses import PAUSES
from tests import people


def frame(person: User) -> dict[str, Any]:
    request = RequestFactory().get("/")
    request.user = person
    return shell(request)


def test_a_fragment_that_shows_nothing_of_the_frame_asks_for_nothing(
    alice: User, django_assert_num_queries: Any
) -> None:
    ApiAccount.configure()
    with django_assert_num_queries(0):
        told = frame(alice)
    with django_assert_num_queries(1):
        told["revision"]()
        told["slots_used"]()


def test_the_frame_counts_slots_and_a_persons_own_jobs(alice: User, bob: User) -> None:
    people.make_job(alice, state="making")
    people.make_job(bob, state="waiting")
    told = frame(alice)
    assert (told["slots_used"](), told["slots"](), told["in_progress"]()) == (1, 10, 1)
    assert told["revision"]() == Revision.current()


def test_only_an_admin_hears_of_open_cases(alice: User, ada: User) -> None:
    people.make_job(alice, state="failed")
    assert (frame(ada)["open_cases"](), frame(alice)["open_cases"]()) == (1, 0)


def test_a_pause_is_told_in_a_sentence_with_who_waits(alice: User) -> None:
    now = timezone.now()
    people.make_submission(alice, count=3)
    SendingPause.pause(SendingPause.Reason.API, now=now)
    SendingPause.pause(SendingPause.Reason.FUNDS, now=now - timedelta(minutes=1))
    first, second = frame(alice)["pauses"]()
    assert (first.reason, first.sentence, first.waiting) == ("funds", "Studio is out of budget.", 3)
    assert second.sentence == "Luma does not answer."


@pytest.mark.parametrize("name", SendingPause.Reason.values)
def test_every_pause_has_words(name: str) -> None:
    assert name in PAUSES


def test_a_page_without_a_person_still_has_a_frame() -> None:
    request = RequestFactory().get("/")
    assert shell(request)["theme"] == "system"
    request.user = AnonymousUser()
    assert "pauses" not in shell(request)

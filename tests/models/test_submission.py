"""What a person may have in line, and how it stays so when two requests come at once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from studio.models import Input, Job, Revision, Submission, User
from studio.models.submission import TooManyWaiting
from tests.people import LUMA_FAILED, make_job, make_person, make_picture, make_submission

MOST = 10


@pytest.fixture(autouse=True)
def short_line(settings: Settings) -> None:
    settings.WAITING_PER_PERSON = MOST


def together(*acts: Callable[[], object]) -> list[BaseException | None]:
    """Do all of them at the same moment; return what each raised, if anything."""
    begin = threading.Barrier(len(acts))
    ends: list[BaseException | None] = [None] * len(acts)

    def do(number: int, act: Callable[[], object]) -> None:
        try:
            begin.wait(10)
            act()
        except Exception as failure:  # noqa: BLE001 - handed to the test
            ends[number] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ends


def test_a_line_may_be_filled_and_no_more(alice: User) -> None:
    make_submission(alice, count=7)
    make_submission(alice, count=3)
    with pytest.raises(TooManyWaiting) as refused:
        make_submission(alice)
    assert (refused.value.waiting, refused.value.asked, refused.value.most) == (10, 1, 10)
    assert Job.objects.of(alice).count() == MOST


def test_what_is_refused_leaves_no_trace(alice: User) -> None:
    picture = make_picture(alice)
    make_submission(alice, count=8)
    revision = Revision.current()
    with pytest.raises(TooManyWaiting):
        make_submission(alice, count=3, references=[picture])
    assert (Submission.objects.count(), Input.objects.count(), Revision.current()) == (1, 0, revision)


def test_only_what_waits_is_counted_and_only_ones_own(alice: User, bob: User) -> None:
    make_submission(bob, count=8)
    for state in ("sending", "making", "done", "failed", "unknown", "cancelled"):
        make_job(alice, state=state)
    make_submission(alice, count=8)
    make_submission(alice, count=2)
    assert Job.objects.of(alice).waiting().count() == MOST


def test_what_was_accepted_once_is_found_again_in_a_full_line(alice: User) -> None:
    token = uuid.uuid4()
    first = make_submission(alice, count=8, token=token)
    make_submission(alice, count=2)
    assert make_submission(alice, count=8, token=token) == first


def test_a_job_that_was_accepted_is_tried_again_however_long_the_line_is(alice: User) -> None:
    failed, lost = make_job(alice, state="failed", failure=LUMA_FAILED), make_job(alice, state="unknown")
    make_submission(alice, count=8)
    make_submission(alice, count=2)
    assert failed.retry(by=alice, now=timezone.now())
    assert lost.send_again(by=alice, now=timezone.now())
    with pytest.raises(TooManyWaiting) as refused:
        make_submission(alice)
    assert refused.value.waiting == MOST + 2


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_do_not_pass_together() -> None:
    person = make_person()
    make_submission(person, count=5)
    ends = together(*[lambda: make_submission(person, count=4)] * 3)
    assert [type(end) for end in ends if end] == [TooManyWaiting] * 2
    assert Job.objects.of(person).waiting().count() == 9


@pytest.mark.django_db(transaction=True)
def test_one_submit_sent_twice_at_once_is_never_refused() -> None:
    person, token = make_person(), uuid.uuid4()
    make_submission(person, count=5)
    assert together(*[lambda: make_submission(person, count=5, token=token)] * 3) == [None] * 3
    assert Job.objects.of(person).waiting().count() == MOST

"""What is counted and sorted as it changes agrees with the rows, whatever happened in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from benchmarks import fill
from studio.engine import integrity
from studio.engine.integrity import money
from studio.models import Job, JobCount, Submission, User
from studio.models.review.failure_search import FailureSearch
from studio.models.sql.frame import Frame
from studio.views.create.feed import Counts, Scope
from studio.views.review import failure_groups
from tests.people import LOST, LUMA_FAILED, REFUSED, make_job, make_submission

NOW = timezone.now()
FOUND = {"counters-are-true", "feed-is-sorted"}
ACTS: dict[str, Callable[[Job, User], object]] = {
    "cancel": lambda job, person: job.cancel(now=NOW),
    "retry": lambda job, person: job.retry(by=person, now=NOW),
    "send again": lambda job, person: job.send_again(by=person, now=NOW),
    "fetch again": lambda job, person: job.fetch_again(now=NOW),
    "write off": lambda job, person: job.write_off(by=person, now=NOW),
    "dismiss": lambda job, person: job.dismiss(now=NOW),
    "dismiss, recall": lambda job, person: job.dismiss(now=NOW) and job.recall(),
    "write off, recall, retry": lambda job, person: (
        job.write_off(by=person, now=NOW) and job.recall() and job.retry(by=person, now=NOW)
    ),
    "lift": lambda job, person: job.prioritize(),
    "adopt": lambda job, person: job.request_id and Job.adopt(job.request_id, "late-id", now=NOW),
}
STATES = ("waiting", "sending", "queued", "making", "saving", "done", "failed", "unknown", "cancelled")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", ACTS)
def test_every_verb_in_every_state_keeps_the_counts(alice: User, ada: User, state: str, act: str) -> None:
    submission = make_submission(alice, count=2)
    job = make_job(alice, submission=submission, state=state)
    assert no_miscount() == []
    ACTS[act](Job.objects.get(pk=job.pk), ada)
    assert no_miscount() == []


@pytest.mark.parametrize("failure", [REFUSED, LUMA_FAILED])
def test_cases_are_summed_as_their_rows_would_be(alice: User, bob: User, ada: User, failure: object) -> None:
    jobs = [make_job(person, state="failed", failure=failure, now=NOW) for person in (alice, alice, bob)]  # type: ignore[arg-type]
    make_job(bob, state="unknown", failure=LOST)
    jobs[0].write_off(by=ada, now=NOW)
    jobs[1].dismiss(now=NOW)
    by_name = {group.name: group for group in failure_groups.counted([], FailureSearch(viewer=ada))[0]}
    assert {name: group.count for name, group in by_name.items()} == {jobs[0].cause: 2, "unknown": 1}
    assert [group.count for group in failure_groups.counted([], FailureSearch(viewer=ada, show="settled"))[0]] == [1]
    assert jobs[0].price is not None
    is_refunded = failure is LUMA_FAILED
    assert by_name[jobs[0].cause].money == (2 * jobs[0].price if is_refunded else Decimal(0))
    assert Frame.read(ada, now=NOW).open_cases == 3
    assert no_miscount() == []


def test_a_group_seen_first_and_last_is_read_from_its_ends(alice: User, ada: User) -> None:
    times = [NOW - timedelta(days=days) for days in (3, 1, 2)]
    for at in times:
        make_job(alice, state="failed", now=at)
    (group,) = failure_groups.counted([], FailureSearch(viewer=ada))[0]
    assert (group.first, group.last) == (times[0], times[1])


def test_counts_of_one_person_and_of_the_team(alice: User, bob: User) -> None:
    make_submission(alice, count=4)
    make_job(alice, state="done").dismiss(now=NOW)
    make_job(alice, state="failed")
    make_job(bob, state="done")
    failed: dict[str, Any] = {"causes": (("refused", 1),), "failed_own": 1}
    assert Counts.of(Scope(alice)) == Counts(progress=4, failed=1, done=0, every=6, **failed)
    assert Counts.of(Scope(alice, "team")) == Counts(progress=4, failed=1, done=1, every=7, **failed)
    make_job(bob, state="failed")
    counts = Counts.of(Scope(alice, "team"))
    assert (counts.failed, counts.causes, counts.failed_own) == (2, (("refused", 2),), 1)


def test_false_counts_are_found_and_mended(alice: User) -> None:
    job = make_job(alice, state="done")
    make_job(alice, state="failed")
    Job.objects.filter(pk=job.pk).update(state="failed", cause="luma_failed", price=Decimal("0.1234"))
    JobCount.objects.create(person=alice, group="done", on_feed=False, number=7)
    found = [finding for finding in integrity.check(timezone.now()) if finding.invariant in FOUND]
    assert {finding.invariant for finding in found} == FOUND
    assert all(integrity.repair(finding, now=timezone.now()) for finding in found)
    assert no_miscount() == []
    assert Submission.objects.filter(has_failed=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_who_change_jobs_at_once_keep_the_counts(alice: User, bob: User) -> None:
    """Each thread moves its own job of one submission, and all of them move through the same cells."""
    submission = make_submission(alice, count=8)
    pks = list(submission.jobs.values_list("pk", flat=True))
    begin = threading.Barrier(len(pks))
    failures: list[BaseException] = []

    def act(pk: int) -> None:
        try:
            begin.wait()
            job = Job.objects.get(pk=pk)
            assert job.cancel(now=NOW)
            assert job.dismiss(now=NOW)
            make_submission(bob)
            assert job.recall()
        except BaseException as failure:  # noqa: BLE001 - handed to the test below
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(pk,)) for pk in pks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert no_miscount() == []
    assert Counts.of(Scope(alice, "team")) == Counts(progress=8, failed=0, done=0, every=16)


@pytest.mark.django_db
def test_the_bench_fills_tables_as_the_studio_would() -> None:
    # Their keys follow one another, as `fill` takes them to.
    first, *_ = [User.objects.create_user(f"Person {number}") for number in range(fill.PEOPLE)]
    fill.fill(400, first.pk)
    assert no_miscount() == []
    assert list(money.broken()) == []
    assert Job.objects.in_progress().count() == fill.IN_PROGRESS


def no_miscount() -> list[str]:
    return [*JobCount.wrong(), *(str(one.code) for one in Submission.objects.missorted())]

"""Nobody passes a limit: what is asked for is reserved in the transaction that asks."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from studio.engine import integrity
from studio.models import Batch, Job, LedgerRow, Notification, Spent, Submission, TeamBudget, User
from studio.models.budget import Limit, OverBudget, budget_crossed
from studio.models.requests.request_spec import RequestSpec
from tests.people import REFUSED, make_job, make_submission

NOW = timezone.now()
EACH = Decimal("0.0404")
SPEC = RequestSpec(type="image", prompt="A harbour at dusk", model="uni-1")


def budget(**limits: Any) -> TeamBudget:
    made, _ = TeamBudget.objects.update_or_create(pk=1, defaults=limits)
    return made


def cap(person: User, **limits: Any) -> User:
    User.objects.filter(pk=person.pk).update(**limits)
    person.refresh_from_db()
    return person


def place(person: User, *, count: int = 1) -> Submission:
    return make_submission(person, count=count, now=NOW)


def refused(person: User, *, count: int = 1) -> str:
    before = (Submission.objects.count(), LedgerRow.objects.count(), Spent.objects.count())
    with pytest.raises(OverBudget) as why:
        place(person, count=count)
    assert (Submission.objects.count(), LedgerRow.objects.count(), Spent.objects.count()) == before
    return why.value.sentence


def test_scenario_13_a_cap_a_day(alice: User) -> None:
    cap(alice, cap_per_day=Decimal(5))
    for _ in range(6):
        place(alice, count=20)
    place(alice, count=3)
    assert Spent.of(alice.pk, timezone.localdate())[0].dollars == Decimal("4.9692")
    assert refused(alice) == (
        "Your budget for today has $0.0308 left, and this costs $0.0404. Nothing was made. "
        "Make less, or ask an admin to raise the budget."
    )


@pytest.mark.parametrize("name", ["per_day", "per_month"])
def test_the_team_has_limits_too(alice: User, bob: User, name: str) -> None:
    budget(**{name: 3 * EACH})
    place(alice, count=2)
    period = "today" if name == "per_day" else f"{timezone.localdate():%B}"
    assert refused(bob, count=2).startswith(f"The team's budget for {period} has $0.0404 left, and this costs $0.0808.")
    place(bob)


def test_a_persons_own_cap_goes_before_that_for_everybody(alice: User, bob: User) -> None:
    budget(each_per_month=EACH)
    cap(bob, cap_per_month=2 * EACH)
    place(alice)
    assert refused(alice).startswith("Your budget for ")
    place(bob, count=2)
    assert refused(bob)


def test_yesterday_and_last_month_count_for_themselves(alice: User) -> None:
    cap(alice, cap_per_day=EACH, cap_per_month=40 * EACH)
    for days in (1, 40):
        make_submission(alice, now=NOW - timedelta(days=days))
    place(alice)
    assert refused(alice)


def test_what_ends_for_nothing_makes_room(alice: User) -> None:
    cap(alice, cap_per_day=EACH)
    job = place(alice).jobs.get()
    assert refused(alice)
    assert job.cancel(now=NOW)
    make_job(alice, state="failed", failure=REFUSED)
    make_job(alice, state="unknown")
    # Nobody knows whether this one is charged, so it counts.
    assert refused(alice)


def test_a_batch_is_placed_whole_or_not_at_all(alice: User) -> None:
    cap(alice, cap_per_day=2 * EACH)
    with pytest.raises(OverBudget):
        Batch.place(alice, uuid.uuid4(), [SPEC] * 3, kind="edit", title="x", now=NOW)
    assert (Batch.objects.count(), Job.objects.count(), Spent.objects.count()) == (0, 0, 0)
    Batch.place(alice, uuid.uuid4(), [SPEC] * 2, kind="edit", title="x", now=NOW)
    assert Spent.of(alice.pk, timezone.localdate())[0].dollars == 2 * EACH


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_another_try_passes_through_it(alice: User, ada: User, state: str) -> None:
    job = make_job(alice, state=state)
    # What is unknown counts already.
    cap(alice, cap_per_day=EACH / 2 if state == "failed" else EACH)
    again = job.retry if state == "failed" else job.send_again
    with pytest.raises(OverBudget) as why:
        again(by=ada, now=NOW)
    assert why.value.sentence.startswith("Alice Moreau's budget for today has ")
    assert Job.objects.get().state == state
    cap(alice, cap_per_day=2 * EACH)
    assert again(by=alice, now=NOW)


def test_a_redo_passes_through_it(alice: User) -> None:
    job = make_job(alice, state="done")
    cap(alice, cap_per_day=EACH)
    with pytest.raises(OverBudget):
        job.submission.redo(seen=1, now=NOW)
    job.submission.refresh_from_db()
    assert (job.submission.count, Job.objects.count()) == (1, 1)


def test_layers_have_no_price_and_pass(alice: User) -> None:
    cap(alice, cap_per_day=Decimal(0))
    make_submission(alice, type="layering", prompt="")
    assert refused(alice).startswith("Your budget for today has $0.00 left")


def test_admins_hear_of_80_and_of_100_per_cent_once(
    alice: User, ada: User, django_capture_on_commit_callbacks: Any
) -> None:
    budget(per_month=5 * EACH)
    heard: list[tuple[Limit, int]] = []

    def hear(limit: Limit, share: int, **more: Any) -> None:
        heard.append((limit, share))

    budget_crossed.connect(hear)
    try:
        for _ in range(5):
            with django_capture_on_commit_callbacks(execute=True):
                place(alice)
        assert refused(alice)
    finally:
        budget_crossed.disconnect(hear)
    assert [share for _, share in heard] == [80, 100]
    assert heard[0][0].person is None
    (told,) = Notification.objects.of(ada)
    month = f"{timezone.localdate():%B}"
    assert (told.text, told.number) == (f"The team's budget for {month} is used up: $0.2020 of $0.2020.", 2)
    assert not Notification.objects.of(alice).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("whose", ["the person", "the team"])
def test_a_hundred_submits_race_the_last_five_pictures(alice: User, bob: User, whose: str) -> None:
    if whose == "the person":
        cap(alice, cap_per_day=5 * EACH)
        people = [alice] * 100
    else:
        budget(per_month=5 * EACH)
        people = [alice, bob] * 50
    outcomes: Counter[str] = Counter()
    begin, lock = threading.Barrier(20), threading.Lock()

    def submit(some: list[User]) -> None:
        try:
            begin.wait()
            for person in some:
                try:
                    Submission.place(person, uuid.uuid4(), SPEC, now=timezone.now())
                    came = "made"
                except OverBudget:
                    came = "refused"
                with lock:
                    outcomes[came] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit, args=(people[start::20],)) for start in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"made": 5, "refused": 95}
    assert Job.objects.count() == 5
    assert [
        one for one in integrity.check(timezone.now()) if one.invariant in {"ledger-fits-jobs", "spend-is-summed"}
    ] == []

"""Several admins decide about the same failures at the same moment: each case has one end, and the sums hold."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest
from django.db import connections
from django.utils import timezone

from studio.engine import integrity
from studio.models import Job, JobCount, TrailEntry
from studio.models.not_placed import NotPlaced
from studio.models.review import case_act
from tests import people

SUMS = {"ledger-fits-jobs", "spend-is-summed", "counters-are-true"}
ACTS = ("retry", "retry", "write_off", "send_again", "resolve", "acknowledge", "reopen")


@pytest.mark.django_db(transaction=True)
def test_admins_at_once_give_each_case_one_end() -> None:
    alice, admins = people.make_person(), [people.make_person(f"Admin {n}", role="admin") for n in range(6)]
    ends = {"failed": people.LUMA_FAILED, "unknown": None}
    jobs = [people.make_job(alice, state=state, failure=failure) for state, failure in [*ends.items()] * 4]
    begin, done, lock = threading.Barrier(len(admins)), Counter[tuple[int, str]](), threading.Lock()
    broken: list[Exception] = []

    def act(number: int) -> None:
        chance = random.Random(number)
        try:
            # As their pages show them.
            seen = list(Job.objects.select_related("submission", "person").filter(pk__in=[job.pk for job in jobs]))
            begin.wait()
            for job in chance.sample(seen, len(seen)):
                name = chance.choice(ACTS)
                try:
                    is_done = case_act.act(job, name, by=admins[number], now=timezone.now())
                except NotPlaced:
                    is_done = False
                with lock:
                    done[job.pk, name] += is_done
        except Exception as problem:  # noqa: BLE001 - told below
            broken.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(admins))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    for job in jobs:
        again = done[job.pk, "retry"] + done[job.pk, "send_again"]
        job.refresh_from_db()
        assert again <= 1
        assert (job.state == "waiting") == bool(again)
    paid = TrailEntry.objects.filter(verb="retry").count()
    assert paid == sum(number for (_, name), number in done.items() if name in {"retry", "send_again"})
    assert [one for one in integrity.check(timezone.now()) if one.invariant in SUMS] == []
    assert not list(JobCount.wrong())

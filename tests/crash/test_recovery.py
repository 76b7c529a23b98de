"""What the dead leave behind is found by whoever comes next, and by somebody who comes soon."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from studio import tasks
from studio.engine import conductor
from studio.luma import ApiKey, Luma
from studio.models import Job, Picture
from tests import people

MINUTE = timedelta(minutes=1)


def bells() -> list[str]:
    return [order.func() for order in OrmQ.objects.order_by("pk")]


@pytest.mark.django_db(transaction=True)
def test_sizes_whose_maker_died_are_asked_for_again_although_no_job_is_under_way() -> None:
    """The queue itself would give the killed task to another worker only after ten minutes."""
    job = people.make_job(people.make_person(), state="done")
    Picture.objects.filter(job=job).update(renditions_due_at=timezone.now() - 2 * MINUTE)
    tasks.ensure_conductor()
    assert bells() == ["studio.tasks.conduct"]
    conductor.conduct(lambda: Luma(ApiKey("luma-api-tests"), "http://127.0.0.1:1/v1"), slice=2.0, linger=0.0)
    assert bells() == ["studio.tasks.conduct", "studio.tasks.make_renditions"]
    assert not conductor.work_remains(timezone.now())


@pytest.mark.django_db
def test_a_job_held_under_a_lost_lease_is_not_claimed_into_nowhere() -> None:
    """It slept, another one took its job and died: its own next sweep must leave the job free to be taken up."""
    now = timezone.now()
    until = now + MINUTE
    job = people.make_job(people.make_person(), state="running", now=now - MINUTE)
    Job.objects.filter(pk=job.pk).update(lease_owner="died", lease_until=now - MINUTE)
    assert Job.objects.adopt("sleeper", beside={job.pk}, until=until, now=now) == []
    assert [taken.pk for taken in Job.objects.adopt("sleeper", beside=set(), until=until, now=now)] == [job.pk]

"""Links that Luma gives for a finished picture: another job's picture is never stored, however the link comes."""

from __future__ import annotations

import gzip
import uuid

import pytest
from django.utils import timezone

from studio.engine import collect
from studio.models import Job, User
from tests import people
from tests.faults.answers import accept_as, completed, picture, reply
from tests.faults.call import Act, Call
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double


def linked_to(remote_id: str, form: str = "{link}") -> Act:
    """Say that it is made, under the link of this id."""

    async def act(call: Call) -> None:
        link = f"http://127.0.0.1:{call.double.port}/files/{remote_id or call.remote_id}"
        await completed([{"type": "image", "url": form.format(link=link)}])(call)

    return act


def test_of_two_jobs_with_each_others_links_none_gets_the_others_picture(
    double: Double, run: Run, settle: Settle, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "BAD_GROWTH", 1.0)
    ids = [str(uuid.uuid4()), str(uuid.uuid4())]
    jobs = []
    for own, other, person in zip(ids, reversed(ids), (alice, bob), strict=True):
        double.part(own, post=[accept_as(own)], get=[linked_to(other)])
        jobs.append(job_for(person, own))
    settle()
    for job in jobs:
        job.refresh_from_db()
        assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "unsaved", Job.Charge.CHARGED)
        assert "Luma gave the link of another picture" in job.sentence
        assert not job.pictures.exists()
    # Once Luma gives the right links, fetching again is free.
    for job, own in zip(jobs, ids, strict=True):
        double.parts[own].get = [completed()]
        assert job.retry(by=job.person, now=timezone.now())
    settle()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert len(double.posts) == 2


def test_the_link_of_an_edit_may_name_what_it_was_made_from(double: Double, settle: Settle, alice: User) -> None:
    source_id, edit_id = str(uuid.uuid4()), str(uuid.uuid4())
    double.part("first", post=[accept_as(source_id)])
    first = job_for(alice, "first")
    settle()
    double.part("second", post=[accept_as(edit_id)], get=[linked_to(source_id)])
    double.pictures[edit_id] = double.pictures[source_id]
    edit = people.make_submission(alice, prompt="second", type="image_edit", source=first.pictures.get()).jobs.get()
    settle()
    edit.refresh_from_db()
    assert edit.state == Job.State.DONE


@pytest.mark.parametrize("form", [" {link}\n", "{link}?for=%7Bx%7D", "{link}#part"])
def test_a_link_that_is_written_oddly_is_followed(double: Double, settle: Settle, alice: User, form: str) -> None:
    async def fetched(call: Call) -> None:
        await reply(200, double.pictures[call.remote_id.partition("?")[0]], {"content-type": "image/png"})(call)

    remote_id = str(uuid.uuid4())
    part = double.part("a lake", post=[accept_as(remote_id)], get=[linked_to("", form)], file=[fetched])
    double.by_id[f"{remote_id}?for=%7Bx%7D"] = part
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.fetches) == (Job.State.DONE, 1)


def test_a_picture_that_somebody_packed_on_its_way_is_kept(double: Double, settle: Settle, alice: User) -> None:
    async def packed(call: Call) -> None:
        content = gzip.compress(call.double.pictures[call.remote_id])
        await reply(200, content, {"content-type": "image/png", "content-encoding": "gzip"})(call)

    double.part("a lake", file=[packed, picture])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.fetches) == (Job.State.DONE, 1)

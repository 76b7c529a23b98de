"""Luma says that it failed, and links to a picture: what decodes is made, all else has failed as it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio import failures
from studio.engine import collect
from studio.models import Job, User
from studio.views.jobs.cards import Card
from tests.faults.answers import completed, picture, reply, reset, state
from tests.faults.call import Act, Call
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double


def linked(name: str = "failed", code: str | None = "generation_failed", **facts: object) -> Act:
    """Answer a poll: this state, with a link to the picture."""

    async def act(call: Call) -> None:
        call.double.making.discard(call.remote_id)
        link = f"http://127.0.0.1:{call.double.port}/files/{call.remote_id}"
        output = [{"type": "image", "url": link}]
        await state(name, **({"output": output, "failure_code": code} | facts))(call)

    return act


BRINGS: dict[str, tuple[list[Act], list[Act]]] = {
    "at once": ([linked()], [picture]),
    "refused for another reason": ([linked(code=None)], [picture]),
    "at the second try": ([linked()], [reply(503), picture]),
    "cut, and then whole": ([linked()], [reset, picture]),
    "failed, and then completed": ([linked(), completed()], [reply(403), picture]),
    "completed, and then failed": ([completed(), linked()], [reply(403), picture]),
}
BRINGS_NONE: dict[str, tuple[list[Act], list[Act]]] = {
    "no picture": ([linked()], [reply(200, b"<html>sorry</html>")]),
    "a link that is dead": ([linked()], [reply(404)]),
    "a line that is dead": ([linked()], [reset]),
    "no link": ([linked(output=[{"type": "image", "url": ""}])], [picture]),
    "no link any more": ([linked(), state("failed", failure_code="generation_failed")], [reply(403), picture]),
}


@pytest.mark.parametrize(("polls", "files"), BRINGS.values(), ids=BRINGS)
def test_what_decodes_is_a_made_picture(
    double: Double, settle: Settle, alice: User, polls: list[Act], files: list[Act]
) -> None:
    double.part("a lake", get=[*polls], file=[*files])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.charge, job.cause, len(double.posts)) == (Job.State.DONE, Job.Charge.CHARGED, "", 1)
    assert job.pictures.get().sha256 == double.digest(job.remote_id or "")


@pytest.mark.parametrize(("polls", "files"), BRINGS_NONE.values(), ids=BRINGS_NONE)
def test_what_brings_no_picture_has_failed(
    double: Double, settle: Settle, alice: User, polls: list[Act], files: list[Act]
) -> None:
    double.part("a lake", get=[*polls], file=[*files])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, "luma_failed", Job.Charge.REFUNDED)
    assert job.sentence == failures.CODES["generation_failed"].sentence


@pytest.mark.parametrize(
    ("type", "code", "cause"),
    [("image", "content_moderated", "refused"), ("layering", "generation_failed", "luma_failed")],
)
def test_a_refused_picture_and_some_of_the_layers_are_not_fetched(
    double: Double, settle: Settle, alice: User, type: str, code: str, cause: str
) -> None:
    part = double.part("a lake", get=[linked(code=code)])
    job = job_for(alice, "a lake", type=type)
    settle()
    job.refresh_from_db()
    assert (job.state, job.cause, part.files) == (Job.State.FAILED, cause, 0)


def test_its_card_says_what_both_say(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "RETRY", 60.0)
    part = double.part("a lake", get=[linked()], file=[reply(503), picture])
    job = job_for(alice, "a lake")
    run(linger=0)
    job.refresh_from_db()
    said = "Luma says this failed, but links to a picture, and Luma's storage did not send it (HTTP 503). "
    assert Card(job, now=timezone.now(), viewer=alice).why.startswith(said)
    part.get = [completed()]
    job.fetch_now(now=timezone.now())
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


@pytest.mark.parametrize("name", ["Complete", "SUCCEEDED", "success", "finished", "done", "ready"])
def test_other_names_of_completed_bring_the_picture_at_once(
    double: Double, settle: Settle, alice: User, name: str
) -> None:
    double.part("a lake", get=[linked(name, None)])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


@pytest.mark.parametrize("name", ["processing", "queued", "pondering"])
def test_after_a_day_a_picture_counts_in_whatever_state(
    double: Double, run: Run, settle: Settle, alice: User, name: str
) -> None:
    double.part("a lake", get=[linked(name, None)])
    job = job_for(alice, "a lake")
    run(seconds=0.5)
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    long_ago = timezone.now() - timedelta(hours=25)
    Job.objects.update(sent_at=long_ago, accepted_at=long_ago, deadline_at=long_ago)
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE

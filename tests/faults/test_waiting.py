"""Jobs that Luma never finishes: the card says why, its owner may stop waiting, and a late picture still comes home."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from django.utils import timezone

from studio.engine import conductor, poll
from studio.engine.db_thread import DatabaseThread
from studio.engine.job_steps import JobSteps
from studio.models import Attempt, Job, User
from studio.views.jobs import actions as job_actions
from studio.views.jobs.cards import Card
from tests import people
from tests.faults.answers import close, completed, hang, picture, queued, raw, reply, reset
from tests.faults.answers import state as at_luma
from tests.faults.call import Act
from tests.faults.conftest import Run, Settle, hasty, job_for, states
from tests.faults.double import Double

T = TypeVar("T")
STRANGE, SILENT, MISSING = (
    "reports a state that Studio doesn't know",
    "gives no usable answer",
    "doesn't find this picture",
)

# What Luma answers to every look, for ever, and what the card says of it; "" while nothing is wrong.
LOOKS: dict[str, tuple[Act, str]] = {
    "queued": (at_luma("queued"), ""),
    "processing": (at_luma("processing"), ""),
    "paused": (at_luma("paused"), STRANGE),
    "with warnings": (at_luma("completed_with_warnings"), STRANGE),
    "null": (lambda call: reply(200, queued(call.remote_id) | {"state": None})(call), STRANGE),
    "a number": (lambda call: reply(200, queued(call.remote_id) | {"state": 7})(call), STRANGE),
    "no state": (lambda call: reply(200, {"id": call.remote_id})(call), STRANGE),
    "404": (reply(404, {"detail": "Generation not found"}), MISSING),
    "410": (reply(410, {"detail": "gone"}), SILENT),
    "500": (reply(500, b"oops"), SILENT),
    "503": (reply(503, {"detail": "Upstream service unavailable"}), SILENT),
    "429": (reply(429, {"detail": "slow down"}), SILENT),
    "301": (reply(301, b"", {"location": "/v1/elsewhere"}), SILENT),
    "204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), SILENT),
    "html": (reply(200, b"<html>Sign in</html>"), SILENT),
    "a list": (reply(200, []), SILENT),
    "another's": (reply(200, queued("d290f1ee-6c54-4b01-90e6-d701748f0851", "completed")), SILENT),
    "another's failed": (reply(200, queued("d290f1ee-6c54-4b01-90e6-d701748f0851", "failed")), SILENT),
    "no http": (raw(b"\x00 no http \r\n\r\n"), SILENT),
    "a huge head": (raw(b"HTTP/1.1 200 OK\r\nx-huge: " + b"h" * 300_000 + b"\r\n\r\n"), SILENT),
    "close": (close, SILENT),
    "reset": (reset, SILENT),
    "hang": (hang, SILENT),
}


def backdate(by: timedelta) -> None:
    """As if everything had been accepted so long ago."""
    at = timezone.now() - by
    Job.objects.update(
        sent_at=at, accepted_at=at, deadline_at=at + timedelta(minutes=5), due_at=timezone.now() - timedelta(seconds=1)
    )


def claimed(job: Job) -> Job:
    now = timezone.now()
    return Job.objects.claim("one", [job.pk], until=now + timedelta(minutes=1), now=now)[0]


async def with_steps(double: Double, work: Callable[[JobSteps], Awaitable[T]]) -> T:
    """Let a conductor's steps be taken one by one."""
    async with hasty(double.url) as luma, DatabaseThread() as database:
        return await work(JobSteps(luma, database))


def card_of(job: Job) -> Card:
    return Card(Job.objects.for_cards().get(pk=job.pk), now=timezone.now(), viewer=job.person)


def buttons(job: Job) -> list[str]:
    return [f"{act.word} · {act.price}" if act.price else act.word for act in job_actions.buttons(card_of(job))]


def late(double: Double, run: Run, alice: User, prompt: str = "late", look: Act | None = None) -> Job:
    double.part(prompt, get=[look or at_luma("processing")])
    job = job_for(alice, prompt)
    run(seconds=0.6)
    backdate(timedelta(hours=1))
    job.refresh_from_db()
    assert job.is_late(timezone.now())
    return job


def test_what_luma_answers_for_ever_has_a_reason_a_button_and_an_end(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, (act, _) in LOOKS.items():
        double.part(name, get=[act])
    jobs = {name: job_for(alice, name) for name in LOOKS}
    run(seconds=8)
    for name, job in jobs.items():
        assert card_of(job).job.state == "running", name
        assert LOOKS[name][1] in card_of(job).why, (name, card_of(job).why)
        assert bool(LOOKS[name][1]) == bool(card_of(job).why), name
    # Past the deadline each has its button, and says why.
    backdate(timedelta(hours=1))
    run(seconds=5)
    for name, job in jobs.items():
        assert card_of(job).status == "late"
        assert (LOOKS[name][1] or "you can stop waiting") in card_of(job).why, (name, card_of(job).why)
        assert buttons(job) == ["Stop waiting"]
    # After a day it ends: at once on Luma's word, else after a few more looks, which are counted across restarts.
    monkeypatch.setattr(poll, "LAST_LOOKS", 3)
    monkeypatch.setattr("studio.engine.pacing.LATE", 0.1)
    backdate(timedelta(hours=25))
    settle(within=60)
    for name, job in jobs.items():
        ended = card_of(job)
        assert (ended.job.state, ended.job.cause, ended.job.charge) == ("failed", "lost", "maybe"), name
        assert buttons(job) == ["Ask again · free", "Pay again · $0.04"], name
    # Asked again for free they come, should Luma have them after all.
    for name, job in jobs.items():
        double.parts[name].get = [completed()]
        assert card_of(job).job.retry(by=alice, now=timezone.now())
    settle()
    assert set(states(jobs).values()) == {"done"}
    assert len(double.posts) == len(LOOKS)


@pytest.mark.parametrize("state", ["completed_with_warnings", "Completed-Partially"])
def test_what_is_called_completed_in_other_words_is_taken_at_once(
    double: Double, run: Run, alice: User, state: str
) -> None:
    async def made(call: object) -> None:
        link = f"http://127.0.0.1:{double.port}/files/{call.remote_id}"  # type: ignore[attr-defined]
        await at_luma(state, output=[{"type": "image", "url": link}])(call)  # type: ignore[arg-type]

    double.part("warned", get=[made])
    job = job_for(alice, "warned")
    run()
    assert states({"warned": job}) == {"warned": "done"}


def test_a_picture_in_a_strange_state_is_taken_when_it_is_late(double: Double, run: Run, alice: User) -> None:
    async def odd(call: object) -> None:
        link = f"http://127.0.0.1:{double.port}/files/{call.remote_id}"  # type: ignore[attr-defined]
        await at_luma("pondering", output=[{"type": "image", "url": link}])(call)  # type: ignore[arg-type]

    job = late(double, run, alice, look=odd)
    assert job.state == "running"
    run()
    assert states({"odd": job}) == {"odd": "done"}


def test_a_hiccup_is_not_told_and_what_was_told_is_taken_back(double: Double, run: Run, alice: User) -> None:
    part = double.part("hiccup", get=[reply(500, b""), at_luma("processing")])
    job = job_for(alice, "hiccup")
    run(seconds=1)
    assert card_of(job).why == ""
    part.get = [at_luma("pondering")]
    run(seconds=1)
    assert STRANGE in card_of(job).why
    part.get = [at_luma("processing")]
    run(seconds=1)
    assert card_of(job).why == ""


def test_who_stops_waiting_frees_the_slot_and_a_late_picture_still_comes(
    double: Double, run: Run, settle: Settle, alice: User
) -> None:
    job = late(double, run, alice)
    Job.objects.update(sent_at=timezone.now() - timedelta(minutes=30))
    assert Job.objects.occupying(timezone.now()).weight() == 1
    job.refresh_from_db()
    assert job.stop_waiting(by=alice, now=timezone.now())
    assert Job.objects.occupying(timezone.now()).weight() == 0
    assert not Job.objects.in_progress().exists()
    assert (job.state, job.charge, buttons(job)) == ("failed", "maybe", ["Ask again · free", "Details"])
    # Not ready yet: looked for, let go, and looked for again later.
    looks = double.parts["late"].gets
    Job.objects.update(due_at=timezone.now())
    assert conductor.work_remains(timezone.now())
    run()
    job.refresh_from_db()
    assert double.parts["late"].gets == looks + 1
    assert (job.state, job.lease_owner) == ("failed", "")
    assert job.due_at
    assert timedelta(seconds=50) < job.due_at - timezone.now() < timedelta(minutes=6)
    assert not conductor.work_remains(timezone.now())
    # No answer is no reason either to look no more.
    double.parts["late"].get = [reply(500, b"")]
    Job.objects.update(due_at=timezone.now())
    run()
    job.refresh_from_db()
    assert (job.state, job.cause, job.lease_owner) == ("failed", "stopped", "")
    assert job.due_at > timezone.now()
    # Even put away by its owner it comes home.
    assert job.dismiss(now=timezone.now())
    double.parts["late"].get = [completed()]
    Job.objects.update(due_at=timezone.now())
    run()
    job.refresh_from_db()
    assert (job.state, job.charge, job.cause, job.dismissed_at) == ("done", "charged", "", None)
    assert job.attempts_made.get().outcome == Attempt.Outcome.DONE
    assert card_of(job).picture
    assert len(double.posts) == 1


@pytest.mark.parametrize(
    ("look", "cause", "charge"),
    [
        (at_luma("processing"), "lost", "maybe"),
        (reply(500, b"oops"), "lost", "maybe"),
        (at_luma("failed", failure_code="content_moderated"), "refused", "refunded"),
    ],
)
def test_a_late_picture_is_looked_for_until_luma_says_no_or_a_day_has_passed(
    double: Double, run: Run, alice: User, look: Act, cause: str, charge: str
) -> None:
    job = late(double, run, alice)
    assert job.stop_waiting(by=alice, now=timezone.now())
    assert job.dismiss(now=timezone.now())
    double.parts["late"].get = [look]
    backdate(timedelta(hours=25))
    run()
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge, job.due_at) == ("failed", cause, charge, None)
    assert job.dismissed_at, "what a person put away stays away"


def test_a_late_picture_that_cannot_be_saved_is_tried_like_any_other(
    double: Double, run: Run, settle: Settle, alice: User
) -> None:
    job = late(double, run, alice)
    assert job.stop_waiting(by=alice, now=timezone.now())
    double.parts["late"].get, double.parts["late"].file = [completed()], [reply(500, b""), picture]
    Job.objects.update(due_at=timezone.now())
    run()
    settle()
    assert states({"late": job}) == {"late": "done"}


def test_a_conductor_that_still_holds_a_job_leaves_it_to_who_stopped_it(double: Double, run: Run, alice: User) -> None:
    """The engine's copy of the row is older than the person's click."""
    job = late(double, run, alice)
    backdate(timedelta(hours=25))
    held = claimed(job)
    assert job.stop_waiting(by=alice, now=timezone.now())
    now = timezone.now()
    double.parts["late"].get = [reply(500, b"")]
    assert asyncio.run(with_steps(double, lambda steps: poll.look(held, steps.luma, steps.database, now=now))) is None
    assert not held.start_saving(now=now)
    assert not held.fail(people.LUMA_FAILED, now=now)
    assert not held.explain("anything", detail="")
    assert not held.count_try()
    job.refresh_from_db()
    assert (job.state, job.cause) == ("failed", "stopped")


def test_a_job_that_was_noted_twice_is_not_looked_at_once_it_has_ended(double: Double, run: Run, alice: User) -> None:
    """A step that the database refused is noted again, and another may have ended the job meanwhile."""
    part = double.part("twice", get=[at_luma("processing")])
    job = job_for(alice, "twice")
    run(seconds=0.6)
    held, looks = claimed(job), part.gets
    part.get = [at_luma("failed", failure_code="content_moderated")]

    async def work(steps: JobSteps) -> None:
        steps.follow(held, 0.0)
        steps.follow(held, 30.0)
        for later in (0.0, 60.0):
            steps.start_due(time.monotonic() + later)
            await asyncio.gather(*steps.running)

    asyncio.run(with_steps(double, work))
    job.refresh_from_db()
    assert (job.state, job.cause, part.gets) == ("failed", "refused", looks + 1)


def test_nobody_stops_waiting_for_what_is_in_time_or_has_ended(alice: User) -> None:
    now = timezone.now()
    for state in ("waiting", "sending", "making", "saving", "done", "failed", "unknown"):
        job = people.make_job(alice, state=state, prompt=state)
        for kept in job.pictures.all():
            people.complete_sizes(kept)
        assert not job.stop_waiting(by=alice, now=now)

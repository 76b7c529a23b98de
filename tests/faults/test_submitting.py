"""Faults of the paid POST: a definite no is tried again, a perhaps never."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from studio.models import Attempt, Job, SendingPause, User
from tests import people
from tests.faults.answers import accept, accept_then, after, close, hang, queued, raw, reply, reset
from tests.faults.call import Act
from tests.faults.conftest import Run, Settle, Until, job_for
from tests.faults.double import Double
from tests.faults.submitted import CONCURRENT, is_unknown, run_through_the_brake

OUTAGE = {"detail": "Upstream service unavailable"}


def test_f06_a_lost_reply_is_unknown_and_stays_so(double: Double, run: Run, alice: User) -> None:
    losses = {"eof": close, "reset": reset, "timeout": hang, "half a status": raw(b"HTTP/1.1 20")}
    jobs = {name: job_for(alice, name) for name in losses}
    for name, act in losses.items():
        double.part(name, post=[accept_then(act), accept])
    run_through_the_brake(run)
    assert all(is_unknown(job) for job in jobs.values())
    assert len(double.posts) == len(losses)
    assert Job.objects.occupying(timezone.now()).weight() == len(losses)


def test_f07_what_never_left_this_machine_is_tried_again(
    double: Double, run: Run, until: Until, settle: Settle, alice: User, settings: Settings
) -> None:
    job = job_for(alice, "a lake")
    for address in ("http://127.0.0.1:9/v1", "https://nobody.invalid/v1", double.url.replace("http:", "https:")):
        settings.LUMA_BASE_URL = address
        Job.objects.update(due_at=timezone.now(), fetches=0, resends=0)
        SendingPause.objects.all().delete()
        until(lambda: Job.objects.filter(pk=job.pk, resends=2) and SendingPause.objects.exists())
        run(seconds=0.8, linger=0.6)
        job.refresh_from_db()
        assert job.state == Job.State.WAITING
        assert set(job.attempts_made.values_list("outcome", flat=True)) == {Attempt.Outcome.HELD}
        assert SendingPause.objects.get().reason == SendingPause.Reason.API
        # Behind the pause only free requests are tried.
        assert job.resends == 2
    settings.LUMA_BASE_URL = double.url
    SendingPause.probe_now(SendingPause.Reason.API, now=timezone.now())
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert not SendingPause.objects.exists()


def test_f08_a_request_cut_on_its_way_out_is_unknown(double: Double, run: Run, alice: User) -> None:
    job = job_for(alice, "x" * 3_000_000)
    double.reads_only = 20_000
    run(seconds=2)
    double.reads_only = None
    run()
    assert is_unknown(job)


# What proves nothing, whatever it says; each is tried with and without a generation behind it.
UNCLEAR: dict[str, Act] = {
    **{f"{status} html": reply(status, b"<html>oh dear</html>") for status in (500, 502, 503, 504, 520, 599)},
    **{f"{status} documented": reply(status, OUTAGE) for status in (500, 502, 503)},
    "502 proxy": reply(502, {"detail": "source: fetch proxy unavailable"}),
    "503 ingestion": reply(503, {"detail": "Media URL ingestion is unavailable"}, {"Retry-After": "1"}),
    "502 promise": reply(502, {"detail": "Request was not accepted. Nothing was created or charged. Retry."}),
    **{
        str(status): reply(status, {"detail": "Conflict"})
        for status in (407, 408, 409, 421, 423, 424, 425, 460, 499, 302, 204)
    },
    **{f"{status} generation": reply(status, queued(str(uuid.uuid4()))) for status in (400, 401, 429)},
    **{f"{status} page": reply(status, b"<html>oh dear</html>") for status in (404, 405, 407, 421, 451)},
    "201 html": reply(201, b"<html>Created</html>"),
    "200 sign-in page": reply(200, b"<html><form>Sign in</form></html>"),
    "201 cut": raw(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"id": "'),
    "429 cut": raw(b'HTTP/1.1 429 X\r\nContent-Length: 500\r\n\r\n{"detail": "'),
    "402 cut": raw(b'HTTP/1.1 402 X\r\nContent-Length: 500\r\n\r\n{"detail": "'),
    "not http": raw(b"\x16\x03\x01 hello\r\n\r\n"),
    "half a status": raw(b"HTTP/1.1 20"),
    "closed": close,
    "reset": reset,
    "late": hang,
}


@pytest.mark.parametrize("made", [True, False], ids=["made", "not made"])
def test_f09_f10_what_proves_nothing_is_unknown_and_never_sent_again(
    double: Double, run: Run, alice: User, made: bool
) -> None:
    jobs = {name: job_for(alice, name) for name in UNCLEAR}
    for name, act in UNCLEAR.items():
        double.part(name, post=[accept_then(act) if made else act, accept])
    run_through_the_brake(run)
    assert {name: is_unknown(job) for name, job in jobs.items()} == dict.fromkeys(UNCLEAR, True)
    assert len(double.posts) == len(jobs)


# What certainly did not arrive: the reason, and what ends it once Studio has sent it often enough by itself.
MISSES: dict[str, tuple[Act, str]] = {
    "429": (reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "0"}), "busy"),
    "429 page": (reply(429, b"<html>Too many requests</html>", {"Retry-After": "0"}), "busy"),
    "429 slots": (reply(429, {"detail": CONCURRENT}), "busy"),
    "402": (reply(402, {"detail": "Insufficient credits"}), "budget"),
    "401": (reply(401, {"detail": "Invalid API key"}), "key"),
    "403": (reply(403, {"detail": "API client is suspended"}), "key"),
    "401 page": (reply(401, b"<html>Sign in</html>"), "unreachable"),
    "403 page": (reply(403, b"<html>Just a moment</html>"), "unreachable"),
}


@pytest.mark.parametrize("name", MISSES)
def test_a_certain_miss_is_sent_again_three_times_and_then_a_person_is_asked(
    double: Double, settle: Settle, alice: User, ada: User, name: str
) -> None:
    act, cause = MISSES[name]
    double.part("a lake", post=[act])
    job = job_for(alice, "a lake")
    settle(resume=True)
    job.refresh_from_db()
    assert (job.state, job.cause, job.charge) == (Job.State.FAILED, cause, Job.Charge.NONE)
    ends = ("Try again.", "Try again later.", "Try again once an admin has added funds.", "has mended it.")
    assert job.sentence.endswith(ends)
    assert "4 times" in job.sentence
    assert list(job.attempts_made.values_list("number", "outcome", "charge")) == [
        (number, Attempt.Outcome.HELD, Job.Charge.NONE) for number in (1, 2, 3, 4)
    ]
    assert len({str(one.request_id) for one in job.attempts_made.all()}) == len(double.posts) == 4
    double.parts["a lake"].post = [accept]
    SendingPause.objects.all().delete()
    assert job.retry(by=ada, now=timezone.now())
    settle(resume=True)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 5)


def test_what_is_refused_on_the_way_stops_everybody_at_once(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(hours=1)))
    double.closed_to_posts = reply(403, b"<html>Just a moment</html>")
    people.make_submission(alice, prompt="a lake", count=8)
    people.make_submission(people.make_person("Bob"), prompt="a hill", count=8)
    run(seconds=3)
    pause = SendingPause.objects.get()
    assert (pause.reason, pause.detail) == (SendingPause.Reason.API, "HTTP 403, not from Luma")
    assert len(double.posts) <= 2  # those that were on the wire beside it
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.WAITING}


@pytest.mark.parametrize("name", ["402", "401", "403", "403 page"])
def test_one_request_that_is_refused_for_itself_stops_nobody(
    double: Double, settle: Settle, alice: User, name: str
) -> None:
    """A firewall that dislikes one prompt, say: the pause is probed by another job, and ends with it."""
    double.part("disliked", post=[MISSES[name][0]])
    disliked = job_for(alice, "disliked")
    people.make_submission(alice, prompt="a lake", count=6)
    settle()
    disliked.refresh_from_db()
    assert (disliked.state, disliked.attempts) == (Job.State.FAILED, 4)
    assert Job.objects.filter(state=Job.State.DONE).count() == 6
    sent = [call.said["prompt"] for call in double.posts]
    assert sent.count("disliked") == 4
    # The first of them and what was on the wire beside it, then the probe.
    assert sent[1:3] == ["a lake", "a lake"]
    assert not SendingPause.objects.exists()


def test_an_outage_that_loses_answers_costs_at_most_three_unknowns(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are lost while everything else goes on, so no free request can warn of it."""
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(seconds=15)))
    people.make_submission(alice, prompt="a lake", count=8)
    people.make_submission(people.make_person("Bob"), prompt="a hill", count=8)
    double.closed_to_posts = accept_then(reset)
    run(seconds=3)
    assert SendingPause.objects.get().reason == SendingPause.Reason.LOST
    assert len(double.posts) == 2
    # The first probe, after 15 s, falls into the outage too; the next comes 30 s later.
    SendingPause.objects.update(probe_at=timezone.now())
    run(seconds=3)
    assert len(double.posts) == 3
    pause = SendingPause.objects.get()
    assert pause.probe_at
    assert pause.probe_at > timezone.now() + timedelta(seconds=25)
    double.closed_to_posts = None
    SendingPause.objects.update(probe_at=timezone.now())
    settle()
    assert not SendingPause.objects.exists()
    ends = Counter(Job.objects.values_list("state", flat=True))
    assert ends == {Job.State.DONE: 13, Job.State.UNKNOWN: 3}


def test_during_a_pause_a_free_request_is_tried_before_a_paid_one(double: Double, run: Run, alice: User) -> None:
    SendingPause.pause(SendingPause.Reason.LOST, now=timezone.now() - timedelta(minutes=1))
    double.closed_to_all = reply(503, b"")
    job_for(alice, "a lake")
    run(seconds=1.5)
    assert (len(double.posts), double.calls > 0) == (0, True)
    assert SendingPause.objects.get().probes >= 1


@pytest.mark.parametrize("long", [0.9])
def test_a_post_is_never_cut_by_the_end_of_a_slice(double: Double, run: Run, alice: User, long: float) -> None:
    double.part("slow", post=[after(long, accept)])
    job = job_for(alice, "slow")
    run(seconds=0.3)
    job.refresh_from_db()
    assert job.state in {Job.State.RUNNING, Job.State.SAVING, Job.State.DONE}

"""Faults of the paid POST: a definite no is tried again, a perhaps never is."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from studio.models import Account, Attempt, Gate, Job, User
from tests import cast
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import (
    Double,
    accept,
    accept_as,
    accept_then,
    after,
    close,
    completed,
    hang,
    raw,
    reply,
    reset,
    state,
)

CONCURRENT = "Concurrent generation limit reached. Wait for existing jobs to complete."
WEIGHTS = "Concurrent generation capacity reached (limit=10 weight units; this request needs 3). Wait."
OUTAGE = {"detail": "Upstream service unavailable"}


def is_unknown(job: Job) -> bool:
    """Shown as unknown, with what a person needs to decide, and never sent again by itself."""
    job.refresh_from_db()
    attempt = job.attempts_made.get()
    return (
        (job.state, job.charge, job.remote_id) == (Job.State.UNKNOWN, Job.Charge.MAYBE, None)
        and attempt.outcome == Attempt.Outcome.UNKNOWN
        and attempt.request_id == job.request_id
    )


def test_f06_a_lost_reply_is_unknown_and_stays_so(double: Double, run: Run, alice: User) -> None:
    losses = {"eof": close, "reset": reset, "timeout": hang, "half a status": raw(b"HTTP/1.1 20")}
    jobs = {name: job_for(alice, name) for name in losses}
    for name, act in losses.items():
        double.part(name, post=[accept_then(act), accept])
    run()
    run()
    assert all(is_unknown(job) for job in jobs.values())
    assert len(double.posts) == len(losses)
    assert Job.objects.occupying(timezone.now()).weight() == len(losses)


def test_f07_what_never_left_this_machine_is_tried_again(
    double: Double, run: Run, settle: Settle, alice: User, settings: Settings
) -> None:
    job = job_for(alice, "a lake")
    for address in ("http://127.0.0.1:9/v1", f"https://{'a' * 64}.example/v1", double.url.replace("http:", "https:")):
        settings.LUMA_BASE_URL = address
        Job.objects.update(due_at=timezone.now(), fetches=0)
        Gate.objects.all().delete()
        run(seconds=0.8, linger=0.6)
        job.refresh_from_db()
        assert (job.state, job.attempts_made.get().outcome) == (Job.State.WAITING, Attempt.Outcome.HELD)
        assert Gate.objects.get().name == Gate.Name.API
    settings.LUMA_BASE_URL = double.url
    settle()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 1)
    assert not Gate.objects.exists()


def test_f08_a_request_cut_on_its_way_out_is_unknown(double: Double, run: Run, alice: User) -> None:
    job = job_for(alice, "x" * 3_000_000)
    double.reads_only = 20_000
    run(seconds=2)
    double.reads_only = None
    run()
    assert is_unknown(job)


def test_f09_an_error_after_acceptance_is_unknown(double: Double, run: Run, alice: User) -> None:
    jobs = {str(status): job_for(alice, str(status)) for status in (500, 502, 503, 504)}
    for status in jobs:
        double.part(status, post=[accept_then(reply(int(status), b"<html>oh dear</html>")), accept])
    run()
    run()
    assert all(is_unknown(job) for job in jobs.values())
    assert len(double.posts) == len(jobs)


def test_f10_a_documented_outage_is_tried_again(double: Double, settle: Settle, alice: User) -> None:
    jobs = {str(status): job_for(alice, str(status)) for status in (502, 503)}
    for status in jobs:
        double.part(status, post=[reply(int(status), OUTAGE), accept])
    settle()
    assert set(states(jobs).values()) == {Job.State.DONE}
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_f11_a_hundred_rate_limits_spend_no_attempt(double: Double, settle: Settle, alice: User) -> None:
    limited = reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "0"})
    submission = cast.make_submission(alice, prompt="busy", count=4)
    double.part("busy", post=[*[limited] * 100, accept])
    settle()
    assert set(submission.jobs.values_list("state", "attempts")) == {(Job.State.DONE, 1)}
    assert len(double.posts) == 104


def test_f11_a_rate_limit_pauses_everybody(double: Double, run: Run, settle: Settle, alice: User) -> None:
    double.part("first", post=[reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "60"}), accept])
    job_for(alice, "first")
    run()
    later = job_for(alice, "later")
    run()
    assert len(double.posts) == 1
    Account.objects.update(paused_until=None)
    Job.objects.update(due_at=timezone.now())
    settle()
    later.refresh_from_db()
    assert later.state == Job.State.DONE


@pytest.mark.parametrize("told", [{}, {"Retry-After": "60"}])
def test_f12_a_full_account_is_waited_for_and_teaches_its_limits(
    double: Double, settle: Settle, alice: User, told: dict[str, str]
) -> None:
    double.part("old words", post=[reply(429, {"detail": CONCURRENT}, told), accept])
    double.part("new words", post=[reply(429, {"detail": WEIGHTS}, told), accept])
    jobs = {words: job_for(alice, words) for words in ("old words", "new words")}
    settle()
    assert set(states(jobs).values()) == {Job.State.DONE}
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    assert (Account.current().slots, Account.current().weight_of("image", "uni-1")) == (10, 3)
    assert Account.current().paused_until is None


@pytest.mark.parametrize(
    "retry_after", ["-1", "0", "1e9", "abc", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", None]
)
def test_f13_no_retry_after_stops_the_studio(double: Double, run: Run, alice: User, retry_after: str | None) -> None:
    headers = {"Retry-After": retry_after} if retry_after else {}
    double.part("busy", post=[reply(429, {"detail": "Rate limit exceeded"}, headers), accept])
    job = job_for(alice, "busy")
    before = timezone.now()
    run(linger=0)
    job.refresh_from_db()
    until = Account.current().paused_until
    assert until
    assert before < until <= timezone.now() + timedelta(seconds=300)
    assert job.due_at == until
    assert job.state in {Job.State.WAITING, Job.State.DONE}


def test_f14_no_money_holds_the_line_for_everybody_and_fails_nothing(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gate, "PROBE_AFTER", dict.fromkeys(Gate.PROBE_AFTER, timedelta(minutes=5)))
    cast.make_submission(alice, prompt="paid", count=2)
    run()
    double.closed_to_posts = reply(402, {"detail": "Insufficient credits"})
    cast.make_submission(cast.make_person("Bob"), prompt="unpaid", count=4)
    run()
    gate = Gate.objects.get()
    assert gate.name == Gate.Name.FUNDS
    refused = len(double.posts) - 2
    assert 1 <= refused <= 4
    run()
    assert len(double.posts) - 2 == refused
    Gate.probe_now(Gate.Name.FUNDS, now=timezone.now())
    run()
    assert len(double.posts) - 2 == refused + 1
    assert set(Job.objects.filter(submission__prompt="unpaid").values_list("state", flat=True)) == {Job.State.WAITING}
    double.closed_to_posts = None
    Gate.probe_now(Gate.Name.FUNDS, now=timezone.now())
    settle()
    assert not Gate.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize("status", [401, 403])
def test_f15_a_revoked_key_stops_sending_and_asking(
    double: Double, run: Run, settle: Settle, alice: User, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gate, "PROBE_AFTER", dict.fromkeys(Gate.PROBE_AFTER, timedelta(minutes=5)))
    double.part("on the way", get=[state("processing")])
    running = job_for(alice, "on the way")
    run(seconds=0.6)
    running.refresh_from_db()
    assert running.state == Job.State.RUNNING
    double.closed_to_all = reply(status, {"detail": "Invalid API key"})
    waiting = job_for(alice, "waiting")
    run(seconds=0.8)
    assert Gate.objects.get().name == Gate.Name.KEY
    calls = double.calls
    run(seconds=0.8)
    assert double.calls <= calls + 1
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.RUNNING, Job.State.WAITING}
    double.closed_to_all = None
    double.parts["on the way"].get = [completed()]
    Gate.probe_now(Gate.Name.KEY, now=timezone.now())
    settle()
    assert states({"running": running, "waiting": waiting}) == {"running": "done", "waiting": "done"}
    assert not Gate.objects.exists()


def test_f15_a_poll_that_is_answered_again_ends_the_alarm(double: Double, settle: Settle, alice: User) -> None:
    """Also with nobody waiting who could prove it by a POST."""
    double.part("on the way", get=[reply(401, {"detail": "Invalid API key"}), completed()])
    job = job_for(alice, "on the way")
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert not Gate.objects.exists()


def test_f16_a_rejection_in_unknown_words_still_says_what_to_do(double: Double, run: Run, alice: User) -> None:
    """The documented ones are in tests/engine/test_trouble.py."""
    answers = {
        "none": reply(400, b""),
        "html": reply(400, b"<html><script>alert(1)</script>"),
        "list": reply(422, {"detail": [{"loc": ["body", "prompt"], "msg": "is too purple"}]}),
        "404": reply(404, {"detail": "Not Found"}),
        "451": reply(451, {"detail": 7}),
    }
    jobs = {name: job_for(alice, name) for name in answers}
    for name, act in answers.items():
        double.part(name, post=[act, accept])
    run()
    run()
    assert set(states(jobs).values()) == {Job.State.FAILED}
    for job in Job.objects.all():
        assert job.sentence.endswith(".")
        assert "<" not in job.sentence
        assert job.charge == Job.Charge.NONE
    assert len(double.posts) == len(answers)


UNREADABLE = {
    "empty": b"",
    "html": b"<html>Created</html>",
    "null": b"null",
    "list": b"[]",
    "nan": b'{"id": NaN}',
    "no id": b'{"state": "queued"}',
    "number": b'{"id": 7}',
    "not a uuid": b'{"id": "d290f1ee"}',
    "surrogate": b'{"id": "\\ud800"}',
    "deep": b'{"id":' * 50_000,
    "huge": b'{"id": "' + b"d" * 2_000_000 + b'"}',
    "bytes": bytes(range(256)),
}


def test_f17_an_acceptance_without_a_readable_id_is_unknown(double: Double, run: Run, alice: User) -> None:
    jobs = {name: job_for(alice, name) for name in UNREADABLE}
    for name, body in UNREADABLE.items():
        double.part(name, post=[accept_then(reply(201, body)), accept])
    run()
    run()
    assert all(is_unknown(job) for job in jobs.values())
    assert {job.status for job in jobs.values()} == {201}
    assert len(double.posts) == len(jobs)


def test_f18_an_id_that_is_ours_already_is_unknown_and_stops_nothing(double: Double, run: Run, alice: User) -> None:
    known = str(uuid.uuid4())
    double.part("first", post=[accept_as(known)])
    first = job_for(alice, "first")
    run()
    double.part("second", post=[accept_as(known)])
    second, third = job_for(alice, "second"), job_for(alice, "third")
    run(seconds=3)
    run(seconds=3)
    assert is_unknown(second)
    assert states({"first": first, "third": third}) == {"first": "done", "third": "done"}


def test_f36_a_slow_post_holds_up_nobody_else(double: Double, settle: Settle, alice: User) -> None:
    """Pages never call the API: tests/test_architecture.py."""
    double.part("slow", post=[after(0.8, accept)])
    slow = list(cast.make_submission(alice, prompt="slow", count=8).jobs.all())
    quick = job_for(alice, "quick")
    settle()
    quick.refresh_from_db()
    assert quick.finished_at
    for job in slow:
        job.refresh_from_db()
        assert job.state == Job.State.DONE
        assert job.accepted_at
        assert quick.finished_at < job.accepted_at

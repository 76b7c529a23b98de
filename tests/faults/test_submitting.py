"""Faults of the paid POST: a definite no is tried again, a perhaps never is."""

from __future__ import annotations

import gzip
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from studio.engine import lookup
from studio.models import ApiAccount, Attempt, Job, SendingPause, User
from tests import people
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import (
    Act,
    Double,
    accept,
    accept_as,
    accept_as_then,
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
    run_through_the_brake(run)
    assert all(is_unknown(job) for job in jobs.values())
    assert len(double.posts) == len(losses)
    assert Job.objects.occupying(timezone.now()).weight() == len(losses)


def run_through_the_brake(run: Run) -> None:
    """Conduct until nothing waits, as an admin who presses Resume whenever lost answers stop sending."""
    for _ in range(100):
        run()
        if not Job.objects.waiting().exists():
            return
        SendingPause.probe_now(SendingPause.Reason.LOST, now=timezone.now())
    raise AssertionError(list(Job.objects.waiting()))


def test_f07_what_never_left_this_machine_is_tried_again(
    double: Double, run: Run, settle: Settle, alice: User, settings: Settings
) -> None:
    job = job_for(alice, "a lake")
    for address in ("http://127.0.0.1:9/v1", f"https://{'a' * 64}.example/v1", double.url.replace("http:", "https:")):
        settings.LUMA_BASE_URL = address
        Job.objects.update(due_at=timezone.now(), fetches=0, resends=0)
        SendingPause.objects.all().delete()
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
    **{str(status): reply(status, {"detail": "Conflict"}) for status in (408, 409, 499, 302, 204)},
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


def test_what_is_refused_on_the_way_stops_everybody_at_once(double: Double, run: Run, alice: User) -> None:
    double.closed_to_posts = reply(403, b"<html>Just a moment</html>")
    people.make_submission(alice, prompt="a lake", count=8)
    people.make_submission(people.make_person("Bob"), prompt="a hill", count=8)
    run(seconds=3)
    pause = SendingPause.objects.get()
    assert (pause.reason, pause.detail) == (SendingPause.Reason.API, "HTTP 403, not from Luma")
    assert len(double.posts) <= 2  # those that were on the wire beside it
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.WAITING}


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


def test_f11_a_rate_limit_pauses_everybody(double: Double, run: Run, settle: Settle, alice: User) -> None:
    double.part("first", post=[reply(429, {"detail": "Rate limit exceeded"}, {"Retry-After": "60"}), accept])
    job_for(alice, "first")
    run()
    later = job_for(alice, "later")
    run()
    assert len(double.posts) == 1
    ApiAccount.objects.update(paused_until=None)
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
    assert set(Job.objects.values_list("attempts", flat=True)) == {2}
    assert (ApiAccount.current().slots, ApiAccount.current().weight_of("image", "uni-1")) == (10, 3)
    assert ApiAccount.current().paused_until is None


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
    until = ApiAccount.current().paused_until
    assert until
    assert before < until <= timezone.now() + timedelta(seconds=300)
    # With a short wait it may be accepted, or done, by now.
    assert job.state in {Job.State.WAITING, Job.State.RUNNING, Job.State.SAVING, Job.State.DONE}
    assert job.state != Job.State.WAITING or job.due_at == until


def test_f14_no_money_holds_the_line_for_everybody_and_fails_nothing(
    double: Double, run: Run, settle: Settle, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(minutes=5)))
    people.make_submission(alice, prompt="paid", count=2)
    run()
    double.closed_to_posts = reply(402, {"detail": "Insufficient credits"})
    people.make_submission(people.make_person("Bob"), prompt="unpaid", count=4)
    run()
    pause = SendingPause.objects.get()
    assert pause.reason == SendingPause.Reason.FUNDS
    refused = len(double.posts) - 2
    assert 1 <= refused <= 2
    run()
    assert len(double.posts) - 2 == refused
    SendingPause.probe_now(SendingPause.Reason.FUNDS, now=timezone.now())
    run()
    assert len(double.posts) - 2 == refused + 1
    assert set(Job.objects.filter(submission__prompt="unpaid").values_list("state", flat=True)) == {Job.State.WAITING}
    double.closed_to_posts = None
    SendingPause.probe_now(SendingPause.Reason.FUNDS, now=timezone.now())
    settle()
    assert not SendingPause.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}


@pytest.mark.parametrize("status", [401, 403])
def test_f15_a_revoked_key_stops_sending_and_asking(
    double: Double, run: Run, settle: Settle, alice: User, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(minutes=5)))
    double.part("on the way", get=[state("processing")])
    running = job_for(alice, "on the way")
    run(seconds=0.6)
    running.refresh_from_db()
    assert running.state == Job.State.RUNNING
    double.closed_to_all = reply(status, {"detail": "Invalid API key"})
    waiting = job_for(alice, "waiting")
    run(seconds=0.8)
    assert SendingPause.objects.get().reason == SendingPause.Reason.KEY
    calls = double.calls
    run(seconds=0.8)
    assert double.calls <= calls + 1
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.RUNNING, Job.State.WAITING}
    double.closed_to_all = None
    double.parts["on the way"].get = [completed()]
    SendingPause.probe_now(SendingPause.Reason.KEY, now=timezone.now())
    settle()
    assert states({"running": running, "waiting": waiting}) == {"running": "done", "waiting": "done"}
    assert not SendingPause.objects.exists()


def test_f15_a_poll_that_is_answered_again_ends_the_alarm(double: Double, settle: Settle, alice: User) -> None:
    """Also with nobody waiting who could prove it by a POST."""
    double.part("on the way", get=[reply(401, {"detail": "Invalid API key"}), completed()])
    job = job_for(alice, "on the way")
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert not SendingPause.objects.exists()


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
    run_through_the_brake(run)
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


def test_an_id_that_luma_gives_to_every_request_stops_sending(
    double: Double, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each may be a picture of its own that was charged: nothing says where it is."""
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(seconds=15)))
    known = str(uuid.uuid4())
    double.part("first", post=[accept_as(known)])
    job_for(alice, "first")
    run()
    people.make_submission(alice, prompt="a lake", count=8)
    double.closed_to_posts = accept_as(known)
    run(seconds=3)
    assert SendingPause.objects.get().reason == SendingPause.Reason.LOST
    assert len(double.posts) == 1 + SendingPause.MOST_LOST


def test_f36_a_slow_post_holds_up_nobody_for_long(double: Double, settle: Settle, alice: User) -> None:
    """Two at a time until the answers are known to be slow. Pages never call the API: tests/test_architecture.py."""
    double.part("slow", post=[after(0.8, accept)])
    slow = list(people.make_submission(alice, prompt="slow", count=8).jobs.all())
    quick = job_for(people.make_person("Bob"), "quick")
    settle()
    quick.refresh_from_db()
    assert quick.finished_at
    for job in slow:
        job.refresh_from_db()
        assert job.state == Job.State.DONE
    assert sum(bool(job.accepted_at and quick.finished_at < job.accepted_at) for job in slow) >= 4


# ---- An id in hand


@pytest.mark.parametrize(
    "words",
    [
        lambda id: reply(500, {"error": {"generation": {"id": id}}}),
        lambda id: reply(502, f"<html>upstream closed after {id.upper()}</html>".encode()),
        lambda id: reply(201, {"data": {"id": id, "request": str(uuid.uuid4())}}),
        lambda id: reply(307, b"", {"Location": f"https://elsewhere.example/v1/generations/{id}"}),
        lambda id: reply(201, gzip.compress(f'{{"id": "{id}"}}'.encode()), {"Content-Encoding": "gzip"}),
        lambda id: reply(502, gzip.compress(f"closed after {id}".encode())[:-9], {"Content-Encoding": "gzip"}),
        lambda id: reply(201, {"id": id.replace("-", "")}),
        lambda id: raw(f'HTTP/1.1 201 Created\r\nContent-Length: 900\r\n\r\n{{"id": "{id}", "st'.encode()),
    ],
)
def test_an_id_in_an_unreadable_answer_that_luma_knows_is_followed(
    double: Double, settle: Settle, alice: User, words: Callable[[str], Act]
) -> None:
    known = str(uuid.uuid4())
    double.part("a lake", post=[accept_as_then(known, words(known)), accept])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id) == (Job.State.DONE, known)
    assert len(double.posts) == 1


def test_an_id_that_luma_does_not_know_is_not_believed(double: Double, run: Run, alice: User) -> None:
    double.part("a lake", post=[accept_then(reply(502, {"trace": str(uuid.uuid4())})), accept])
    job = job_for(alice, "a lake")
    run(linger=1.0)
    assert is_unknown(job)
    assert job.attempts_made.get().look_result == lookup.NONE_KNOWN


def test_another_jobs_id_in_an_answer_is_not_believed(double: Double, settle: Settle, alice: User) -> None:
    first = job_for(alice, "first")
    settle()
    first.refresh_from_db()
    double.part("second", post=[accept_then(reply(500, {"last": first.remote_id})), accept])
    second = job_for(alice, "second")
    settle()
    assert is_unknown(second)
    assert second.attempts_made.get().look_result == lookup.TAKEN


def test_of_two_ids_that_luma_knows_none_is_believed(double: Double, settle: Settle, alice: User) -> None:
    ids = [str(uuid.uuid4()), str(uuid.uuid4())]
    double.part("a lake", post=[accept_as_then(ids[0], reply(500, {"ids": ids})), accept])
    double.by_id[ids[1]] = double.parts["a lake"]
    job = job_for(alice, "a lake")
    settle(look_up=True)
    assert is_unknown(job)
    assert "more than one" in job.attempts_made.get().look_result


def test_an_id_that_an_admin_enters_is_followed_once_luma_knows_it(
    double: Double, run: Run, settle: Settle, alice: User, ada: User
) -> None:
    known = str(uuid.uuid4())
    double.part("a lake", post=[accept_as_then(known, close), accept])
    job = job_for(alice, "a lake")
    run()
    assert is_unknown(job)
    client = people.signed_in(ada)
    page = client.post(reverse("studio:look_up_job", args=[job.code]), {"id": f" {known.upper()} "}, follow=True)
    assert "Studio asks Luma about this id" in page.content.decode()
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id) == (Job.State.DONE, known)


@pytest.mark.parametrize("long", [0.9])
def test_a_post_is_never_cut_by_the_end_of_a_slice(double: Double, run: Run, alice: User, long: float) -> None:
    double.part("slow", post=[after(long, accept)])
    job = job_for(alice, "slow")
    run(seconds=0.3)
    job.refresh_from_db()
    assert job.state in {Job.State.RUNNING, Job.State.SAVING, Job.State.DONE}


def test_eight_pictures_on_an_account_with_three_places_cost_few_refusals(
    double: Double, settle: Settle, alice: User
) -> None:
    double.places = 3
    double.full = reply(429, {"detail": "Too many concurrent jobs"}, {"Retry-After": "60"})
    double.part("a lake", get=[state("processing"), completed()])
    people.make_submission(alice, prompt="a lake", count=8)
    settle()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert len(double.posts) - 8 <= 5

"""What Luma refuses: a rate limit, a full account, no money, a revoked key, and what a slow answer holds up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import ApiAccount, Job, SendingPause, User
from tests import people
from tests.faults.answers import accept, after, completed, once_done, reply, state
from tests.faults.conftest import Run, Settle, Until, job_for, states
from tests.faults.double import Double
from tests.faults.submitted import CONCURRENT

WEIGHTS = "Concurrent generation capacity reached (limit=10 weight units; this request needs 3). Wait."


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
    double: Double,
    run: Run,
    until: Until,
    settle: Settle,
    alice: User,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SendingPause, "PROBE_AFTER", dict.fromkeys(SendingPause.PROBE_AFTER, timedelta(minutes=5)))
    double.part("on the way", get=[state("processing")])
    running = job_for(alice, "on the way")
    until(lambda: Job.objects.filter(pk=running.pk, state=Job.State.RUNNING))
    double.closed_to_all = reply(status, {"detail": "Invalid API key"})
    waiting = job_for(alice, "waiting")
    until(SendingPause.objects.exists)
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


def test_f15_a_poll_that_is_answered_again_ends_the_alarm(
    double: Double, until: Until, settle: Settle, alice: User
) -> None:
    """Also with nobody waiting who could prove it by a POST."""
    double.part("on the way", get=[state("processing")])
    job = job_for(alice, "on the way")
    until(lambda: Job.objects.filter(pk=job.pk, state=Job.State.RUNNING))
    double.closed_to_all = reply(401, {"detail": "Invalid API key"})
    until(SendingPause.objects.exists)
    assert SendingPause.objects.get().reason == SendingPause.Reason.KEY
    double.closed_to_all = None
    double.parts["on the way"].get = [completed()]
    settle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert not SendingPause.objects.exists()


@pytest.mark.parametrize("status", [401, 403])
def test_f15_a_poll_of_one_picture_that_is_refused_stops_nobody(
    double: Double, until: Until, settle: Settle, alice: User, status: int
) -> None:
    """Luma takes the key for everything else, so neither the key nor the account is meant."""
    double.part("barred", get=[reply(status, {"detail": "Not yours"})])
    barred = job_for(alice, "barred")
    until(lambda: Job.objects.filter(pk=barred.pk, status=status))
    assert not SendingPause.objects.exists()
    barred.refresh_from_db()
    assert (barred.state, barred.status) == (Job.State.RUNNING, status)
    assert "no usable answer" in barred.sentence
    double.parts["barred"].get = [completed()]
    settle()
    barred.refresh_from_db()
    assert barred.state == Job.State.DONE


def test_f16_a_rejection_in_unknown_words_still_says_what_to_do(double: Double, run: Run, alice: User) -> None:
    """The documented ones are in tests/engine/test_failures.py."""
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


def test_f36_a_slow_post_holds_up_nobody_for_long(double: Double, settle: Settle, alice: User, patient: None) -> None:
    """Two at a time until the answers are known to be slow. Pages never call the API: tests/test_architecture.py."""
    slow = list(people.make_submission(alice, prompt="slow", count=8).jobs.all())
    quick = job_for(people.make_person("Bob"), "quick")
    # The first four have their answers a while later, the others when the quick one is done.
    double.part("slow", post=[*[after(0.8, accept)] * 4, once_done(quick, accept)])
    settle()
    quick.refresh_from_db()
    assert quick.finished_at
    for job in slow:
        job.refresh_from_db()
        assert job.state == Job.State.DONE
    assert sum(bool(job.accepted_at and quick.finished_at < job.accepted_at) for job in slow) >= 4


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

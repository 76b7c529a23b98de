"""Faults of asking: whatever has an id is followed to its end."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from studio.models import Job, User
from tests.faults.answers import close, completed, hang, raw, reply, reset, state
from tests.faults.call import Act
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double


def test_f19_trouble_with_asking_never_fails_a_job(double: Double, settle: Settle, alice: User) -> None:
    troubles: dict[str, list[Act]] = {
        "500": [reply(500, b"oops")],
        "503": [reply(503, {"detail": "Upstream service unavailable"})],
        "429": [reply(429, {"detail": "slow down"}, {"Retry-After": "0"})],
        "html": [reply(200, b"<html>")],
        "deep": [reply(200, b"[" * 100_000)],
        "another's": [reply(200, {"id": "d290f1ee-6c54-4b01-90e6-d701748f0851", "state": "failed"})],
        "cut": [reply(200, b'{"id": "', length=500)],
        "reset": [reset],
        "eof": [close],
        "junk": [raw(b"\x00 no http \r\n\r\n")],
        "hang": [hang],
    }
    jobs = {name: job_for(alice, name) for name in troubles}
    for name, acts in troubles.items():
        double.part(name, get=[*acts, *acts, completed()])
    settle()
    assert set(states(jobs).values()) == {Job.State.DONE}
    assert len(double.posts) == len(troubles)


def test_f21_strange_states_mean_not_yet(double: Double, settle: Settle, alice: User) -> None:
    ways: dict[str, list[Act]] = {
        "unknown": [state("pondering"), state("\ud83d\ude00 <b>"), completed()],
        "back": [state("processing"), state("queued"), state("processing"), completed()],
        "loud": [state("PROCESSING"), state("Completed"), completed()],
        "missing": [reply(200, {"state": None}), completed()],
    }
    jobs = {name: job_for(alice, name) for name in ways}
    for name, acts in ways.items():
        double.part(name, get=acts)
    settle()
    assert set(states(jobs).values()) == {Job.State.DONE}


def test_f24_a_late_picture_is_still_brought_home(double: Double, run: Run, alice: User) -> None:
    double.part("slow", get=[state("processing")])
    job = job_for(alice, "slow")
    run(seconds=0.5)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Job.objects.update(sent_at=an_hour_ago, accepted_at=an_hour_ago, deadline_at=an_hour_ago + timedelta(minutes=5))
    job.refresh_from_db()
    assert job.is_late(timezone.now())
    double.parts["slow"].get = [completed()]
    run()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_f24_a_studio_that_was_off_for_a_weekend_asks_before_it_gives_up(double: Double, run: Run, alice: User) -> None:
    double.part("friday", get=[state("processing")])
    double.part("never", get=[state("processing")])
    jobs = {"friday": job_for(alice, "friday"), "never": job_for(alice, "never")}
    run(seconds=0.5)
    friday = timezone.now() - timedelta(hours=60)
    Job.objects.update(sent_at=friday, accepted_at=friday, deadline_at=friday + timedelta(minutes=5))
    double.parts["friday"].get = [completed()]
    run()
    assert states(jobs) == {"friday": "done", "never": "failed"}

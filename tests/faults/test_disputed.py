"""A no that names what may be a picture: neither sent again nor called free of charge before a free GET has told."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.engine import lookup
from studio.models import Attempt, Job, SendingPause, User
from tests import people
from tests.faults.answers import accept, accept_as_then, accept_then, completed, reply, state
from tests.faults.call import Act
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double
from tests.faults.submitted import is_unknown

# What refuses, with what is said of the id. 409 is no certain no, and was always looked up.
SAYS: dict[str, Callable[[str], Act]] = {
    "429": lambda made: reply(429, {"detail": "Rate limit exceeded", "id": made}, {"Retry-After": "1"}),
    "429, slots": lambda made: reply(429, {"detail": f"Too many concurrent jobs ({made.upper()} was the last)"}),
    "402": lambda made: reply(402, {"detail": "Insufficient balance", "generation_id": made}),
    "401": lambda made: reply(401, {"detail": "API key has expired", "generation": {"id": made}}),
    "403": lambda made: reply(403, {"detail": f"API client is suspended after {made}"}),
    "403, a page": lambda made: reply(403, b"<html>", {"Location": f"/v1/generations/{made}"}),
    "400": lambda made: reply(400, {"detail": f"{made} was made without a style"}),
    "422": lambda made: reply(422, {"detail": [{"msg": "see it", "loc": ["generations", made]}]}),
    "404": lambda made: reply(404, {"detail": "Not found", "created": made.replace("-", "")}),
    "429, after a line": lambda made: reply(429, {"detail": f"Rate limit exceeded\n{made}\tis made"}),
    "429, in an address": lambda made: reply(429, {"detail": "No", "at": f"/log?to=%2Fv1%2Fgenerations%2F{made}"}),
    "429, as its request": lambda made: reply(429, {"detail": "No", "request_id": made}, {"X-Request-Id": made}),
    "411": lambda made: reply(411, {"detail": "Length"}, {"X-Generation": made}),
}
PICTURE, LINK = base64.b64encode(people.image_bytes()).decode(), "https://storage.example.com/made.png"
# What refuses and brings the picture itself, without an id.
BRINGS = {
    "429, an output": reply(
        429, {"detail": "Slow down", "output": [{"type": "image", "url": "https://cdn.example.com/a"}]}
    ),
    "429, base64": reply(429, {"detail": "Rate limit exceeded", "output": PICTURE}, {"Retry-After": "1"}),
    "402, a data URI": reply(402, {"detail": "Insufficient balance", "image": f"data:image/png;base64,{PICTURE}"}),
    "401, a link": reply(401, {"detail": "API key has expired", "url": "https://cdn.example.com/a.jpeg"}),
    "403, its bytes": reply(403, people.image_bytes(), {"Content-Type": "image/png"}),
    "400, in words": reply(400, {"detail": f"Made without a style: {LINK}"}),
    "422, in a list": reply(422, {"detail": [{"msg": "see it", "ctx": {"output": [{"key": "made"}]}}]}),
    "400, a stream": reply(400, f'data: {{"x": 1}}\n\ndata: {{"images": ["{LINK}"]}}\n\n'.encode()),
    "429, where it is": reply(429, {"detail": "Slow down"}, {"Location": LINK}),
}
every_no = pytest.mark.parametrize("says", SAYS.values(), ids=SAYS)


@every_no
def test_the_picture_that_a_refusal_names_is_followed(
    double: Double, settle: Settle, alice: User, says: Callable[[str], Act]
) -> None:
    made = str(uuid.uuid4())
    double.part("a lake", post=[accept_as_then(made, says(made)), accept])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, made, 1)
    assert job.charge == Job.Charge.CHARGED
    assert not SendingPause.objects.exists()


@every_no
def test_an_id_that_luma_does_not_know_changes_no_refusal(
    double: Double, run: Run, alice: User, says: Callable[[str], Act]
) -> None:
    """Such as the name of a trace."""
    double.part("a lake", post=[says(str(uuid.uuid4()))])
    job = job_for(alice, "a lake")
    run(linger=0.3)
    job.refresh_from_db()
    first = job.attempts_made.earliest("number")
    assert first.outcome in {Attempt.Outcome.HELD, Attempt.Outcome.REFUSED}
    assert (first.charge, first.possible_ids, first.answer_lost_at) == (Job.Charge.NONE, [], None)


@every_no
def test_while_nobody_can_tell_it_may_be_charged(
    double: Double, run: Run, alice: User, says: Callable[[str], Act]
) -> None:
    made = str(uuid.uuid4())
    double.part("a lake", post=[accept_as_then(made, says(made)), accept], get=[reply(500), reply(500), completed()])
    job = job_for(alice, "a lake")
    run(linger=0)
    job.refresh_from_db()
    assert (job.state, job.charge, len(double.posts)) == (Job.State.UNKNOWN, Job.Charge.MAYBE, 1)
    assert job.attempts_made.get().possible_ids == [made]
    assert job.sentence.startswith("Luma refused this, but its answer names a picture, so it may have been charged.")


@pytest.mark.parametrize("says", BRINGS.values(), ids=BRINGS)
def test_a_refusal_that_brings_a_picture_is_not_sent_again_by_itself(
    double: Double, run: Run, alice: User, says: Act
) -> None:
    double.part("a lake", post=[accept_then(says), accept])
    job = job_for(alice, "a lake")
    run(linger=0.3)
    assert is_unknown(job)
    assert len(double.posts) == 1
    assert not SendingPause.objects.filter(reason__in=["funds", "key"]).exists()
    page = people.signed_in(alice).get(reverse("studio:job", args=[job.code])).content.decode()
    assert "Luma refused this, but its answer holds a picture, so it may have been made and charged." in page


def test_a_picture_counts_although_luma_knows_no_id_of_the_refusal(double: Double, run: Run, alice: User) -> None:
    double.part("a lake", post=[accept_then(reply(429, {"trace": str(uuid.uuid4()), "output": PICTURE})), accept])
    job = job_for(alice, "a lake")
    run(linger=0.3)
    assert is_unknown(job)
    assert len(double.posts) == 1


def test_where_there_are_more_ids_than_are_asked_about_nothing_is_sent_again(
    double: Double, run: Run, alice: User
) -> None:
    made = str(uuid.uuid4())
    says = reply(429, {"detail": "Rate limit exceeded", "traces": [str(uuid.uuid4()) for _ in range(5)], "made": made})
    double.part("a lake", post=[accept_as_then(made, says), accept])
    job = job_for(alice, "a lake")
    run(linger=0.3)
    assert is_unknown(job)
    assert len(double.posts) == 1


def test_its_owner_has_luma_asked_once_more_and_an_answer_brings_the_picture(
    double: Double, run: Run, settle: Settle, alice: User
) -> None:
    bob, made = people.make_person("Bob Okafor"), str(uuid.uuid4())
    says = reply(429, {"detail": "Rate limit exceeded", "id": made}, {"Retry-After": "1"})
    double.part("a lake", post=[accept_as_then(made, says), accept], get=[reply(500)])
    job = job_for(alice, "a lake")
    while not Attempt.objects.exclude(look_result="").exists():
        run(linger=0.3)
    Attempt.objects.update(look_at=None)
    double.by_id[made].get = [completed()]
    there = reverse("studio:look_up_job", args=[job.code])
    page = people.signed_in(alice).get(reverse("studio:job", args=[job.code])).content.decode()
    assert "Look again · free" in page
    assert lookup.UNANSWERED in page
    assert 'id="luma-id"' not in page
    assert people.signed_in(bob).post(there, {"again": "1"}).status_code == 403
    assert people.signed_in(alice).post(there, {"id": made}).status_code == 403
    told = people.signed_in(alice).post(there, {"again": "1"}, follow=True).content.decode()
    assert "Studio asks Luma about it now." in told
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, made, 1)
    told = people.signed_in(alice).post(there, {"again": "1"}, follow=True).content.decode()
    assert "Look again · free" not in told
    assert "Studio asks Luma about it now." not in told


def test_an_answer_that_got_lost_names_nothing_to_look_for(double: Double, run: Run, alice: User) -> None:
    double.part("a lake", post=[reply(500)])
    job = job_for(alice, "a lake")
    run(linger=0)
    job.refresh_from_db()
    assert job.state == Job.State.UNKNOWN
    assert not job.look_again(now=timezone.now())
    Attempt.objects.update(possible_ids=[str(uuid.uuid4())])
    Job.objects.update(state=Job.State.FAILED)
    assert not job.look_again(now=timezone.now())
    Job.objects.update(state=Job.State.UNKNOWN)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_everywhere_pauses_sending(double: Double, run: Run, alice: User, status: int) -> None:
    double.closed_to_all = reply(status, {"detail": "Invalid API key", "trace": str(uuid.uuid4())})
    job = job_for(alice, "a lake")
    run(linger=0)
    job.refresh_from_db()
    assert job.state == Job.State.WAITING
    assert SendingPause.objects.get().reason == SendingPause.Reason.KEY


def test_another_jobs_picture_stays_its_own(double: Double, settle: Settle, alice: User) -> None:
    double.part("first", get=[state("processing"), completed()])
    first = job_for(alice, "first")
    settle()
    first.refresh_from_db()
    double.part("second", post=[reply(400, {"detail": f"Like {first.remote_id}"})])
    second = job_for(alice, "second")
    settle()
    second.refresh_from_db()
    assert (second.state, second.remote_id, second.charge) == (Job.State.FAILED, None, Job.Charge.NONE)

"""The id of an accepted request: unreadable, known already, or found in an answer that cannot be read."""

from __future__ import annotations

import asyncio
import gzip
import uuid
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from studio.engine import lookup
from studio.models import Job, SendingPause, User
from tests import people
from tests.faults.answers import accept, accept_as, accept_as_then, accept_then, close, completed, queued, raw, reply
from tests.faults.call import Act, Call
from tests.faults.conftest import Run, Settle, job_for, states
from tests.faults.double import Double
from tests.faults.submitted import is_unknown, run_through_the_brake


def bare_deflate(body: bytes) -> bytes:
    """As many servers send it: without the head and the checksum of zlib."""
    return zlib.compress(body)[2:-4]


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


@pytest.mark.parametrize(
    "words",
    [
        lambda id: reply(500, {"error": {"generation": {"id": id}}}),
        lambda id: reply(502, f"<html>upstream closed after {id.upper()}</html>".encode()),
        lambda id: reply(201, {"data": {"id": id, "request": str(uuid.uuid4())}}),
        lambda id: reply(307, b"", {"Location": f"https://elsewhere.example/v1/generations/{id}"}),
        lambda id: reply(201, gzip.compress(f'{{"id": "{id}"}}'.encode()), {"Content-Encoding": "gzip"}),
        lambda id: reply(
            502, gzip.compress(f"closed after {id}, at the far end".encode())[:-9], {"Content-Encoding": "gzip"}
        ),
        lambda id: reply(201, gzip.compress(f'{{"id": "{id}"}}'.encode())),
        lambda id: reply(201, bare_deflate(f'{{"id": "{id}"}}'.encode()), {"Content-Encoding": "deflate"}),
        *(lambda id, status=status: reply(status, queued(id)) for status in (400, 402, 403, 422, 429, 500)),
        lambda id: reply(201, {"id": id.replace("-", "")}),
        lambda id: reply(201, {"id": f"generation-{id}"}),
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


def test_an_id_whose_answer_takes_long_is_asked_about_once_at_a_time(
    double: Double, settle: Settle, alice: User
) -> None:
    asked: list[int] = []

    async def slow(call: Call) -> None:
        asked.append(asked[-1] + 1 if asked else 1)
        await asyncio.sleep(0.3)  # longer than from one sweep to the next
        asked.append(asked[-1] - 1)
        await reply(200, queued(call.remote_id))(call)

    known = str(uuid.uuid4())
    words = reply(500, {"error": {"generation": {"id": known}}})
    double.part("a lake", post=[accept_as_then(known, words)], get=[slow, slow, completed()])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, max(asked)) == (Job.State.DONE, 1)


def test_our_own_request_id_is_not_believed_to_be_the_pictures(double: Double, run: Run, alice: User) -> None:
    async def echo(call: Call) -> None:
        await reply(201, queued(call.headers["x-request-id"]))(call)

    double.part("a lake", post=[accept_then(echo), accept])
    job = job_for(alice, "a lake")
    run(linger=1.0)
    assert is_unknown(job)
    assert job.attempts_made.get().look_result == lookup.NONE_KNOWN


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
    assert "Studio asks Luma about it now" in page.content.decode()
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id) == (Job.State.DONE, known)

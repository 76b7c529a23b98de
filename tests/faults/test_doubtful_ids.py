"""A 201 that names several pictures: none is believed without the free GET that tells them apart."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest

from studio.engine import lookup
from studio.models import Attempt, Job, SendingPause, User
from tests.faults.answers import accept, accept_as_then, completed, queued, reply
from tests.faults.call import Act
from tests.faults.conftest import Run, Settle, job_for
from tests.faults.double import Double

# What the answer says, of the id that is right and another one.
ANSWERS: dict[str, Callable[[str, str], object]] = {
    "the other first": lambda right, other: queued(other) | {"generation": {"id": right}},
    "the right one first": lambda right, other: queued(right) | {"parent": {"id": other}},
    "the other in a text": lambda right, other: queued(right) | {"message": f"follows {other.upper()}"},
    "one key twice": lambda right, other: f'{{"id": "{right}", "state": "queued", "id": "{other}"}}'.encode(),
    "one key twice, the right one last": lambda right, other: f'{{"id": "{other}", "id": "{right}"}}'.encode(),
    "a list beside it": lambda right, other: queued(other) | {"ids": [right, other]},
    "the other without dashes": lambda right, other: queued(right) | {"hash": other.replace("-", "")},
}


def answering(right: str, body: object) -> Act:
    return accept_as_then(right, reply(201, body if isinstance(body, bytes) else json.dumps(body).encode()))


def test_a_word_in_place_of_the_id_hides_no_other(double: Double, settle: Settle, alice: User) -> None:
    right = str(uuid.uuid4())
    double.part("a lake", post=[answering(right, queued("x") | {"generation": {"id": right}}), accept])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, right, 1)


@pytest.mark.parametrize("says", ANSWERS.values(), ids=ANSWERS)
def test_the_one_that_luma_knows_is_followed_at_once(
    double: Double, settle: Settle, alice: User, says: Callable[[str, str], object]
) -> None:
    right, other = str(uuid.uuid4()), str(uuid.uuid4())
    double.part("a lake", post=[answering(right, says(right, other)), accept])
    job = job_for(alice, "a lake")
    settle()
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, right, 1)
    # Nobody was told of a lost answer meanwhile.
    assert job.attempts_made.get().answer_lost_at is None


@pytest.mark.parametrize("says", ANSWERS.values(), ids=ANSWERS)
def test_another_jobs_id_is_left_to_it(
    double: Double, settle: Settle, alice: User, says: Callable[[str, str], object]
) -> None:
    first = job_for(alice, "first")
    settle()
    first.refresh_from_db()
    right, others = str(uuid.uuid4()), first.remote_id or ""
    double.part("second", post=[answering(right, says(right, others)), accept])
    second = job_for(alice, "second")
    settle()
    second.refresh_from_db()
    assert (second.state, second.remote_id) == (Job.State.DONE, right)
    first.refresh_from_db()
    assert (first.state, first.remote_id) == (Job.State.DONE, others)


@pytest.mark.parametrize("says", ANSWERS.values(), ids=ANSWERS)
def test_of_two_that_luma_knows_a_person_decides(
    double: Double, run: Run, alice: User, says: Callable[[str, str], object]
) -> None:
    right, other = str(uuid.uuid4()), str(uuid.uuid4())
    part = double.part("a lake", post=[answering(right, says(right, other)), accept])
    double.by_id[other] = part
    job = job_for(alice, "a lake")
    run(linger=0.6)
    job.refresh_from_db()
    assert (job.state, job.remote_id, job.charge) == (Job.State.UNKNOWN, None, Job.Charge.MAYBE)
    said = job.attempts_made.get().look_result
    assert right in said
    assert other in said
    assert len(double.posts) == 1


def test_none_that_luma_knows_is_an_answer_that_got_lost(double: Double, run: Run, alice: User) -> None:
    made_up = str(uuid.uuid4())
    double.part("a lake", post=[reply(201, queued(made_up) | {"generation": {"id": str(uuid.uuid4())}}), accept])
    job = job_for(alice, "a lake")
    run(linger=0.6)
    job.refresh_from_db()
    assert (job.state, job.remote_id) == (Job.State.UNKNOWN, None)
    attempt = job.attempts_made.get()
    assert attempt.look_result == lookup.NONE_KNOWN
    assert attempt.answer_lost_at
    assert attempt.possible_ids[0] == made_up


def test_one_that_is_known_a_moment_later_is_followed_then(double: Double, settle: Settle, alice: User) -> None:
    right = str(uuid.uuid4())
    not_yet = reply(404, {"detail": "Generation not found"})
    body = queued(right) | {"parent": {"id": str(uuid.uuid4())}}
    double.part("a lake", post=[answering(right, body), accept], get=[not_yet, completed()])
    job = job_for(alice, "a lake")
    settle(look_up=True)
    job.refresh_from_db()
    assert (job.state, job.remote_id, len(double.posts)) == (Job.State.DONE, right, 1)


def test_an_answer_with_nothing_but_another_jobs_id_is_a_lost_one(double: Double, settle: Settle, alice: User) -> None:
    first = job_for(alice, "first")
    settle()
    first.refresh_from_db()
    double.part("second", post=[answering(str(uuid.uuid4()), queued(first.remote_id or "")), accept])
    second = job_for(alice, "second")
    settle()
    second.refresh_from_db()
    assert (second.state, second.remote_id) == (Job.State.UNKNOWN, None)
    assert len(double.posts) == 2


def test_while_every_answer_names_two_pictures_nothing_is_paused(double: Double, settle: Settle, alice: User) -> None:
    """A field of Luma's that comes to hold an id, of a project say, costs one free GET and no more."""
    project = str(uuid.uuid4())
    for number in range(4):
        right = str(uuid.uuid4())
        double.part(f"lake {number}", post=[answering(right, queued(right) | {"project_id": project})])
        job_for(alice, f"lake {number}")
    settle()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert not SendingPause.objects.exists()
    assert not Attempt.objects.exclude(answer_lost_at=None).exists()

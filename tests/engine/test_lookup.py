"""Which of the ids in an unclear answer is believed: one that Luma knows, that fits, and that is nobody else's."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import cast

import pytest
from django.db import IntegrityError
from django.utils import timezone

from studio.engine import lookup
from studio.engine.db_thread import DatabaseThread
from studio.luma import Generation, Luma, errors
from studio.models import Attempt, Job, User
from tests.people import make_job

NOW = timezone.now()
FIRST, SECOND = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


class Known:
    """A client whose service knows these generations; another answer is raised."""

    def __init__(self, **answers: Generation | Exception) -> None:
        self.answers = answers

    async def get(self, remote_id: str) -> Generation:
        answer = self.answers.get(remote_id, errors.NotFound(status=404))
        if isinstance(answer, Exception):
            raise answer
        return answer


def generation(remote_id: str, type: str = "image", model: str = "uni-1") -> Generation:
    return Generation(remote_id, type, "processing", model, None, (), "", "")


def look(
    job: Job, answers: dict[str, Generation | Exception], ids: list[str], *, until: timedelta = timedelta(hours=1)
) -> bool:
    """Ask once about these ids of the job's last attempt, which may be asked about again for `until`."""
    Attempt.objects.filter(job=job).update(possible_ids=ids, look_at=NOW, look_until=timezone.now() + until)
    (attempt,) = lookup.due(timezone.now())

    async def look_up() -> bool:
        async with DatabaseThread() as database:
            return await lookup.look_up(attempt, cast(Luma, Known(**answers)), database)

    return asyncio.run(look_up())


@pytest.fixture
def lost(transactional_db: None, alice: User) -> Job:
    return make_job(alice, state="unknown", now=NOW)


def result_of(job: Job) -> str:
    return Attempt.objects.get(job=job).look_result


def test_the_one_id_that_luma_knows_is_followed(lost: Job) -> None:
    assert look(lost, {FIRST: generation(FIRST)}, [FIRST, SECOND])
    lost.refresh_from_db()
    assert (lost.state, lost.remote_id) == ("running", FIRST)


def test_two_ids_that_fit_are_not_guessed_between(lost: Job) -> None:
    assert not look(lost, {FIRST: generation(FIRST), SECOND: generation(SECOND)}, [FIRST, SECOND])
    lost.refresh_from_db()
    assert lost.state == "unknown"
    assert FIRST in result_of(lost)
    assert not lookup.is_due_by(timezone.now() + timedelta(hours=2))


@pytest.mark.parametrize(
    ("facts", "why"), [({"type": "layering"}, "type layering"), ({"model": "uni-9"}, "made with uni-9")]
)
def test_a_generation_that_cannot_be_this_request_is_not_followed(lost: Job, facts: dict[str, str], why: str) -> None:
    assert not look(lost, {FIRST: generation(FIRST, **facts)}, [FIRST])
    assert why in result_of(lost)
    assert lookup.is_due_by(timezone.now() + timedelta(minutes=1))


def test_an_id_of_another_job_is_left_to_it(lost: Job, alice: User) -> None:
    other = make_job(alice, state="making")
    assert other.remote_id
    assert not look(lost, {}, [other.remote_id])
    assert result_of(lost) == lookup.TAKEN


def test_while_one_id_cannot_be_asked_about_no_other_is_believed(lost: Job) -> None:
    answers: dict[str, Generation | Exception] = {
        FIRST: generation(FIRST),
        SECOND: errors.Unreachable(detail="no route"),
    }
    assert not look(lost, answers, [FIRST, SECOND])
    lost.refresh_from_db()
    assert lost.state == "unknown"
    assert lookup.is_due_by(timezone.now() + timedelta(minutes=1))


def test_a_job_that_was_settled_meanwhile_is_left_alone(lost: Job, ada: User) -> None:
    assert lost.send_again(by=ada, now=timezone.now())
    assert not look(lost, {FIRST: generation(FIRST)}, [FIRST])
    lost.refresh_from_db()
    assert (lost.state, lost.remote_id) == ("waiting", None)


@pytest.mark.parametrize("is_taken", [True, False], ids=["another job has its id now", "a person settled it"])
def test_what_changes_between_the_answer_and_the_rows_is_seen(
    lost: Job, monkeypatch: pytest.MonkeyPatch, *, is_taken: bool
) -> None:
    def second(*_: object, **__: object) -> bool:
        if is_taken:
            raise IntegrityError("one job for each id")
        return False

    monkeypatch.setattr(Job, "follow", second)
    assert not look(lost, {FIRST: generation(FIRST)}, [FIRST])
    assert result_of(lost) == (lookup.TAKEN if is_taken else "")


def test_what_stays_unclear_to_the_end_is_not_asked_about_any_more(lost: Job) -> None:
    answers: dict[str, Generation | Exception] = {FIRST: errors.Unreachable(detail="no route")}
    for _ in range(2):
        assert not look(lost, answers, [FIRST])
        assert lookup.is_due_by(timezone.now() + timedelta(hours=1))
    assert not look(lost, answers, [FIRST], until=timedelta(seconds=1))
    assert not lookup.is_due_by(timezone.now() + timedelta(days=1))


def test_while_luma_does_not_say_which_id_is_meant_the_answer_stays_unclear(
    lost: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Known):
        async def get(self, remote_id: str) -> Generation:
            await asyncio.sleep(60)
            raise AssertionError

    async def ask(error: errors.Doubtful) -> str:
        async with DatabaseThread() as database:
            return await lookup.tell_apart(lost, error, cast(Luma, Silent()), database)

    monkeypatch.setattr(lookup, "TELL_APART_WALL", 0.01)
    doubtful = errors.Doubtful(possible_ids=[FIRST, SECOND])
    with pytest.raises(errors.Doubtful) as raised:
        asyncio.run(ask(doubtful))
    assert raised.value is doubtful

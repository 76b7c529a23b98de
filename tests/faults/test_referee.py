"""The referee sees what it is there to see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.models import Attempt, Job, Picture, User
from tests.faults import referee
from tests.faults.conftest import Run, job_for
from tests.faults.double import Double


@pytest.fixture
def done(double: Double, run: Run, alice: User) -> Iterator[Job]:
    """A job that went well; afterwards whatever a test has bent is straightened."""
    job = job_for(alice, "a lake")
    run()
    assert referee.complaints(double) == []
    book = double.book.read_text()
    rows = [*Job.objects.all(), *Attempt.objects.all(), *Picture.objects.all()]
    yield job
    double.book.write_text(book)
    for row in rows:
        row.save()


def test_a_request_accepted_twice_is_seen(double: Double, done: Job) -> None:
    double.book.write_text(double.book.read_text() * 2)
    assert any("accepted 2 times" in complaint for complaint in referee.complaints(double))


def test_a_second_attempt_without_a_word_is_seen(double: Double, done: Job) -> None:
    Attempt.objects.create(
        job=done, number=2, request_id="11111111-1111-4111-8111-111111111111", sent_at=done.created_at
    )
    line = double.book.read_text()
    first = double.accepted()[0].request_id
    double.book.write_text(line + line.replace(first, "11111111-1111-4111-8111-111111111111"))
    assert any("paid for 2 times" in complaint for complaint in referee.complaints(double))
    Attempt.objects.get(number=2).delete()


def test_a_forgotten_acceptance_is_seen(double: Double, done: Job) -> None:
    Job.objects.update(remote_id=None)
    Attempt.objects.update(remote_id="", outcome="held")
    assert any("accepted and forgotten" in complaint for complaint in referee.complaints(double))


def test_another_picture_is_seen(double: Double, done: Job) -> None:
    Picture.objects.update(sha256="0" * 64)
    assert any("other bytes" in complaint for complaint in referee.complaints(double))

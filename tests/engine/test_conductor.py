"""A slice of the conductor against the simulator, over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from studio.models import Attempt, ConductorLease, GalleryMonth, Job
from tests import people
from tests.engine.conftest import Slice

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_waiting_job_becomes_a_picture(api: str, run_slice: Slice) -> None:
    submission = people.make_submission(people.make_person(), count=2)
    assert run_slice() is False
    for job in submission.jobs.all():
        assert job.state == Job.State.DONE
        picture = job.pictures.get()
        assert (picture.width, picture.height) == (2464, 1696)
        assert default_storage.exists(picture.file)
        assert picture.renditions.get().size == 512
        assert job.charge == Job.Charge.CHARGED
        assert [a.outcome for a in job.attempts_made.all()] == [Attempt.Outcome.DONE]
        assert job.lease_owner == ""
    assert not ConductorLease.is_live(now=timezone.now())
    assert list(GalleryMonth.wrong()) == []


def test_an_edit_of_a_made_picture_is_chained_by_its_id(api: str, run_slice: Slice) -> None:
    person = people.make_person()
    first = people.make_submission(person)
    run_slice()
    made = first.jobs.get().pictures.get()
    edit = people.make_submission(person, type="image_edit", source=made, prompt="make it night")
    run_slice()
    assert edit.jobs.get().state == Job.State.DONE
    assert edit.jobs.get().price == edit.unit_price


def test_layers_arrive_as_pictures_with_their_places(api: str, run_slice: Slice) -> None:
    person = people.make_person()
    upload = people.make_picture(person, size=(48, 32))
    layers = people.make_submission(person, type="layering", source=upload, prompt="", layering_resolution="1k")
    run_slice()
    job = layers.jobs.get()
    assert job.state == Job.State.DONE
    names = [p.layer["label"] for p in job.pictures.order_by("position") if p.layer]
    assert names == ["subject", "background"]
    assert list(GalleryMonth.wrong()) == []


def test_a_refusal_names_the_reason_and_is_not_retried(api: str, run_slice: Slice) -> None:
    job = people.make_job(people.make_person(), prompt="a quiet lake [moderated]")
    run_slice()
    job.refresh_from_db()
    assert (job.state, job.cause, job.failure_code) == (Job.State.FAILED, "refused", "content_moderated")
    assert job.charge == Job.Charge.REFUNDED
    assert job.attempts_made.count() == 1


@pytest.mark.parametrize("word", ["accept-then-drop", "500-after-accept"])
def test_a_lost_answer_is_unknown_and_never_sent_again(api: str, run_slice: Slice, word: str) -> None:
    job = people.make_job(people.make_person(), prompt=f"a quiet lake [{word}]")
    run_slice()
    run_slice()
    job.refresh_from_db()
    assert (job.state, job.charge) == (Job.State.UNKNOWN, Job.Charge.MAYBE)
    assert job.attempts_made.get().outcome == Attempt.Outcome.UNKNOWN


def test_what_a_dead_conductor_was_sending_becomes_unknown(api: str, run_slice: Slice) -> None:
    job = people.send(people.make_job(people.make_person()), now=timezone.now() - timedelta(minutes=10))
    run_slice()
    job.refresh_from_db()
    assert job.state == Job.State.UNKNOWN


def test_somebody_alive_in_the_seat_is_left_alone(api: str, run_slice: Slice) -> None:
    job = people.make_job(people.make_person())
    assert ConductorLease.acquire(now=timezone.now())
    assert run_slice() is False
    job.refresh_from_db()
    assert job.state == Job.State.WAITING

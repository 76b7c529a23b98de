"""Ids that the database did not take: each goes to its job once, and a file stays as long as its id is stored nowhere."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from studio.engine import capacity, recovery, spool
from studio.models import Attempt, Job, User
from tests.people import make_job, send


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    folder: Path = tmp_path / "spool"
    settings.SPOOL_DIR = folder
    return folder


def adopt() -> int:
    return spool.adopt_all(now=timezone.now())


def test_an_id_of_another_job_stays_with_that_job(alice: User, folder: Path) -> None:
    owner, lost = make_job(alice, state="making"), make_job(alice, state="unknown")
    assert owner.remote_id
    spool.keep(Attempt.objects.get(job=lost).request_id, owner.remote_id)
    assert adopt() == 0
    assert dict(Job.objects.values_list("pk", "state")) == {owner.pk: "running", lost.pk: "unknown"}
    assert not list(folder.iterdir())  # it is stored


def test_an_id_that_belongs_to_nothing_known_is_kept(alice: User, folder: Path) -> None:
    request_id = uuid.uuid4()
    spool.keep(request_id, str(uuid.uuid4()))
    assert adopt() == 0
    assert [file.name for file in folder.iterdir()] == [f"{request_id}.json"]


def test_a_file_that_somebody_else_has_just_taken_is_passed_over(alice: User, folder: Path) -> None:
    lost, remote_id = make_job(alice, state="unknown"), str(uuid.uuid4())
    spool.keep(Attempt.objects.get(job=lost).request_id, remote_id)
    (folder / "0.json").symlink_to(folder / "taken")  # it is listed, and cannot be opened any more
    assert adopt() == 1
    lost.refresh_from_db()
    assert (lost.state, lost.remote_id) == ("running", remote_id)


def test_an_id_that_is_adopted_while_its_request_is_judged_counts(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job, remote_id = send(make_job(alice), now=timezone.now() - timedelta(minutes=10)), str(uuid.uuid4())
    place_until = capacity.place_until

    def adopted(job: Job, *, now: datetime) -> datetime:
        assert job.request_id
        spool.keep(job.request_id, remote_id)
        assert adopt() == 1
        return place_until(job, now=now)

    monkeypatch.setattr(capacity, "place_until", adopted)
    recovery.sweep("one", now=timezone.now())
    job.refresh_from_db()
    assert (job.state, job.remote_id, job.sentence) == ("running", remote_id, "")

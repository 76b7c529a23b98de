"""What an upload leaves behind when the tables refuse it: a sentence, and nothing that stays."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from studio import tasks
from studio.engine import integrity
from studio.forms.files.uploads import NOT_STORED
from studio.models import Picture, Rendition, User
from studio.storage import original_name
from tests import people

CONTENT = people.image_bytes(900, 600, colour=(20, 90, 120))


@pytest.fixture(autouse=True)
def own_shelf(tmp_path: Path, settings: Settings) -> Path:
    """Nothing of the other tests stands here."""
    settings.STUDIO_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    people.store_on_disk(settings, settings.MEDIA_ROOT)
    return tmp_path


def send(client: Client) -> HttpResponse:
    file = SimpleUploadedFile("harbour.png", CONTENT)
    return client.post(reverse("studio:upload"), {"files": [file], "as": "reference"}, headers=people.HTMX)


@contextmanager
def commit_fails(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let the first commit of a new picture fail as a full or broken disk makes it fail."""
    inner = BaseDatabaseWrapper._commit
    failed: list[bool] = []

    def commit(self: Any) -> None:
        if not failed and Picture.objects.exists():
            failed.append(True)
            before()
            raise OperationalError("disk I/O error")
        inner(self)

    with monkeypatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "_commit", commit)
        yield
    assert failed, "no picture was about to be committed"


def standing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_f03_a_commit_that_fails_is_told_and_half_of_it_is_nowhere(
    alice: User, own_shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = people.signed_in(alice)
    with commit_fails(monkeypatch):
        response = send(client)
    assert response.status_code == 422
    assert f"harbour.png: {NOT_STORED}" in response.content.decode()
    assert NOT_STORED.endswith("try again.")
    assert 'name="reference"' not in response.content.decode()
    assert (Picture.objects.count(), Rendition.objects.count(), OrmQ.objects.count()) == (0, 0, 0)
    left = standing(own_shelf / "media")
    assert left
    # Nobody counts it as wrong before the sweep has had its time.
    assert integrity.check(timezone.now()) == []
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        tasks.quarantine_orphans()
        assert standing(own_shelf / "media") == left
    found = list(integrity.files.orphans(timezone.now() + timedelta(hours=2)))
    # The sweep comes every quarter of an hour, so within the hour from the upload.
    with time_machine.travel(timezone.now() + timedelta(minutes=45)):
        tasks.quarantine_orphans()
    assert standing(own_shelf / "media") == set()
    assert standing(own_shelf / "quarantine") == {Path(name).name for name in left}
    # What somebody else had found meanwhile is gone, and that is well.
    assert {finding.file for finding in found} == left
    assert not any(integrity.repair(finding, now=timezone.now() + timedelta(hours=2)) for finding in found)


def test_f03_trying_again_finds_what_stands_there(
    alice: User, own_shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = people.signed_in(alice)
    with commit_fails(monkeypatch):
        send(client)
    left = standing(own_shelf / "media")
    assert send(client).status_code == 200
    picture = Picture.objects.get()
    assert standing(own_shelf / "media") == left
    tasks.make_renditions(picture.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        tasks.quarantine_orphans()
        assert integrity.check(timezone.now(), deep=True) == []
    shown = client.get(picture.renditions.get(size=256).get_absolute_url())
    assert shown.status_code == 200
    assert b"".join(shown.streaming_content)


def test_f03_a_sweep_during_the_second_try_leaves_its_files_alone(
    alice: User, own_shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are old, found to be nobody's, and just then they are brought once more."""
    client = people.signed_in(alice)
    with commit_fails(monkeypatch):
        send(client)
    cast_off = standing(own_shelf / "media")
    age_all(own_shelf / "media")
    found = list(integrity.files.orphans(timezone.now()))
    assert {finding.file for finding in found} == cast_off

    swept: list[bool] = []

    def sweep() -> None:
        swept.extend(integrity.repair(finding, now=timezone.now()) for finding in found)
        connections.close_all()

    def sweep_elsewhere() -> None:
        """Where the row that is about to be committed cannot be seen."""
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        sweeper.join()

    with commit_fails(monkeypatch, before=sweep_elsewhere):
        send(client)
    assert send(client).status_code == 200
    age_all(own_shelf / "media")
    sweep_elsewhere()
    assert swept == [False] * len(found) * 2
    assert standing(own_shelf / "media") == cast_off


def test_f03_a_file_that_was_cut_off_under_the_right_name_is_replaced(alice: User, own_shelf: Path) -> None:
    name = own_shelf / "media" / original_name(hashlib.sha256(CONTENT).hexdigest(), "png")
    name.parent.mkdir(parents=True)
    name.write_bytes(CONTENT[:100])
    assert send(people.signed_in(alice)).status_code == 200
    assert integrity.check(timezone.now(), deep=True) == []


def test_f03_a_bucket_is_not_walked_through_unasked(settings: Settings) -> None:
    """Each look into it is paid for."""
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        name = default_storage.save("originals/aa/bb/orphan.png", ContentFile(b"somebody's"))
    tasks.quarantine_orphans()
    assert default_storage.exists(name)
    default_storage.delete(name)


def age_all(folder: Path) -> None:
    then = (timezone.now() - timedelta(hours=2)).timestamp()
    for name in standing(folder):
        os.utime(folder / name, (then, then))

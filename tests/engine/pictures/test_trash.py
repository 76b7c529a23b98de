"""Deleting for good: rows go, then files that nothing needs, and history keeps what it refers to."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from studio.engine import integrity
from studio.engine.pictures import renditions, trash
from studio.models import DiscardedFile, Job, LookReference, Picture, Rendition, SearchDocument, User
from studio.models.pictures import trash as bin
from tests import people
from tests.engine.integrity.findings import KEPT, own_shelf  # noqa: F401 - nothing of other tests stands here

NOW = timezone.now()
LATER = NOW + timedelta(days=31)


def age() -> None:
    """Let every file be older than what a request could be writing now."""
    for path in Path(default_storage.path("")).rglob("*.*"):
        os.utime(path, (time.time() - 7200,) * 2)


def move(*pictures: Picture, by: User) -> None:
    assert bin.move([one.pk for one in pictures], by=by, now=NOW)


def same_content(picture: Picture, person: User) -> Picture:
    """Another row of the same file."""
    same = Picture.objects.get(pk=picture.pk)
    same.pk, same.code, same.person = None, uuid.uuid4(), person
    same.save(force_insert=True)
    return same


def files_of(picture: Picture) -> list[str]:
    return [picture.file, *picture.renditions.values_list("file", flat=True)]


def empty(now: Any = LATER) -> None:
    age()
    assert not trash.empty(now)
    assert {one.invariant for one in integrity.check(timezone.now())} - KEPT <= {"renditions-exist"}


def test_an_upload_goes_with_its_files_after_thirty_days(alice: User) -> None:
    picture = people.make_picture(alice)
    files = files_of(picture)
    move(picture, by=alice)
    empty(NOW + timedelta(days=29))
    assert all(map(default_storage.exists, files))
    empty()
    assert not Picture.objects.exists()
    assert not any(map(default_storage.exists, files))
    assert not DiscardedFile.objects.exists()


def test_what_luma_made_keeps_its_row_and_its_cost(alice: User) -> None:
    job = people.make_job(alice, state="done")
    picture = job.pictures.get()
    files, price = files_of(picture), job.price
    move(picture, by=alice)
    empty()
    picture.refresh_from_db()
    assert (picture.file, picture.deletes_at, picture.deleted_at) == ("", None, LATER)
    assert not any(map(default_storage.exists, files))
    assert Job.objects.get(pk=job.pk).price == price
    assert not Rendition.objects.filter(picture=picture).exists()
    assert not SearchDocument.objects.exists()
    assert renditions.complete(now=timezone.now()) == 0


def test_a_file_that_another_picture_shares_stays(alice: User, bob: User) -> None:
    picture = people.make_picture(alice)
    same = same_content(picture, bob)
    for one in picture.renditions.all():
        Rendition.objects.create(picture=same, size=one.size, file=one.file, width=1, height=1, bytes=one.bytes)
    move(picture, by=alice)
    empty()
    assert all(map(default_storage.exists, files_of(same)))
    assert not DiscardedFile.objects.exists()


def test_a_source_keeps_its_row_and_a_look_its_place(alice: User) -> None:
    source = people.make_picture(alice)
    look = people.make_look(alice, references=[(source, LookReference.Role.STYLE)])
    people.make_job(alice, state="done", type="image_edit", source=source)
    move(source, by=alice)
    empty()
    source.refresh_from_db()
    assert source.file == ""
    assert LookReference.objects.get(version=look.current).picture is None


def test_what_a_job_under_way_needs_waits_for_it(alice: User) -> None:
    source = people.make_picture(alice)
    job = people.make_job(alice, state="waiting", type="image_edit", source=source)
    move(source, by=alice)
    empty()
    assert default_storage.exists(source.file)
    job.cancel(now=LATER)
    empty()
    assert not default_storage.exists(source.file)


def test_a_file_brought_again_just_now_waits_for_its_row(alice: User) -> None:
    picture = people.make_picture(alice)
    again = Picture.objects.get(pk=picture.pk)
    again.pk, again.code = None, uuid.uuid4()
    assert bin.move([picture.pk], by=alice, now=NOW - timedelta(days=31))
    assert not trash.empty(timezone.now())  # its files are new
    assert default_storage.exists(picture.file)
    assert DiscardedFile.objects.count() == 3
    again.save(force_insert=True)
    empty()
    assert default_storage.exists(again.file)
    assert not DiscardedFile.objects.exists()


def test_a_split_goes_with_all_its_layers(alice: User) -> None:
    colours = ("red", "green", "blue")
    job = people.make_split(alice, [(Image.new("RGBA", (8, 8), colour), None) for colour in colours])
    files = [name for one in job.pictures.all() for name in files_of(one)]
    age()
    integrity.quarantine_orphans(timezone.now())  # of the picture that the split replaced
    move(job.pictures.get(position=1), by=alice)
    empty()
    assert not any(map(default_storage.exists, files))
    assert job.pictures.filter(file="", deleted_at=LATER).count() == 3


def test_restored_meanwhile_it_is_not_deleted(alice: User) -> None:
    picture = people.make_picture(alice)
    move(picture, by=alice)
    bin.restore([picture.pk], by=alice, now=NOW)
    assert not trash.delete(picture.pk, now=LATER)
    assert default_storage.exists(picture.file)


def test_what_a_slice_does_not_finish_the_next_one_does(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [people.make_picture(alice) for _ in range(3)]
    move(*pictures, by=alice)
    Picture.objects.update(deletes_at=timezone.now())
    age()
    # Each look at the clock takes longer than a slice.
    monkeypatch.setattr(trash, "time", SimpleNamespace(monotonic=itertools.count(step=10).__next__))
    for left in (2, 1, 0):
        OrmQ.objects.all().delete()
        trash.run()
        assert Picture.objects.count() == left
        assert [row.task["func"] for row in OrmQ.objects.all()] == ["studio.tasks.empty_trash"]
    trash.run()
    assert DiscardedFile.objects.exists(), "no file within this slice either"
    monkeypatch.undo()
    OrmQ.objects.all().delete()
    trash.run()
    assert not OrmQ.objects.exists(), "nothing is left for another slice"
    empty()
    assert not DiscardedFile.objects.exists()


def test_a_disk_that_refuses_is_tried_again_and_what_is_gone_already_is_forgotten(
    alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    picture = people.make_picture(alice)
    file, *sizes = files_of(picture)
    move(picture, by=alice)
    for name in sizes:
        default_storage.delete(name)

    def refuse(name: str) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "delete", refuse)
        age()
        assert not trash.empty(LATER)
    assert [one.name for one in DiscardedFile.objects.all()] == [file]
    assert "cannot be deleted yet: Read-only file system" in caplog.text
    empty()
    assert not default_storage.exists(file)
    assert not DiscardedFile.objects.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="kills processes")
def test_killed_at_any_point_no_picture_loses_its_file_and_the_rest_goes(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.engine.pictures.trash_victim"],
        env={**os.environ, "STUDIO_DATA": str(tmp_path), "STUDIO_DOTENV": "off"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["kills"] > 20
    assert found["broken"] == []
    assert found["left"] == found["needed"]

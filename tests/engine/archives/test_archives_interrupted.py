"""What comes between a zip and its end: a file that cannot be read, pictures deleted since, a worker that is second."""

from __future__ import annotations

import errno
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from studio import imaging, storage
from studio.engine.archives import archives
from studio.engine.archives import lines as archive_lines
from studio.engine.pictures import trash as emptying
from studio.models import Archive, Picture, User
from studio.models.files.archive import KEPT_FOR
from studio.models.pictures import trash
from tests import people


@pytest.fixture(autouse=True)
def own_work(settings: Settings, tmp_path: Path) -> Path:
    settings.WORK_DIR = tmp_path
    return tmp_path


@pytest.fixture
def pictures(alice: User) -> list[Picture]:
    return [people.make_job(alice, state="done").pictures.get() for _ in range(2)]


@pytest.fixture
def archive(alice: User, pictures: list[Picture]) -> Archive:
    archive = Archive.choose(alice, [one.pk for one in pictures], [])
    assert archive.start(size="original", has_settings=True, has_list=False, now=timezone.now())
    return archive


def made(archive: Archive) -> Archive:
    archives.make(archive.pk)
    archive.refresh_from_db()
    return archive


def end(archive: Archive) -> None:
    """End it, as another worker would that gave it up."""
    Archive.objects.filter(pk=archive.pk).update(state="failed", sentence=archives.LOST)


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        (imaging.Unusable("broken", "This PNG is damaged."), "This PNG is damaged."),
        (PermissionError(errno.EACCES, "Permission denied"), archive_lines.NOT_READABLE),
    ],
)
def test_what_cannot_be_read_is_left_out_and_says_why(
    archive: Archive, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch, problem: Exception, why: str
) -> None:
    pieces = archive_lines._pieces

    def broken(stream: Any, file: str, *rest: Any) -> Any:
        if file == pictures[0].file:
            raise problem
        return pieces(stream, file, *rest)

    monkeypatch.setattr(archive_lines, "_pieces", broken)
    assert (made(archive).state, archive.taken, archive.skipped) == ("done", 1, 1)
    with archives.opened(archive) as file:
        assert why.encode() in file.read()


def test_a_full_disk_ends_it_instead_of_leaving_pictures_out(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive_lines, "_pieces", full)
    assert (made(archive).state, archive.sentence) == ("failed", archives.DISK_FULL)


def test_what_is_done_or_gone_is_not_made_again(archive: Archive) -> None:
    file = made(archive).file
    assert not archives.make(archive.pk)
    archive.refresh_from_db()
    assert (archive.state, archive.file, archive.tries) == ("done", file, 1)
    archive.delete()
    assert not archives.make(archive.pk or 0)


def test_how_far_it_is_can_be_read_meanwhile(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    line_of, read = archives.line_of, []

    def line_and_look(archive: Archive, number: int, picture: Picture | None) -> archives.Line:
        read.append(Archive.objects.get().done)
        return line_of(archive, number, picture)

    monkeypatch.setattr(archives, "NOTE_EVERY", -1)
    monkeypatch.setattr(archives, "line_of", line_and_look)
    assert (made(archive).state, read) == ("done", [0, 1])


def test_a_worker_whose_zip_was_ended_stops_at_its_next_note(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    line_of, numbers = archives.line_of, []

    def line_and_end(archive: Archive, number: int, picture: Picture | None) -> archives.Line:
        numbers.append(number)
        end(archive)
        return line_of(archive, number, picture)

    monkeypatch.setattr(archives, "NOTE_EVERY", -1)
    monkeypatch.setattr(archives, "line_of", line_and_end)
    assert (made(archive).state, numbers) == ("failed", [1])
    assert not archives.make(archive.pk)


def test_a_worker_whose_zip_was_ended_leaves_no_file(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, store = [], storage.store

    def store_and_end(path: Path, name: str) -> None:
        stored.append(name)
        store(path, name)
        end(archive)

    monkeypatch.setattr(archives.storage, "store", store_and_end)
    assert (made(archive).state, archive.file) == ("failed", "")
    assert [default_storage.exists(name) for name in stored] == [False]


def test_after_a_week_one_that_was_never_finished_goes_with_its_lines(archive: Archive, own_work: Path) -> None:
    lines = archives._work_file(archive)
    lines.write_text("half of it")
    assert archives.expire(timezone.now() + KEPT_FOR + timedelta(minutes=1)) == 1
    assert not Archive.objects.exists()
    assert list(own_work.glob("archive-*.lines")) == []


def test_a_picture_that_was_deleted_since_is_not_handed_out(
    archive: Archive, pictures: list[Picture], alice: User
) -> None:
    made(archive)
    trash.move([pictures[0].pk], by=alice, now=timezone.now())
    with pytest.raises(FileNotFoundError, match="deleted"):
        archives.opened(archive)


def test_what_was_deleted_meanwhile_is_named_in_the_list_of_what_was_left_out(
    archive: Archive, pictures: list[Picture], alice: User
) -> None:
    kept, emptied = pictures
    others = [people.make_job(alice, state="done", prompt="Harbour at dusk").pictures.get() for _ in range(2)]
    Archive.objects.filter(pk=archive.pk).update(pictures=[one.pk for one in (kept, emptied, *others)])
    now = timezone.now()
    trash.move([emptied.pk, others[0].pk], by=alice, now=now)
    trash.delete(Picture.objects.filter(pk=emptied.pk), by=alice, now=now)
    emptying.delete(emptied.pk, now=now)
    Picture.objects.filter(pk=others[1].pk).update(is_private=True, person=people.make_person("Bob"))
    made(archive)
    assert (archive.taken, archive.skipped) == (1, 3)
    with archives.opened(archive) as file:
        words = zipfile.ZipFile(io.BytesIO(file.read())).read("skipped.txt").decode()
    assert f"-{emptied.code.hex[:8]}.png: it was deleted meanwhile\n" in words
    assert f"003-harbour-at-dusk-{others[0].code.hex[:8]}.png: it was deleted meanwhile and is in the trash\n" in words
    assert "004: it is not there any more\n" in words

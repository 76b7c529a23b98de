"""Nothing is sent while nothing can be stored on this machine."""

from __future__ import annotations

import errno
from datetime import timedelta

import pytest
from django.utils import timezone

from studio import disk, storage
from studio.engine import capacity, storing
from studio.models import Job, SendingPause, User
from tests import people

READ_ONLY = OSError(errno.EROFS, "Read-only file system")
pytestmark = pytest.mark.skipif("storage.is_remote()", reason="of files on this machine's disk")


def admit(after: float = 0) -> list[Job]:
    return capacity.admit("the-tests", now=timezone.now() + timedelta(seconds=after))


def test_a_disk_that_takes_nothing_begins_a_pause_that_ends_by_itself(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.make_job(alice)
    with monkeypatch.context() as broken:
        broken.setattr(disk, "refusal", lambda folder: READ_ONLY)
        # However long it lasts, no paid request tries it.
        assert [admit(after) for after in (0, 20, 400)] == [[], [], []]
        pause = SendingPause.objects.get()
        assert (pause.reason, pause.detail) == (SendingPause.Reason.STORAGE, "Read-only file system")
    assert len(admit()) == 1
    assert not SendingPause.objects.exists()


def test_both_the_tables_folder_and_the_files_folder_are_tried(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people.make_job(alice)
    monkeypatch.setattr(disk, "refusal", lambda folder: READ_ONLY if folder == storage.folder() else None)
    assert admit() == []


@pytest.mark.parametrize(
    ("number", "is_everywhere", "reason"),
    [
        (errno.EROFS, True, [SendingPause.Reason.STORAGE]),
        (errno.EIO, False, []),  # of one file
        (errno.ENOSPC, False, [SendingPause.Reason.DISK]),
        (errno.EMFILE, True, []),
    ],
)
def test_one_file_that_fails_is_no_disk_that_takes_nothing(
    alice: User, monkeypatch: pytest.MonkeyPatch, number: int, is_everywhere: bool, reason: list[str]
) -> None:
    monkeypatch.setattr(disk, "refusal", lambda folder: READ_ONLY if is_everywhere else None)
    assert storing.blame_disk(OSError(number, "x"), now=timezone.now()) is bool(reason)
    assert list(SendingPause.objects.values_list("reason", flat=True)) == reason

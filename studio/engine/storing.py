"""Whether what comes back could be stored: nothing is paid for that nobody could keep."""

from __future__ import annotations

import shutil
from datetime import datetime

from django.conf import settings

from studio import disk, storage
from studio.models import SendingPause

DISK_FLOOR = 512 * 1024 * 1024  # bytes: a day of pictures in flight fits twice


def watch_disk(*, now: datetime) -> None:
    """Pause sending while what would come back could not be stored here; resume by itself."""
    free, problem = shutil.disk_usage(settings.STUDIO_DATA).free, _refusal()
    if free < DISK_FLOOR:
        SendingPause.pause(SendingPause.Reason.DISK, now=now, detail=f"{free // 2**20} MB free")
    elif problem is None:
        # A silent storage on other machines is tried by itself (studio.engine.conductor).
        SendingPause.resume(SendingPause.Reason.DISK, *([] if storage.is_remote() else [SendingPause.Reason.STORAGE]))
    elif not blame_disk(problem, now=now):
        blame_storage(problem, now=now)


def _refusal() -> OSError | None:
    """Return why the folders of this machine take nothing, such as a disk that the system has made read-only."""
    folders = filter(None, (settings.STUDIO_DATA, storage.folder()))
    return next(filter(None, map(disk.refusal, folders)), None)


def must_try_storage(*, now: datetime) -> bool | None:
    """Whether the storage of files must be tried before anything is sent; None while it is known to be silent."""
    pause = SendingPause.objects.filter(pk=SendingPause.Reason.STORAGE).first()
    if pause is None:
        return False
    return pause.may_probe(now) or None


def blame_storage(problem: OSError, *, now: datetime) -> None:
    """Pause sending: a small file could not be stored, so no picture could be."""
    SendingPause.pause(SendingPause.Reason.STORAGE, now=now, detail=problem.strerror or type(problem).__name__)


def blame_disk(problem: OSError, *, now: datetime) -> bool:
    """Pause sending if the disk is full or takes nothing, or the storage of files is silent; return whether it is."""
    if isinstance(problem, storage.Unavailable):
        blame_storage(problem, now=now)
        return True
    if disk.is_full(problem):
        SendingPause.pause(SendingPause.Reason.DISK, now=now, detail=problem.strerror or "")
        return True
    # One file or folder may be at fault alone.
    if disk.is_unusable(problem) and (cause := _refusal()):
        blame_storage(cause, now=now)
        return True
    return False

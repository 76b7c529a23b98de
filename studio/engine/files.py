"""Bring the pictures that a request needs to Luma's Files API, once each, before anything is paid for.

Uploading creates nothing and costs nothing, so a lost answer is simply tried again. A picture that Luma takes is named
by its id in every later request; one that it refuses is named to the person; where it takes no files, the bytes go with
the request. What is under way stands in `RemoteFile` rows, so a conductor that is killed is followed by the next.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from studio import imaging, storage
from studio.engine import explain
from studio.engine.db_thread import DatabaseThread
from studio.luma import File, Luma, errors
from studio.models import ApiAccount, Attempt, Input, Job, RemoteFile, Submission
from studio.models.files.remote_file import LONGEST_CHECK, ROOM
from studio.models.jobs.failure import Failure

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20  # rows that one sweep takes up
# Luma's own ids are good "for a while" (luma-api.md section 10.4); after a day the file, or the bytes, are sent instead.
CHAINING = timedelta(hours=24)
# How long a job is put off while its pictures are on their way; it is called back as soon as they are there.
PUT_OFF = timedelta(seconds=5)
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 3.0  # seconds between questions whether a file is ready
NEXT_TRY = timedelta(seconds=2)


# ---- What a job needs


def chained(entry: Input, account: ApiAccount, now: datetime) -> str:
    """Return Luma's own id of the picture, which loses no quality, while Luma surely still has it; "" without one."""
    made_by = entry.picture.job
    # A kept version has the edit's job, and Luma does not have it.
    if made_by is None or entry.picture.is_kept or made_by.submission.type == Submission.Type.LAYERS:
        return ""
    if entry.role == Input.Role.REFERENCE and account.bars_chained_references(now):
        return ""
    fresh = made_by.accepted_at is not None and made_by.accepted_at > now - CHAINING
    return (made_by.remote_id or "") if fresh and made_by.provider == settings.LUMA_BASE_URL else ""


def carries_bytes(job: Job) -> bool:
    """Whether this job's pictures go inside the request: an earlier one that named them by an id was rejected."""
    return Attempt.objects.filter(job=job, outcome=Attempt.Outcome.REFUSED).exists()


def wanted(entries: Iterable[Input], *, now: datetime) -> dict[int, RemoteFile]:
    """Return the file of each picture by its position; what is missing or old is put to work."""
    return {
        entry.position: RemoteFile.wanted(
            entry.picture, provider=settings.LUMA_BASE_URL, purpose=_purpose(entry), now=now
        )
        for entry in entries
    }


def refusal(entries: Iterable[Input], files: dict[int, RemoteFile]) -> Failure | None:
    """Return why the request is not sent: Luma refused one of its pictures."""
    for entry in entries:
        if (file := files.get(entry.position)) and file.is_refused:
            return explain.refused_file(entry, file.reason)
    return None


def distrust(job: Job, *, now: datetime) -> None:
    """A request was rejected that may have named its pictures by an id: from now on they travel another way."""
    entries = list(job.submission.inputs.select_related("picture__job__submission"))
    if not entries:
        return
    account = ApiAccount.current()
    if any(entry.role == Input.Role.REFERENCE and chained(entry, account, now) for entry in entries):
        account.bar_chained_references(now=now)
    RemoteFile.distrust([entry.picture_id for entry in entries], provider=settings.LUMA_BASE_URL, now=now)


def _purpose(entry: Input) -> str:
    is_source = entry.role == Input.Role.SOURCE
    return RemoteFile.Purpose.INPUT if is_source else RemoteFile.Purpose.REFERENCE


# ---- Bringing a picture there


def due(now: datetime) -> list[RemoteFile]:
    """Return the files that are to be uploaded or asked about now."""
    return list(RemoteFile.objects.due(now).select_related("picture").order_by("look_at")[:MOST_AT_ONCE])


async def bring(row: RemoteFile, luma: Luma, database: DatabaseThread) -> bool:
    """Upload a picture, or ask about it, until Luma is ready to use it or another way is taken; True when it is settled.

    False: it is tried again later, as its row says.
    """
    try:
        if row.state == RemoteFile.State.WANTED:
            await _upload(row, luma, database)
        await _await_verdict(row, luma, database)
    except (imaging.Unusable, OSError) as problem:
        # The job itself meets the same problem, and says what to do about it.
        log.warning("A picture could not be prepared for uploading: %s", problem)
        await database(row.give_up, now=timezone.now())
    except errors.Unreachable as error:
        log.info("An upload did not work out: %s", error)
        wait = timedelta(seconds=error.retry_after) if error.retry_after else NEXT_TRY
        await database(row.miss, now=timezone.now(), wait=min(wait, ROOM))
    except errors.Error as error:
        log.info("Luma takes no file here: %s", error)
        await database(row.give_up, now=timezone.now())
    except Exception:
        # Whatever it was, nobody waits for it: the bytes are sent instead.
        log.exception("An upload broke")
        await database(row.give_up, now=timezone.now())
    if row.is_under_way:
        return False
    await database(_call_back, row, now=timezone.now())
    return True


async def _upload(row: RemoteFile, luma: Luma, database: DatabaseThread) -> None:
    picture = row.picture
    folder = Path(tempfile.mkdtemp(dir=settings.WORK_DIR))
    try:
        copy = await asyncio.to_thread(storage.copy_to, picture.file, folder / f"picture.{picture.format}")
        wire = await imaging.for_sending_async(copy, folder)
        data, media_type = wire.path.read_bytes(), wire.media_type
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    name = picture.original_name or f"{picture.code}.{media_type.removeprefix('image/')}"
    try:
        file = await luma.upload_file(data, media_type, purpose=row.purpose, filename=name)
    except errors.Rejected:
        # Too large for one call, or Luma takes no forms here: announce it, then put it (11.1).
        upload = await luma.create_file(mime_type=media_type, size_bytes=len(data), purpose=row.purpose, filename=name)
        await luma.put_file(upload, data)
        file = await luma.complete_file(upload.file.id)
    await database(row.uploaded, file.id, expires_at=file.expires_at, now=timezone.now())


async def _await_verdict(row: RemoteFile, luma: Luma, database: DatabaseThread) -> None:
    pause = FIRST_PAUSE
    while True:
        now = timezone.now()
        try:
            file = await luma.get_file(row.file_id)
        except errors.NotFound:
            await database(row.lost, now=now)
            return
        if file.state == "ready" and not _is_over(file, now):
            await database(row.became_ready, expires_at=file.expires_at, now=now)
            return
        if file.state == "failed":
            await database(row.refuse, file.failure_reason, now=now)
            return
        if file.state == "deleted" or _is_over(file, now):
            await database(row.lost, now=now)
            return
        since = row.uploaded_at or now
        if not since <= now < since + LONGEST_CHECK:
            await database(row.give_up, now=now)
            return
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _is_over(file: File, now: datetime) -> bool:
    return file.expires_at is not None and file.expires_at <= now


def _call_back(row: RemoteFile, *, now: datetime) -> None:
    """The jobs that were put off for this picture are looked at again at once."""
    put_off = Job.objects.waiting().filter(hold_reason=Job.HoldReason.FILES, due_at__gt=now)
    put_off.filter(submission__inputs__picture_id=row.picture_id).update(due_at=now)

"""Bring a finished picture home: stream, check that it decodes, put it on storage, then tell."""

from __future__ import annotations

import copy
import logging
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from studio import failures
from studio.engine import explain, fetch, storing
from studio.engine.db_thread import DatabaseThread
from studio.engine.pictures import layers
from studio.engine.turns import Lane
from studio.luma import Generation, Luma
from studio.luma.inline import Inline
from studio.models import (
    Board,
    BoardPicture,
    GalleryMonth,
    Job,
    Notification,
    Picture,
    Rendition,
    SearchDocument,
    Split,
    Submission,
)
from studio.models.jobs.failure import Failure

log = logging.getLogger(__name__)

# The same wrong bytes again tell nothing new: six downloads in about two minutes, then a person is asked.
BAD_FILES, BAD_GROWTH = 6, 3.0
# A network or a storage may be out for hours, and Luma keeps a picture for a day, we guess (luma-api.md section 10.4): ten
# tries in the first eight minutes and then one in five minutes make a day. Tries are counted and not hours, because a
# studio that was switched off has not tried.
FETCHES, GROWTH = 300, 1.8
RETRY, LONGEST_RETRY = 1.0, 300.0  # seconds
LINK_TRIES = 4  # of a link where Luma says that it failed, in some six seconds
# A try is given up when nothing comes for so long (seconds), and the next one is more patient.
FIRST_STALL, PATIENCE = 10.0, 1.5
# A longer wait is not held: whoever is there when it ends takes the job up, and a person may shorten it.
LONGEST_HOLD = 5.0  # seconds


async def collect(
    job: Job, generation: Generation | None, luma: Luma, database: DatabaseThread, lane: Lane, *, now: datetime
) -> timedelta | None:
    """Store every output of a made job and finish it. Return how long to hold it until the next try, None to let go.

    Every try is counted on the row before it begins, and every one that fails says on the card why.
    """
    if generation is None:
        if job.fetches >= FETCHES:
            await database(job.fail, Failure.of(failures.WORN_OUT, detail=job.detail), now=now)
            return None
        if not await database(job.count_try, until=now + _wait(job, GROWTH)):
            return None
    stall = FIRST_STALL * PATIENCE ** min(max(0, job.fetches - 1), 12)
    try:
        if generation is None:
            generation = await luma.get(job.remote_id or "")
        if generation.is_failed and not explain.is_linked(job, generation):
            await database(explain.fail, job, generation, now=now)
            return None
        with tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
            inline = Inline(Path(folder))
            outputs, left_out = await fetch.outputs(job, generation, inline, luma, lane)
            await database(fetch.check_links, job, [output.url for output in outputs])
            fetched = await fetch.fetch_all(outputs, Path(folder), inline, luma, lane, stall, left_out=left_out)
    except DatabaseError:
        raise
    except Exception as problem:  # noqa: BLE001 - a mistake of ours repeats too: it needs a reason, a pause and an end
        if isinstance(problem, OSError):
            await database(storing.blame_disk, problem, now=now)
        elif generation and generation.is_failed and _is_settled(job, problem):
            await database(explain.fail, job, generation, now=timezone.now())
            return None
        return await _later(job, database, problem, is_failed=generation is not None and generation.is_failed)
    if generation.is_failed:
        log.warning("Luma says that it failed, and its link brought a picture", extra=job.log_facts)
    await database(store, job, fetched, now=now)
    return None


def _is_settled(job: Job, problem: Exception) -> bool:
    """Whether Luma is to be believed that it failed: its link brings no picture."""
    return explain.is_hopeless(problem) or job.fetches >= LINK_TRIES


async def _later(
    job: Job, database: DatabaseThread, problem: Exception, *, is_failed: bool = False
) -> timedelta | None:
    """Put it off and keep it: it is paid for, and the next look mints new links. Stop when tries bring nothing new.

    `is_failed`: Luma says so, and linked to a picture.
    """
    hopeless = explain.is_hopeless(problem)
    job.bad_files += hopeless
    now = timezone.now()  # a download may take a minute
    why = explain.unsaved(problem, failures.LINKED if is_failed else failures.NOT_SAVED_YET)
    is_ours = not isinstance(problem, explain.EXPECTED)
    log.warning(
        "A finished picture could not be saved yet: %s",
        why.detail or type(problem).__name__,
        extra=job.log_facts,
        exc_info=is_ours,
    )
    if job.bad_files >= BAD_FILES or job.fetches >= FETCHES:
        await database(job.fail, explain.unsaved(problem, failures.NOT_SAVED, tries=job.fetches), now=now)
        return None
    wait = _wait(job, BAD_GROWTH if hopeless else GROWTH)
    is_held = wait.total_seconds() <= LONGEST_HOLD
    put_off = await database(job.put_off, why, until=now + wait, release=not is_held)
    return wait if is_held and put_off else None


def _wait(job: Job, growth: float) -> timedelta:
    """How long until the next try, by how many were begun."""
    return timedelta(seconds=min(LONGEST_RETRY, RETRY * growth ** min(max(0, job.fetches - 1), 12)))


def store(job: Job, fetched: Sequence[fetch.Fetched], *, now: datetime) -> bool:
    """Write the rows of stored pictures and finish the job, all or nothing; request the other renditions."""
    # A copy: if the database gives up half-way, the job in memory must not believe that it is done.
    ending = copy.copy(job)
    with transaction.atomic():
        is_split = job.submission.type == Submission.Type.LAYERS
        if not ending.finish(now=now, layers=len(fetched) if is_split else 0):
            return False
        # As it is by now: the row is locked, so that it cannot change before the pictures are there.
        job.is_private = Job.objects.values_list("is_private", flat=True).get(pk=job.pk)
        for one in fetched:
            picture = _picture(job, one, now)
            async_task("studio.tasks.make_renditions", picture.pk, cluster="studio")
        if job.submission.board:
            _put_on_board(job, job.submission.board, now)
        SearchDocument.write_for(job)
        ending.tell_end()
        if is_split:
            layers.compare_later(Split.of(job))
    return True


def _put_on_board(job: Job, board: Board, now: datetime) -> None:
    """Put its picture on the board that it was asked for; where that is gone meanwhile, its person hears of it."""
    if board.may_change(job.person):
        shown = job.pictures.made().order_by("position").values_list("pk", flat=True)
        BoardPicture.add(board, list(shown), by=job.person, now=now)
        return
    kind, key = Notification.Kind.CHANGE, f"board-gone:{board.pk}"
    words = "The board that pictures of yours were going to is gone or closed to you. The gallery has them."
    Notification.tell(job.person, kind, words, reverse("studio:gallery"), key=key)


def _picture(job: Job, one: fetch.Fetched, now: datetime) -> Picture:
    measured = one.measured
    facts = {
        "origin": Picture.Origin.MADE,
        "person": job.person,
        "is_private": job.is_private,
        "file": one.file,
        "sha256": one.sha256,
        "format": measured.format,
        "width": measured.width,
        "height": measured.height,
        "bytes": one.bytes,
        "has_alpha": measured.has_alpha,
        "placeholder": measured.placeholder,
        "colour": measured.colour,
        "layer": one.layer,
        "source_type": job.submission.source_type,
        "has_credentials": one.has_credentials,
        "renditions_due_at": now,
        "rendition_tries": 0,
    }
    # Fetched once more, a picture keeps its place in the gallery.
    picture, is_new = Picture.objects.update_or_create(
        job=job,
        position=one.position,
        defaults=facts,
        # A split is one picture of the gallery: its front layer stands for all of them.
        create_defaults=facts | {"created_at": now, "shown_at": now if one.position == 0 else None},
    )
    if is_new:
        GalleryMonth.add(picture)
    # Smaller copies of other bytes, which were damaged say, must not remain beside it.
    picture.renditions.exclude(file__contains=one.sha256).delete()
    Rendition.objects.update_or_create(
        picture=picture,
        size=measured.rendition.size,
        defaults={
            "file": one.rendition_file,
            "width": measured.rendition.width,
            "height": measured.rendition.height,
            "bytes": measured.rendition.bytes,
        },
    )
    return picture

"""Ask Luma about one running job. Trouble with asking never fails a job."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta

from django.utils import timezone

from studio import failures
from studio.engine import explain
from studio.engine.db_thread import DatabaseThread
from studio.luma import Generation, Luma, errors
from studio.luma.parse import bare_state
from studio.models import Job, SendingPause
from studio.models.job import GIVE_UP
from studio.models.jobs.failure import Failure

log = logging.getLogger(__name__)

RETRY_READ = 2.0  # seconds
SOONEST_RETRY, LONGEST_RETRY = 1.0, 30.0
# Misses in a row that are no hiccup any more: the card says why nothing moves.
HICCUPS = 2
# After a day a job is given up on Luma's word. When Luma says nothing, so many more looks must have failed: they are
# counted on the row, because a studio that was switched off for the day has not asked.
LAST_LOOKS = 20
# How often a late picture is looked for that nobody waits for: ever more seldom.
SOONEST_WATCH, LATEST_WATCH = timedelta(seconds=60), timedelta(minutes=5)
WATCH_SHARE = 10
# How the names of states begin that can only mean "completed".
_MADE = (
    *("complete", "succe", "finished", "done", "ready"),
    *("fulfilled", "available", "generated", "rendered", "delivered"),
)
ALONE: AbstractAsyncContextManager[object] = nullcontext()


async def look(
    job: Job, luma: Luma, database: DatabaseThread, *, now: datetime, room: AbstractAsyncContextManager[object] = ALONE
) -> Generation | float | None:
    """Return the finished generation, or the least seconds until the next look (0: as usual), or None once it ended.

    `room` is held while Luma is asked, and no longer: what is slow to be written down must not keep others from asking.
    """
    try:
        async with room:
            generation = await luma.get(job.remote_id or "")
    except errors.Unauthorized as error:
        job.misses = min(job.misses + 1, 5)
        if await _takes_the_key(luma, room):
            alone = errors.Unreachable(status=error.status, detail=error.detail)
            return await _unheard(job, alone, database, timezone.now())
        await database(SendingPause.pause, SendingPause.Reason.KEY, now=now, detail=error.detail or error.sentence)
        return await _unheard(job, error, database, now)
    except errors.Error as error:
        job.misses = min(job.misses + 1, 5)
        return await _unheard(job, error, database, timezone.now())
    job.misses = 0
    return await _read(job, generation, database, timezone.now())  # the answer may have been long in coming


async def _takes_the_key(luma: Luma, room: AbstractAsyncContextManager[object]) -> bool:
    """Whether Luma takes the key for something else: then one answer about one picture stops nobody."""
    try:
        async with room:
            await luma.reach()
    except errors.Error:
        return False
    return True


async def _unheard(job: Job, error: errors.Error, database: DatabaseThread, now: datetime) -> float | None:
    """Nothing was learnt. Say so once it is no hiccup, and end when Luma has been silent for as long as it keeps jobs."""
    is_key = isinstance(error, errors.Unauthorized)
    if job.is_lost(now) and not is_key:
        if isinstance(error, errors.NotFound):
            await database(job.fail, Failure.of(failures.GONE, detail=error.detail), now=now)
            return None
        if job.fetches >= LAST_LOOKS:
            await database(job.fail, explain.unheard(error, GIVE_UP), now=now)
            return None
        if not await database(job.count_try):
            return None
    elif is_key or job.misses >= HICCUPS or job.is_late(now):
        sentence = explain.running(error)
        await database(job.explain, sentence, detail=error.detail, status=error.status)
    if is_key:
        return LONGEST_RETRY
    wait = error.retry_after or RETRY_READ * 1.7**job.misses
    return min(LONGEST_RETRY, max(SOONEST_RETRY, float(wait)))


async def _read(job: Job, generation: Generation, database: DatabaseThread, now: datetime) -> Generation | float | None:
    if is_made(job, generation, now):
        return generation if await database(job.start_saving, now=now) else None
    if generation.is_failed:
        await database(explain.fail, job, generation, now=now)
        return None
    # Given up only on Luma's own word: after a weekend switched off, the picture may have been ready for days.
    if job.is_lost(now):
        await database(job.fail, Failure.of(failures.NO_RESULT, hours=GIVE_UP // timedelta(hours=1)), now=now)
        return None
    if generation.state == "processing" and job.making_at is None:
        await database(job.start_making, now=now)
    await remark(job, database, now, generation)
    return 0.0


async def remark(job: Job, database: DatabaseThread, now: datetime, generation: Generation | None = None) -> None:
    """Say on the card why there is no picture yet; take it back when all is well."""
    sentence, detail = (failures.LATE, "") if job.is_late(now) else ("", "")
    if generation and explain.is_strange(generation):
        sentence = failures.STRANGE
        detail = f'The state is "{generation.state}".' if generation.state else "There is none."
    elif generation is None and job.sentence:
        return  # nothing new is known
    if sentence != job.sentence:
        await database(job.explain, sentence, detail=detail)


def is_made(job: Job, generation: Generation, now: datetime) -> bool:
    """Whether the picture is there, by Luma's word or by all we can see.

    "completed_with_warnings" and its kin count with a picture at once, and so does "failed" (explain.is_linked). In a
    state that says nothing at all a picture could be a sketch; past the deadline it is better than none, and so is what
    is still being drawn after a day.
    """
    if generation.is_completed or explain.is_linked(job, generation):
        return True
    if not generation.has_pictures:
        return False
    sounds_made = bare_state(generation.state).startswith(_MADE) or job.is_late(now)
    return (explain.is_strange(generation) and sounds_made) or (not generation.is_failed and job.is_lost(now))


async def watch(
    job: Job, luma: Luma, database: DatabaseThread, *, now: datetime, room: AbstractAsyncContextManager[object] = ALONE
) -> Generation | None:
    """Look once for a picture that nobody waits for any more, and return it if it is made; else let go until later."""
    try:
        async with room:
            generation = await luma.get(job.remote_id or "")
    except errors.Error as error:
        if job.is_lost(now):
            await database(job.fail, explain.unheard(error, GIVE_UP), now=now)
        else:
            await database(job.put_off, until=now + _pause(job, now), release=True)
        return None
    if is_made(job, generation, now):
        return generation if await database(job.start_saving, now=now) else None
    if generation.is_failed:
        await database(explain.fail, job, generation, now=now)
    elif job.is_lost(now):
        await database(job.fail, Failure.of(failures.NO_RESULT, hours=GIVE_UP // timedelta(hours=1)), now=now)
    else:
        await database(job.put_off, until=now + _pause(job, now), release=True)
    return None


def _pause(job: Job, now: datetime) -> timedelta:
    since = now - job.finished_at if job.finished_at else timedelta()
    return min(LATEST_WATCH, max(SOONEST_WATCH, since / WATCH_SHARE))

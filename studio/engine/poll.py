"""Ask Luma about one running job. Trouble with asking never fails a job."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta

from django.utils import timezone

from studio.engine import trouble
from studio.engine.ledger import Ledger
from studio.luma import Generation, Luma, errors
from studio.models import Gate, Job

log = logging.getLogger(__name__)

# A fresh id may not be visible everywhere yet; after this long Luma really has lost it.
FORGOTTEN_AFTER = timedelta(minutes=10)
RETRY_READ = 2.0  # seconds
SOONEST_RETRY, LONGEST_RETRY = 1.0, 30.0
EMPTY_LOOKS = 3
ALONE: AbstractAsyncContextManager[object] = nullcontext()


async def look(
    job: Job, luma: Luma, ledger: Ledger, *, now: datetime, room: AbstractAsyncContextManager[object] = ALONE
) -> Generation | float | None:
    """Return the finished generation, or the least seconds until the next look (0: as usual), or None at its end.

    `room` is held while Luma is asked, and no longer: what is slow to be written down must not keep others from asking.
    """
    try:
        async with room:
            generation = await luma.get(job.remote_id or "")
    except errors.NotFound as error:
        if job.accepted_at and now - job.accepted_at > FORGOTTEN_AFTER:
            await ledger(job.fail, trouble.lost(error.detail or ""), now=now)
            return None
        return RETRY_READ * 2
    except (errors.Unauthorized, errors.Suspended) as error:
        job.misses += 1
        await ledger(Gate.close, Gate.Name.KEY, now=now, detail=error.detail or error.sentence)
        return LONGEST_RETRY
    except errors.Error as error:
        job.misses = min(job.misses + 1, 5)
        wait = getattr(error, "retry_after", None) or RETRY_READ * 1.7**job.misses
        return min(LONGEST_RETRY, max(SOONEST_RETRY, float(wait)))
    job.misses = 0
    return await _read(job, generation, ledger, timezone.now())  # the answer may have been long in coming


async def _read(job: Job, generation: Generation, ledger: Ledger, now: datetime) -> Generation | float | None:
    if generation.is_failed:
        await ledger(job.fail, trouble.failed(generation), now=now)
        return None
    if generation.is_completed:
        if generation.has_pictures:
            return generation if await ledger(job.start_saving, now=now) else None
        job.empty_looks += 1
        if job.empty_looks < EMPTY_LOOKS:
            return RETRY_READ
        await ledger(job.fail, trouble.no_picture(), now=now)
        return None
    # Given up only on Luma's own word: after a weekend switched off, the picture may have been ready for days.
    if job.is_lost(now):
        await ledger(job.fail, trouble.no_answer(), now=now)
        return None
    if generation.state == "processing" and job.making_at is None:
        await ledger(job.start_making, now=now)
    return 0.0

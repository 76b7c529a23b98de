"""Follow an id that Luma may have given: ask about it with a free GET, and believe nothing else.

An unclear answer to a POST can hold the id of what was made, and an admin may know it from Luma's dashboard. Such ids
are written on the attempt; the conductor asks about them until one is found or `look_until` is over. An answer that names
several is asked about at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import IntegrityError
from django.utils import timezone

from studio.engine.db_thread import DatabaseThread
from studio.luma import Generation, Luma, answers, errors
from studio.models import Attempt, Job

log = logging.getLogger(__name__)

SOONEST_LOOK, LONGEST_LOOK = timedelta(seconds=5), timedelta(minutes=5)
MOST_AT_ONCE = 10
# The job is still being sent while the ids of its answer are told apart (seconds).
TELL_APART_WALL = 15.0
NOT_KNOWN = "Luma doesn't know this id."
NONE_KNOWN = "Luma's answer held what looks like an id, but Luma doesn't know it."
# Said while it is asked again and after the last time.
UNANSWERED = "Luma gave no usable answer about it."
TAKEN = "This id belongs to another job of Studio."
SEVERAL = "Luma knows more than one of the ids in the answer, so none was believed: {ids}"
ANOTHERS = "Luma knows {id}, but it isn't this request: {why}."


def due(now: datetime) -> list[Attempt]:
    """Return the attempts whose possible ids are to be asked about now."""
    looking = Attempt.objects.filter(look_at__lte=now).select_related("job__submission")
    return list(looking.order_by("look_at")[:MOST_AT_ONCE])


def is_due_by(until: datetime) -> bool:
    return Attempt.objects.filter(look_at__lte=until).exists()


async def look_up(attempt: Attempt, luma: Luma, database: DatabaseThread) -> bool:
    """Ask Luma about the possible ids of one attempt; True when its job is followed from now on."""
    not_known = NOT_KNOWN if attempt.look_by_id else NONE_KNOWN
    known, result, is_certain = await _ask(attempt.possible_ids, not_known, luma, database)
    return await database(_settle, attempt, known, result, is_certain, now=timezone.now())


async def tell_apart(job: Job, error: errors.Doubtful | errors.Disputed, luma: Luma, database: DatabaseThread) -> str:
    """Return the id that an answer means: the one that Luma knows, that fits, and that no other job has.

    The ids are kept before Luma is asked. A refusal is raised as such when Luma certainly knows none of its ids. Raises
    `error` again where it is not certain now which one is meant.
    """
    refusal = error.refusal if isinstance(error, errors.Disputed) else None
    # What refuses the free GET as well refuses everything: nothing came of the POST.
    shut = answers.OF_THE_KEY if refusal and refusal.status in answers.OF_THE_KEY else frozenset()
    try:
        async with asyncio.timeout(TELL_APART_WALL):
            await database(job.keep_possible_ids, error.possible_ids)
            known, _, is_certain = await _ask(error.possible_ids, "", luma, database, shut=shut)
            fitting = [one.id for one in known if not _misfit(one, job)]
            if refusal and is_certain and not fitting:
                await database(job.keep_possible_ids, ())
    except (TimeoutError, DatabaseError):
        raise error from None
    if refusal and is_certain and not fitting:
        raise refusal
    if not is_certain or len(fitting) != 1:
        raise error
    log.info("Of the ids in an answer one is followed", extra=job.log_facts | {"remote_id": fitting[0]})
    return fitting[0]


async def _ask(
    ids: Sequence[str], not_known: str, luma: Luma, database: DatabaseThread, *, shut: frozenset[int] = frozenset()
) -> tuple[list[Generation], str, bool]:
    """Return what Luma knows of these ids, the first reason why one is not among them, and whether all were answered.

    An error of a status in `shut` counts as an answer.
    """
    known: list[Generation] = []
    result = ""
    is_certain = True
    for remote_id in ids:
        if await database(_is_ours, remote_id):
            result = result or TAKEN
            continue
        try:
            known.append(await luma.get(remote_id))
        except errors.NotFound:
            result = result or not_known
        except (errors.Error, ValueError) as error:
            is_certain = is_certain and isinstance(error, errors.Error) and error.status in shut
            result = result or (UNANSWERED if isinstance(error, errors.Unreachable) else str(error))
    return known, result, is_certain


def _is_ours(remote_id: str) -> bool:
    return Job.objects.filter(remote_id=remote_id).exists()


def _settle(attempt: Attempt, known: list[Generation], result: str, is_certain: bool, *, now: datetime) -> bool:
    job = attempt.job
    if job.state != Job.State.UNKNOWN or job.attempts != attempt.number:
        _stop(attempt, result)
        return False
    fitting = [one for one in known if not (why := _misfit(one, job)) or _note(attempt, one, why)]
    if len(fitting) == 1 and (is_certain or attempt.look_by_id):
        try:
            if job.follow(fitting[0].id, now=now):
                log.info("A lost answer's id is followed", extra=job.log_facts)
                return True
        except IntegrityError:
            result = TAKEN
    elif len(fitting) > 1:
        _stop(attempt, SEVERAL.format(ids=", ".join(one.id for one in fitting)))
        job.show_look_result()
        return False
    elif known:
        result = ANOTHERS.format(id=known[0].id, why=_misfit(known[0], job))
    _again(attempt, result, now)
    return False


def _note(attempt: Attempt, generation: Generation, why: str) -> bool:
    log.warning("An id in an answer is not this request's: %s", why, extra={"remote_id": generation.id})
    return False


def _misfit(generation: Generation, job: Job) -> str:
    """Say why a generation that Luma knows cannot be this job's, or "" when it may be."""
    submission = job.submission
    if generation.type and generation.type != submission.type:
        return f"it has the type {generation.type}"
    if generation.model and generation.model != submission.model:
        return f"it was made with {generation.model}"
    return ""


def _again(attempt: Attempt, result: str, now: datetime) -> None:
    """Look again later, more and more seldom: a fresh id may not be visible everywhere yet."""
    began = (attempt.look_until or now) - timedelta(hours=1)
    wait = min(LONGEST_LOOK, max(SOONEST_LOOK, (now - began) / 2))
    if attempt.look_until is None or now + wait > attempt.look_until:
        _stop(attempt, result)
    else:
        Attempt.objects.filter(pk=attempt.pk).update(look_at=now + wait, look_result=result[:200])
    if attempt.look_result != result[:200]:
        attempt.job.show_look_result()


def _stop(attempt: Attempt, result: str) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(look_at=None, look_result=result[:200])

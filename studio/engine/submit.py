"""Send one job: everything is prepared first, the intention is committed, then one POST on a fresh connection."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import IntegrityError
from django.utils import timezone

from studio import failures
from studio.engine import capacity, explain, files, lookup, recovery, restore_guard, spool, storing, wire_order
from studio.engine.db_thread import DatabaseThread
from studio.luma import Luma, errors, prepare
from studio.models import ApiAccount, Attempt, Job, SendingPause
from studio.models.job import MOST_RESENDS
from studio.models.jobs.failure import Failure

log = logging.getLogger(__name__)

# A process that was frozen between the commit and the POST must not send: its job may be settled by another by now,
# at the earliest when the lease of the conductor that was just renewed ends (ConductorLease, 10 s).
STALE = 7.0  # seconds
UNREACHABLE_BEFORE_GATE = 2
# A disk that is not full and still refuses: some three minutes of trying, then a person is asked.
MOST_PREPARATIONS = 10
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 30.0  # seconds


async def send(job: Job, luma: Luma, database: DatabaseThread, *, now: datetime) -> bool:
    """Send a claimed job and store what became of it. True when Luma took it and it is to be followed."""
    try:
        ready = await _make_ready(job, luma, database, now=now)
    except DatabaseError:
        log.exception("A job could not be sent, because the database did not answer", extra=job.log_facts)
        await database.insist(_let_go, job)
        return False
    return ready is not None and await _post(job, *ready, luma, database)


async def _make_ready(job: Job, luma: Luma, database: DatabaseThread, *, now: datetime) -> tuple[Attempt, bytes] | None:
    """Prepare the request and commit that it is being sent; None when it is not to be sent now."""
    order = await database(wire_order.load, job, now)
    if refused := files.refusal(order.inputs, order.files):
        await database(job.fail, refused, now=now)
        return None
    if any(file.is_under_way for file in order.files.values()):
        await database(job.await_files, until=now + files.PUT_OFF)
        return None
    try:
        body = prepare(await wire_order.request(order))
    except wire_order.Unsendable as problem:
        await database(job.fail, problem.why, now=now)
        return None
    except OSError as problem:
        await database(_postpone_unprepared, job, problem, now)
        return None
    # Tables can be put back under a running studio. Once this job has moved, they can look as new as they were.
    await database(recovery.ask_if_put_back, now=now)
    began = time.monotonic()
    attempt = await database(
        job.begin_sending,
        provider=settings.LUMA_BASE_URL,
        weight=job.weight,
        until=now + capacity.SENDING_LEASE,
        now=now,
    )
    if attempt is None or not await _is_marked(job, database):
        return None
    if time.monotonic() - began > STALE:
        # Nothing was sent. If the lease is another's by now, this changes nothing either.
        detail = "Studio was asleep before it was sent."
        back = timezone.now()
        await database(job.requeue, until=now, detail=detail, status=None, now=back, was_posted=False)
        return None
    return attempt, body


async def _is_marked(job: Job, database: DatabaseThread) -> bool:
    """Advance the restore guard to this job. If that fails the job is postponed: nothing was sent yet."""
    now = timezone.now()
    try:
        await database(restore_guard.advance, job, now=now)
    except OSError as problem:
        log.warning("The mark cannot be moved: %s", problem.strerror, extra=job.log_facts)
        await database(storing.blame_disk, problem, now=now)
        await database(_requeue_unposted, job, problem, now)
        return False
    return True


async def _post(job: Job, attempt: Attempt, body: bytes, luma: Luma, database: DatabaseThread) -> bool:
    doubtful: Sequence[str] = ()
    try:
        try:
            created = await luma.create_prepared(body, request_id=str(attempt.request_id))
            remote_id, per_minute = created.generation.id, created.per_minute
        except (errors.Doubtful, errors.Disputed) as error:
            doubtful, per_minute = error.possible_ids, None
            remote_id = await lookup.tell_apart(job, error, luma, database)
    except errors.Error as error:
        await database.insist(settle, job, error, now=timezone.now())
        return False
    except asyncio.CancelledError:
        stopped = Failure.of(failures.ANSWER_LOST, detail="Stopped while waiting for the answer.")
        await database(_mark_unknown, job, stopped, possible_ids=doubtful)
        raise
    if not await _store_id(job, attempt, remote_id, database):
        return False
    if per_minute:
        await database(_learn_rate, per_minute)
    opened = (SendingPause.Reason.FUNDS, SendingPause.Reason.KEY, SendingPause.Reason.API, SendingPause.Reason.LOST)
    await database(SendingPause.resume, *opened, paused_before=attempt.sent_at)
    await database(capacity.resume_if_taken, sent_at=attempt.sent_at, now=timezone.now())
    return True


async def _store_id(job: Job, attempt: Attempt, remote_id: str, database: DatabaseThread) -> bool:
    """The very next thing after the answer. What the database cannot take goes to the spool.

    When another machine has settled the job meanwhile, because this one was silent, it takes the id all the same.
    """
    try:
        if await database(job.accept, remote_id, now=timezone.now()):
            return True
    except IntegrityError:
        log.error("Luma gave an id twice", extra=job.log_facts | {"remote_id": remote_id})
        twice = f"Luma answered with the id of another job: {remote_id}"
        await database(_lose_answer, job, Failure.of(failures.ANSWER_LOST, detail=twice), now=timezone.now())
        return False
    except DatabaseError:
        log.exception("The id could not be stored; it is spooled", extra=job.log_facts | {"remote_id": remote_id})
        try:
            spool.keep(attempt.request_id, remote_id)
        except OSError:
            # The disk takes nothing either, such as a full one: until it does, only this process knows the id.
            return await database.insist(job.accept, remote_id, now=timezone.now())
        return False
    spool.keep(attempt.request_id, remote_id)
    await database(spool.adopt_all, now=timezone.now())
    return False


def settle(job: Job, error: errors.Error, *, now: datetime) -> None:
    """Move a job that was not accepted to where its answer says: back in line, refused, or unknown.

    Only what certainly did not arrive goes back in line, and at most MOST_RESENDS times in a row.
    """
    log.info("A request ended without an id: %s", type(error).__name__, extra=job.log_facts | {"status": error.status})
    match error:
        case errors.RateLimited():
            until = capacity.learn(error, job, now=now)
            is_full = isinstance(error, errors.AtCapacity)
            _requeue(job, error, Job.HoldReason.CAPACITY if is_full else Job.HoldReason.RATE, until=until, now=now)
        case errors.OutOfFunds():
            _close(SendingPause.Reason.FUNDS, job, error, now)
            _requeue(job, error, Job.HoldReason.FUNDS, until=now, now=now)
        case errors.Unauthorized():
            _close(SendingPause.Reason.KEY, job, error, now)
            _requeue(job, error, Job.HoldReason.KEY, until=now, now=now)
        case errors.NotSent():
            # What refuses one request on the way refuses them all.
            if isinstance(error, errors.TurnedAway) or job.resends + 1 >= UNREACHABLE_BEFORE_GATE:
                _close(SendingPause.Reason.API, job, error, now)
            _requeue(job, error, Job.HoldReason.UNREACHABLE, until=now + _backoff(job), now=now)
        case errors.Rejected():
            files.distrust(job, now=now)
            job.fail(explain.refused(job, error), now=now)
        case _:
            possible_ids = error.possible_ids if isinstance(error, errors.Ambiguous) else ()
            _lose_answer(job, explain.ambiguous(error), possible_ids=possible_ids, now=now)


def _lose_answer(job: Job, why: Failure, *, now: datetime, possible_ids: Sequence[str] = ()) -> None:
    """An answer was waited for, and it says of nothing where it is: a few of these stop sending for everybody."""
    _mark_unknown(job, why, possible_ids=possible_ids, answer_lost=True)
    capacity.brake_on_lost_answers(job, now=now)


def _requeue(job: Job, error: errors.Error, reason: str, *, until: datetime, now: datetime) -> None:
    """Put a job that certainly was not accepted back in line, or ask a person once that was done often enough."""
    if job.resends >= MOST_RESENDS and not job.is_tried:
        job.fail_after_misses(explain.never_accepted(reason, error, job.resends + 1), now=now)
        return
    detail = error.detail or error.sentence
    job.requeue(until=until, detail=detail, status=error.status, now=now, reason=reason)


def _mark_unknown(job: Job, why: Failure, *, possible_ids: Sequence[str] = (), answer_lost: bool = False) -> bool:
    now = timezone.now()
    until = capacity.place_until(job, now=now)
    return job.mark_unknown(why, now=now, place_until=until, possible_ids=possible_ids, answer_lost=answer_lost)


def _let_go(job: Job) -> None:
    """Put a job that certainly was not posted back in line, if it is still ours."""
    ours = Job.objects.in_progress().filter(pk=job.pk, lease_owner=job.lease_owner, lease_epoch=job.lease_epoch).first()
    now = timezone.now()
    if ours and ours.state == Job.State.SENDING:
        detail = "The database did not answer before it was sent."
        ours.requeue(until=now, detail=detail, status=None, now=now, was_posted=False)
    elif ours and ours.state == Job.State.WAITING:
        ours.postpone(until=now)


def _backoff(job: Job) -> timedelta:
    return timedelta(seconds=min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(job.fetches, 5)))


def _close(name: str, job: Job, error: errors.Error, now: datetime) -> None:
    """Stop sending for everybody, unless it is this job alone that is refused."""
    if capacity.is_refused_alone(job):
        return
    SendingPause.pause(name, now=now, detail=error.detail or error.sentence, request_id=str(job.request_id or ""))


def _postpone_unprepared(job: Job, problem: OSError, now: datetime) -> None:
    """Our own disk is at fault. A full one stops sending for everybody; another fault is tried a few times."""
    log.warning("A job cannot be prepared yet: %s", problem.strerror, extra=job.log_facts)
    if not storing.blame_disk(problem, now=now) and job.fetches >= MOST_PREPARATIONS:
        job.fail(_not_prepared(problem), now=now)
    else:
        job.postpone(until=now + _backoff(job))


def _requeue_unposted(job: Job, problem: OSError, now: datetime) -> None:
    log.warning("The mark cannot be moved: %s", problem.strerror, extra=job.log_facts)
    if not storing.blame_disk(problem, now=now) and job.fetches >= MOST_PREPARATIONS:
        job.fail_after_misses(_not_prepared(problem), now=now)
        return
    detail = f"Studio's disk refused: {problem.strerror}"
    job.requeue(until=now + _backoff(job), detail=detail, status=None, now=now, was_posted=False)


def _not_prepared(problem: OSError) -> Failure:
    """Our own disk or decoder keeps failing; nothing was sent."""
    return Failure.of(failures.NOT_PREPARED, detail=problem.strerror or type(problem).__name__)


def _learn_rate(limit: int) -> None:
    ApiAccount.current().learn(now=timezone.now(), per_minute=limit)

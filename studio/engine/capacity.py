"""Who may be sent now: slots and requests of the one account, pauses, and fair turns."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Q

from studio.engine import storing
from studio.luma import errors
from studio.luma.client import CREATE_WALL
from studio.models import ApiAccount, Attempt, Job, SendingPause
from studio.models.account.rights import over_running_cap
from studio.models.jobs.timing import usual
from studio.models.revision import Revision
from studio.models.sql.compiled_query import CompiledQuery
from studio.models.sql.frame import LONG_SILENCE

# One claim covers the longest wait for an answer to a POST, and then some.
SENDING_LEASE = timedelta(seconds=180)
# What Luma's own sample waits before it tries for a slot again (luma-api.md section 6.3), then three times as long: all
# that one job waits outlasts a minute, for which Luma counts requests.
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(seconds=45)
# POSTs without an answer yet. An outage loses what is on the wire, so two at a time; where answers are slow (seconds),
# three if they are needed to keep up with the account's requests a minute, and no more: an outage is to cost three at
# most. Three keep up with thirty a minute while answers take up to six seconds. After a lost answer one at a time,
# until one comes back.
FEWEST_ON_WIRE, MOST_ON_WIRE = 2, 3
SLOW_ANSWER = 2.0
# While nothing else leaves, an answer that takes longer is why the others wait.
SILENT = timedelta(seconds=10)
# When the last request left, and whether that is long ago.
Silence = tuple[datetime, bool]
LONGEST_ANSWER = timedelta(seconds=CREATE_WALL)
# How long a lost request is taken to hold its place at Luma without a history of its kind.
UNKNOWN_PLACE = timedelta(seconds=60)


def most_on_wire(account: ApiAccount, answer_seconds: float, *, now: datetime) -> int:
    """Return how many POSTs may wait for an answer at once, by how long answers take here (seconds)."""
    if Attempt.is_suspect(now - SendingPause.LOST_WITHIN, now):
        return 1
    if answer_seconds < SLOW_ANSWER:
        return FEWEST_ON_WIRE
    return min(MOST_ON_WIRE, max(FEWEST_ON_WIRE, math.ceil(account.per_minute / 60 * answer_seconds)))


def place_until(job: Job, *, now: datetime) -> datetime:
    """Return until when a lost request of this kind may hold its place: as long as nearly all of its kind take."""
    known = usual(job.submission.type, job.submission.model, now=now)
    return (job.sent_at or now) + (timedelta(seconds=known.high) if known else UNKNOWN_PLACE)


def brake_on_lost_answers(job: Job, *, now: datetime) -> None:
    """Stop sending once several answers were lost within a minute: each may have been paid for."""
    lost = Attempt.lost_since(now - SendingPause.LOST_WITHIN, now)
    if lost >= SendingPause.MOST_LOST or SendingPause.objects.filter(pk=SendingPause.Reason.LOST):
        SendingPause.pause(SendingPause.Reason.LOST, now=now, detail=job.detail, request_id=str(job.request_id or ""))
        if lost > SendingPause.MOST_LOST:
            # What was still on the wire is lost too: it took the place of the first probe.
            SendingPause.skip_first_probe(SendingPause.Reason.LOST, now=now)


def is_refused_alone(job: Job) -> bool:
    """Whether others were accepted since the first of this job's misses in a row: what refuses it refuses no other."""
    misses = job.attempts_made.filter(number__gte=job.attempts - job.resends, outcome=Attempt.Outcome.HELD)
    first = misses.order_by("number").first()
    if first is None:
        return False
    return Attempt.objects.filter(sent_at__gt=first.sent_at, outcome__in=Attempt.ARRIVED).exclude(job=job).exists()


def pauses_to_ask(*, now: datetime) -> list[str]:
    """Return the pauses whose turn for a probe has come and whose cause a free GET can show."""
    pauses = list(SendingPause.objects.all())
    if not all(pause.may_probe(now) for pause in pauses):
        return []
    return [pause.reason for pause in pauses if pause.is_free_to_ask]


def keep_paused(names: list[str], error: errors.Error, *, now: datetime) -> None:
    """A free GET failed as well: nothing paid is tried, and the next look comes later."""
    detail = error.detail or error.sentence
    for name in {*names, SendingPause.Reason.KEY} if isinstance(error, errors.Unauthorized) else names:
        SendingPause.pause(name, now=now, detail=detail)


def resume_if_nothing_waits(names: list[str], *, now: datetime) -> None:
    """A free GET was answered. Where nobody waits there is no paid request that could prove more."""
    if not Job.objects.in_progress().exclude(state=Job.State.SAVING).exists():
        SendingPause.resume(*names)


def admit(owner: str, *, now: datetime, most: int = 16, answer_seconds: float = 0.0) -> list[Job]:
    """Claim the jobs that may be sent now, in fair order, and return them.

    `answer_seconds`: how long Luma has lately taken to answer a POST.
    """
    if not Job.objects.waiting().due(now).exists() and not ApiAccount.current().is_to_try(now):
        return []
    storing.watch_disk(now=now)
    pauses = list(SendingPause.objects.all())
    if not all(pause.may_probe(now) for pause in pauses):
        return []
    # Counting and claiming are one: a second conductor, there for a moment, must not count the same slots as free.
    with transaction.atomic():
        account = ApiAccount.locked()
        account.relax(now=now)
        if account.is_to_try(now) and not pauses:
            return _try(owner, account, now=now)
        on_wire = 1 if pauses else most_on_wire(account, answer_seconds, now=now)
        return _admit(owner, account, on_wire=on_wire, now=now, most=most, is_probe=bool(pauses))


def _try(owner: str, account: ApiAccount, *, now: datetime) -> list[Job]:
    """Claim one job because an admin said so, whatever is believed of Luma: its answer tells."""
    # Not one whose pictures are still on their way; that another try comes later holds none.
    line = Job.objects.waiting().exclude(hold_reason=Job.HoldReason.FILES, due_at__gt=now).unleased(now)
    job = _next(line, now, {}, is_probe=True)
    if job is None:
        return []
    weight = account.weight_of(job.submission.type, job.submission.model)
    claimed = Job.objects.waiting().claim(owner, [job.pk], until=now + SENDING_LEASE, now=now, weight=weight)
    for one in claimed:
        one.is_tried = True
    account.end_try()
    return claimed


def _admit(owner: str, account: ApiAccount, *, on_wire: int, now: datetime, most: int, is_probe: bool) -> list[Job]:
    if account.is_paused(now):
        return []
    busy = Job.objects.occupying(now).weight()
    on_the_way = Job.objects.on_the_way(now).count()
    sending = Job.objects.in_progress().filter(state=Job.State.SENDING).count()
    most = min(most, on_wire - on_the_way - sending)
    left = account.left_this_minute(now) - on_the_way
    admitted: list[Job] = []
    served: dict[int, datetime] = {}
    while len(admitted) < most and (
        job := _next(Job.objects.waiting().due(now).unleased(now), now, served, is_probe=is_probe)
    ):
        # What the window refused goes alone: what is lighter, at the same time, would take the room that is left for it.
        is_refused = job.hold_reason == Job.HoldReason.RATE
        if is_refused and (admitted or on_the_way or sending):
            break
        weight = account.weight_of(job.submission.type, job.submission.model)
        # A job heavier than the whole account goes when nothing else is under way, and one heavier than a whole minute
        # when nothing was sent in it, or they would wait for ever.
        if (busy and busy + weight > account.slots) or (weight > left and left < account.per_minute):
            break
        served[job.person_id] = now + timedelta(microseconds=len(served) + 1)
        # Among the waiting: somebody may have cancelled it a moment ago.
        line = Job.objects.waiting()
        if claimed := line.claim(owner, [job.pk], until=now + SENDING_LEASE, now=now, weight=weight):
            admitted += claimed
            busy += weight
            left -= weight
        if is_refused:
            break
    return admitted


def _next(ready: Any, now: datetime, served: dict[int, datetime], *, is_probe: bool) -> Job | None:
    """The oldest job of the person served longest ago; prioritized jobs go before everybody's.

    Next go those that the window refused: it may count weights (luma-api.md section 8.4), and lighter ones would pass a
    heavy one until it is given up.
    Who has as many jobs running as their cap allows is passed over. A pause is probed by a job that has missed least: the
    one that brought it may be refused for itself.
    """
    if is_probe:
        ready = ready.filter(resends=ready.aggregate(fewest=Min("resends"))["fewest"])
    if capped := over_running_cap(now):
        ready = ready.exclude(person__in=capped)
    first: Job | None = (
        ready.filter(Q(prioritized=True) | Q(hold_reason=Job.HoldReason.RATE))
        .select_related("submission")
        .order_by("-prioritized", "created_at", "pk")
        .first()
    )
    if first:
        return first
    people = ready.values("person").annotate(served_at=F("person__served_at"), since=Min("created_at"))
    turns = [
        (served.get(p["person"]) or p["served_at"] or datetime.min.replace(tzinfo=now.tzinfo), p["since"], p["person"])
        for p in people
    ]
    if not turns:
        return None
    person = min(turns)[2]
    # A single picture passes a big batch of the same person.
    own = ready.filter(person=person).select_related("submission")
    oldest: Job | None = own.order_by(
        F("submission__count").asc() if len(turns) > 1 else "created_at", "created_at", "pk"
    ).first()
    return oldest


def learn(error: errors.RateLimited, job: Job, *, now: datetime) -> datetime:
    """Believe a 429 and return when the job may be tried again."""
    account = ApiAccount.current()
    if isinstance(error, errors.AtCapacity):
        if error.limit_weight or error.needs_weight:
            kind = f"{job.submission.type}:{job.submission.model}"
            weight = (kind, error.needs_weight) if error.needs_weight else None
            account.learn(now=now, slots=error.limit_weight, weight=weight)
        else:
            account.learn_refusal(Job.objects.occupying(now).exclude(pk=job.pk).weight(), now=now)
        # A place of ours that is freed wakes it sooner.
        return now + _longer_wait(job)
    account.learn(now=now, per_minute=error.per_minute)
    named = timedelta(seconds=error.retry_after) if error.retry_after else None
    # One that did not help, or that names a time in the past, would use up the tries of one job after the other.
    wait = named if named and not job.resends else max(named or FIRST_WAIT, _longer_wait(job))
    account.pause(now + wait, now=now)
    return now + wait


def _longer_wait(job: Job) -> timedelta:
    """How long a job waits that was refused so often, where Luma names no time."""
    return min(LONGEST_WAIT, FIRST_WAIT * int(3 ** min(job.resends, 5)))


def resume_if_taken(*, sent_at: datetime, now: datetime) -> None:
    """Luma took a request although it had asked to wait: nobody else waits for that any more."""
    if ApiAccount.end_pause(sent_at=sent_at, now=now):
        Job.objects.waiting().filter(due_at__gt=now, hold_reason=Job.HoldReason.RATE).update(due_at=now)


_LAST_SENT: CompiledQuery[Job] = CompiledQuery(
    lambda: (
        Job.objects.in_progress()
        .filter(state=Job.State.SENDING, sent_at__isnull=False)
        .order_by("-sent_at")
        .values_list("sent_at", flat=True)[:1]
    )
)


def silent_since(now: datetime) -> datetime | None:
    """Return when the last request left, if that is long ago and all that are on the wire still wait for an answer."""
    last: datetime | None = _LAST_SENT.first()
    return last if last and last <= now - SILENT else None


def tell_silence(told: Silence | None, *, now: datetime) -> Silence | None:
    """Let the pages look again once Luma answers nothing that is on the wire, and once that is long; return the two."""
    since = silent_since(now)
    silence = (since, since <= now - LONG_SILENCE) if since else None
    if silence and silence != told:
        Revision.bump()
    return silence


def wake_waiting(*, now: datetime) -> None:
    """A slot was freed: whoever waits for one may try at once."""
    Job.objects.waiting().filter(due_at__gt=now, hold_reason=Job.HoldReason.CAPACITY).update(due_at=now)

"""Who may be sent now: slots and requests of the one account, gates, and fair turns."""

from __future__ import annotations

import errno
import shutil
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min

from studio.luma import errors
from studio.models import Account, Gate, Job

# One claim covers the longest wait for an answer to a POST, and then some.
SENDING_LEASE = timedelta(seconds=180)
DISK_FLOOR = 512 * 1024 * 1024  # bytes: a day of pictures in flight fits twice
FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
# What Luma's own sample waits before it tries for a slot again (luma-api.md section 6.3).
SLOT_WAIT = timedelta(seconds=5)


def admit(owner: str, *, now: datetime, most: int = 16) -> list[Job]:
    """Claim the jobs that may be sent now, in fair order, and return them."""
    if not Job.objects.waiting().due(now).exists():
        return []
    watch_disk(now=now)
    gates = list(Gate.objects.all())
    if not all(gate.may_probe(now) for gate in gates):
        return []
    # Counting and claiming are one: a second conductor, there for a moment, must not count the same slots as free.
    with transaction.atomic():
        return _admit(owner, Account.locked(), probing=bool(gates), now=now, most=most)


def _admit(owner: str, account: Account, *, probing: bool, now: datetime, most: int) -> list[Job]:
    if account.is_paused(now):
        return []
    busy = Job.objects.occupying(now).weight()
    on_the_way = Job.objects.on_the_way(now).count()
    if probing:
        most = min(most, 1 - on_the_way - Job.objects.in_progress().filter(state=Job.State.SENDING).count())
    left = account.left_this_minute(now) - on_the_way
    admitted: list[Job] = []
    served: dict[int, datetime] = {}
    while len(admitted) < most and (job := _next(now, served)):
        weight = account.weight_of(job.submission.type, job.submission.model)
        # A job heavier than the whole account goes when nothing else is under way, or it would wait for ever.
        if (busy and busy + weight > account.slots) or weight > left:
            break
        served[job.person_id] = now + timedelta(microseconds=len(served) + 1)
        # Among the waiting: somebody may have cancelled it a moment ago.
        line = Job.objects.waiting()
        if claimed := line.claim(owner, [job.pk], until=now + SENDING_LEASE, now=now, weight=weight):
            admitted += claimed
            busy += weight
            left -= weight
    return admitted


def _next(now: datetime, served: dict[int, datetime]) -> Job | None:
    """The oldest job of the person served longest ago; lifted jobs go before everybody's."""
    ready = Job.objects.waiting().due(now).unleased(now)
    lifted = ready.filter(lifted=True).select_related("submission").order_by("created_at", "pk").first()
    if lifted:
        return lifted
    people = ready.values("person").annotate(served_at=F("person__served_at"), since=Min("created_at"))
    turns = [
        (served.get(p["person"]) or p["served_at"] or datetime.min.replace(tzinfo=now.tzinfo), p["since"], p["person"])
        for p in people
    ]
    if not turns:
        return None
    person = min(turns)[2]
    # A single picture passes a big batch of the same person.
    return (
        ready.filter(person=person)
        .select_related("submission")
        .order_by(F("submission__count").asc() if len(turns) > 1 else "created_at", "created_at", "pk")
        .first()
    )


def watch_disk(*, now: datetime) -> None:
    """Close the disk gate while there is no room to store what would come back, and open it by itself."""
    free = shutil.disk_usage(settings.STUDIO_DATA).free
    if free < DISK_FLOOR:
        Gate.close(Gate.Name.DISK, now=now, detail=f"{free // 2**20} MB free")
    else:
        Gate.open(Gate.Name.DISK)


def blame_disk(problem: OSError, *, now: datetime) -> None:
    """Close the disk gate if it was the disk that refused."""
    if problem.errno in FULL_DISK:
        Gate.close(Gate.Name.DISK, now=now, detail=problem.strerror or "")


def learn(error: errors.RateLimited, job: Job, *, now: datetime) -> datetime:
    """Believe a 429 and return when the job may be tried again. No attempt is spent on it."""
    account = Account.current()
    if isinstance(error, errors.AtCapacity):
        kind = f"{job.submission.type}:{job.submission.model}"
        account.learn(slots=error.limit_weight, weight=(kind, error.needs_weight) if error.needs_weight else None)
        return now + SLOT_WAIT
    account.learn(per_minute=error.limits.limit if error.limits else None)
    until = now + timedelta(seconds=error.retry_after or 5.0)
    account.pause(until)
    return until


def wake_waiting(*, now: datetime) -> None:
    """A slot was freed: whoever waits for one may try at once."""
    Job.objects.waiting().filter(due_at__gt=now, due_at__lte=now + SLOT_WAIT).update(due_at=now)


def places_in_line() -> dict[int, int]:
    """Return the place of every waiting job by its key, 1 for the next, in the order of `admit` as far as foreseen."""
    waiting = Job.objects.waiting().order_by("created_at", "pk")
    turns: dict[int, int] = {}
    order = []
    for rank, (pk, person, lifted, served) in enumerate(
        waiting.values_list("pk", "person_id", "lifted", "person__served_at")
    ):
        turns[person] = turns.get(person, 0) + 1
        order.append((not lifted, turns[person], served.timestamp() if served else 0.0, rank, pk))
    return {row[-1]: place for place, row in enumerate(sorted(order), start=1)}

"""What a start finds, and what a sweep mends: tables put back, dead holders, stale leases, spooled ids, stuck rows."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django_q.tasks import async_task

from studio import failures
from studio.engine import capacity, restore_guard, spool
from studio.models import ConductorLease, Job, Machine, Picture
from studio.models.jobs.failure import Failure
from studio.models.lease import LEASE_LIFE, boot_id

log = logging.getLogger(__name__)

# Work files of a process that died; a living one is done with its own long before.
STRAY_AFTER = 3600.0  # seconds
RENDITION_PATIENCE = timedelta(seconds=60)
MOST_REQUESTED = 4
# What is only asked about or fetched: two who do it at once lose nothing.
FOLLOWED = (Job.State.RUNNING, Job.State.SAVING)
# A launcher that runs a conductor tells every two seconds that it is alive. One that has not, for so long beside a
# conductor that took over, is dead or cut off: nothing that it had on the wire is waited for any longer.
SILENCE = timedelta(seconds=5)


class Predecessor(NamedTuple):
    """The holder of the lease that is gone."""

    holder: str
    # Whether it was a process of this machine that has ended, an earlier slice of this process, which had no database at its
    # end, or of a launcher that was started anew since. Otherwise it is only known to be silent.
    is_dead: bool
    host: str
    # When its machine last told that it is alive, and since when (by our clock) it has not told it again.
    seen_at: datetime | None
    since: datetime


def recover(owner: str, gone: Predecessor | None, *, now: datetime) -> None:
    """Put in order what the last conductor left behind. One of another machine is only silent: what it follows is
    taken over, and what it may have on the wire keeps its time, until its machine is silent too (settle_silent).
    """
    ask_if_put_back(now=now)
    if gone:
        left = Job.objects.leased_by(gone.holder).exclude(lease_owner=owner)
        if not gone.is_dead:
            # Claimed a moment ago, it may be about to be sent: it holds its place, and soon is somebody's.
            is_old = Q(state=Job.State.WAITING, lease_until__lt=now + capacity.SENDING_LEASE - LEASE_LIFE)
            left = left.filter(Q(state__in=FOLLOWED) | is_old)
        left.update(lease_until=now - timedelta(seconds=1))
    sweep(owner, now=now)
    _clear_work_folder()


def settle_silent(owner: str, gone: Predecessor, *, now: datetime) -> Predecessor | None:
    """Settle what a machine had on the wire that gave no sign of life since we took over; None once that is done.

    Each becomes unknown, or is followed where its id is known: nothing is sent again. If the machine was only frozen,
    an answer that it reads later is given to its job (submit), and what it has not posted yet it does not post (STALE).
    """
    machine = Machine.conductor_of(gone.host)
    seen_at = machine.seen_at if machine else None
    if seen_at != gone.seen_at:
        return gone._replace(seen_at=seen_at, since=now)
    if seen_at is None or now - gone.since < SILENCE:
        return gone
    left = Job.objects.leased_by(gone.holder).exclude(lease_owner=owner)
    left.update(lease_until=now - timedelta(seconds=1))
    sweep(owner, now=now)
    return None


def sweep(owner: str, *, now: datetime) -> None:
    """Adopt spooled ids, then say of every request whose sender is gone that its outcome is unknown."""
    spool.adopt_all(now=now)
    sending = Job.objects.in_progress().filter(state=Job.State.SENDING).unleased(now)
    for job in sending.select_related("submission"):
        claimed = Job.objects.claim(owner, [job.pk], until=now + timedelta(seconds=30), now=now)
        why = Failure.of(failures.ANSWER_LOST, detail="Studio stopped before the answer came.")
        until = capacity.place_until(job, now=now)
        if claimed and claimed[0].mark_unknown(why, now=now, place_until=until):
            log.warning("The outcome of a request is unknown", extra=job.log_facts)


def ask_if_put_back(*, now: datetime) -> int:
    """Ask a person about everything that waited when the tables were put back to an earlier state; how much it was.

    What was asked for after the last request that was sent from here cannot have been sent, and just waits.
    """
    try:
        known = restore_guard.read()
        if known is None or not known.is_ahead():
            return 0
        asked = ask_before_sending(now=now, until=known.until)
        log.warning("The tables were put back to an earlier state: %d waiting jobs ask before they are sent", asked)
        restore_guard.renew(known.until)
    except OSError:
        # Nothing is lost by going on: a mark that cannot be read or written lets nothing be sent (submit).
        log.exception("The file of the restore guard cannot be used")
        return 0
    return asked


def ask_before_sending(*, now: datetime, until: datetime | None = None) -> int:
    """Make every waiting job unknown, or those asked for by `until`, all at once, and return how many."""
    asked = 0
    waiting = Job.objects.waiting().filter(created_at__lte=until) if until else Job.objects.waiting()
    with transaction.atomic():
        # All rows are locked before the first of them raises the counter: a person's click locks in this order too.
        for job in waiting.order_by("pk").select_for_update():
            asked += job.mark_unknown_after_restore(Failure.of(failures.PUT_BACK), now=now)
    return asked


def request_renditions(*, now: datetime) -> int:
    """Ask again for renditions that nobody made: their wake-up was lost, or their maker died."""
    asked = list(_late(now).order_by("renditions_due_at").values_list("pk", flat=True)[:MOST_REQUESTED])
    for pk in asked:
        async_task("studio.tasks.make_renditions", pk, cluster="studio")
    Picture.objects.filter(pk__in=asked).update(renditions_due_at=now)
    return len(asked)


def renditions_are_late(now: datetime) -> bool:
    """Whether somebody has to request renditions, although no job is under way."""
    return _late(now).exists()


def _late(now: datetime) -> QuerySet[Picture]:
    return Picture.objects.filter(renditions_due_at__lt=now - RENDITION_PATIENCE)


def predecessor(*, now: datetime) -> Predecessor | None:
    """Name the holder of the lease that is gone: known to be dead, or silent on another machine."""
    lease = ConductorLease.objects.filter(pk="conductor").exclude(holder="").first()
    if lease is None:
        return None
    is_dead = lease.is_dead_here() or lease.is_ours()
    if not is_dead and lease.until > now:
        return None
    machine = Machine.conductor_of(lease.host)
    # A container that starts again keeps its name, and none of its processes.
    is_dead |= machine is not None and machine.started_at > lease.until - LEASE_LIFE and lease.boot != boot_id()
    return Predecessor(lease.holder, is_dead, lease.host, machine.seen_at if machine else None, now)


def _clear_work_folder() -> None:
    before = time.time() - STRAY_AFTER
    for stray in settings.WORK_DIR.glob("*"):
        try:
            if stray.lstat().st_mtime >= before:
                continue
            if stray.is_dir():
                shutil.rmtree(stray)
            else:
                stray.unlink()
        except OSError:
            continue  # its owner was quicker

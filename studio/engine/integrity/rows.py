"""Check the rows of jobs: followed while active, explained and released at their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q

from studio.engine.integrity.finding import Finding
from studio.failures import CAUSES
from studio.models import Attempt, ConductorLease, GalleryMonth, Job, JobCount, SendingPause, Submission
from studio.models.account import hand_over
from studio.text import plurals

# A conductor looks at everything that is due every few seconds; this leaves room for a busy machine.
PATIENCE = timedelta(minutes=10)
CHARGES = {
    Job.State.WAITING: [Job.Charge.NONE],
    Job.State.SENDING: [Job.Charge.HELD],
    Job.State.RUNNING: [Job.Charge.HELD],
    Job.State.SAVING: [Job.Charge.CHARGED],
    Job.State.DONE: [Job.Charge.CHARGED],
    Job.State.UNKNOWN: [Job.Charge.MAYBE],
    Job.State.CANCELLED: [Job.Charge.NONE],
}


def broken(now: datetime) -> Iterator[Finding]:
    yield from _living()
    yield from _forgotten(now)
    yield from _ended()
    yield from _unexplained()
    yield from _charges()
    yield from _outputs()
    yield from _counters()


def _living() -> Iterator[Finding]:
    for job in Job.objects.in_progress().filter(due_at=None):
        yield _about(job, "active-is-due", "is active, but nobody will look at it: it has no time.", repairable=True)
    for job in Job.objects.at_luma().filter(Q(remote_id=None) | Q(remote_id="")):
        yield _about(job, "followed-by-id", "is said to be at Luma, but has no id to follow it by.")


def _forgotten(now: datetime) -> Iterator[Finding]:
    """Only while somebody conducts: with the studio stopped, everything waits and nothing is wrong."""
    if not ConductorLease.is_live(now=now):
        return
    unheld = Q(lease_until=None) | Q(lease_until__lt=now - PATIENCE)
    overdue = Job.objects.in_progress().filter(unheld, due_at__lt=now - PATIENCE)
    for job in overdue.exclude(state=Job.State.WAITING):
        yield _about(job, "followed-while-active", f"is due since {job.due_at:%H:%M} and nobody follows it.")
    if SendingPause.objects.exists() or Job.objects.occupying(now).exists():
        return
    for job in overdue.waiting():
        yield _about(job, "sent-in-time", f"is due since {job.due_at:%H:%M}, nothing is in its way, and it waits.")


def _ended() -> Iterator[Finding]:
    # What somebody stopped waiting for has ended for people, and is still polled.
    watched = Job.objects.watched().values("pk")
    ended = Job.objects.filter(state__in=Job.FINISHED).exclude(pk__in=watched)
    for job in ended.exclude(lease_owner="", lease_until=None):
        yield _about(job, "ended-is-free", "has ended and is still leased.", repairable=True)
    for job in ended.filter(Q(finished_at=None) | Q(due_at__isnull=False)):
        yield _about(job, "ended-has-its-time", "has ended without saying when, or is still due.")


def _unexplained() -> Iterator[Finding]:
    for job in Job.objects.failures().filter(Q(sentence="") | ~Q(cause__in=CAUSES)):
        yield _about(
            job, "failure-is-explained", f"ended badly and says: {job.sentence or 'nothing'} ({job.cause or '?'})."
        )
    # Tables that were put back know of no request; a job that waited in them is unknown all the same.
    lost = Q(attempts_made__outcome=Attempt.Outcome.UNKNOWN, attempts_made__asked_by=None)
    for job in Job.objects.filter(lost, state=Job.State.UNKNOWN, request_id=None).distinct():
        yield _about(job, "failure-is-explained", "is unknown and has no request id to quote to Luma's support.")


def _charges() -> Iterator[Finding]:
    for state, charges in CHARGES.items():
        for job in Job.objects.filter(state=state).exclude(charge__in=charges):
            yield _about(job, "charge-fits-state", f"says that it costs: {job.get_charge_display().lower()}.")


def _outputs() -> Iterator[Finding]:
    done = Job.objects.filter(state=Job.State.DONE).values("pk", "remote_id")
    own = Q(pictures__kept_from=None)
    counted = done.annotate(found=Count("pictures", filter=own), last=Max("pictures__position", filter=own, default=0))
    one = ~Q(submission__type=Submission.Type.LAYERS) & Q(found__gt=1)
    for job in counted.filter(Q(found=0) | one | ~Q(found=F("last") + 1)):
        yield Finding(
            invariant="done-has-its-pictures",
            sentence=f"J-{job['pk']} is done and has {plurals.counted(job['found'], 'picture')}.",
            job=job["pk"],
            repairable=job["found"] == 0 and job["remote_id"] is not None,
        )


def _counters() -> Iterator[Finding]:
    """What pages read instead of counting and searching the rows of years."""
    for sentence in JobCount.wrong():
        yield Finding(invariant="counters-are-true", sentence=sentence, repairable=True)
    for sentence in GalleryMonth.wrong():
        yield Finding(invariant="months-are-counted", sentence=sentence, repairable=True)
    for sentence in hand_over.wrong():
        yield Finding(invariant="work-is-handed-over", sentence=sentence, repairable=True)
    for code in Submission.objects.missorted().values_list("code", flat=True):
        yield Finding(
            invariant="feed-is-sorted",
            sentence=f"Submission {code} is not where its jobs belong on the Create page.",
            repairable=True,
        )


def _about(job: Job, invariant: str, what: str, *, repairable: bool = False) -> Finding:
    return Finding(invariant=invariant, sentence=f"{job} {what}", job=job.pk, repairable=repairable)

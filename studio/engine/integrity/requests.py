"""What was asked for and what was sent: nothing vanished, and nothing was sent twice without a person's word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Max, Q

from studio.engine.integrity.finding import Finding
from studio.models import ApiAccount, Attempt, Job, SendingPause, Submission
from studio.models.jobs.queries import SLOT_LIFE
from studio.text import plurals

KEY = "luma-api-"
# Longer than any POST is waited for: an id that came after this was found later, by a lookup or in the spool.
FOUND_LATE = timedelta(seconds=150)


def broken(now: datetime) -> Iterator[Finding]:
    yield from _jobs_of_submissions()
    yield from _attempts()
    yield from _in_flight(now)
    yield from _secrets()


def _jobs_of_submissions() -> Iterator[Finding]:
    counted = Submission.objects.annotate(found=Count("jobs"), last=Max("jobs__number"))
    for code, count, found in counted.exclude(found=F("count"), last=F("count")).values_list("code", "count", "found"):
        yield Finding(
            invariant="submission-has-its-jobs",
            sentence=f"Submission {code} asks for {count} and has {plurals.counted(found, 'job')}.",
        )


def _attempts() -> Iterator[Finding]:
    missed = Q(attempts_made__outcome__in=[Attempt.Outcome.HELD, Attempt.Outcome.UNSENT])
    spent = ~missed & Q(attempts_made__isnull=False)
    counted = Job.objects.values("pk", "attempts").annotate(
        found=Count("attempts_made"),
        last=Max("attempts_made__number"),
        spent=Count("attempts_made", filter=spent),
        words=Count("attempts_made", filter=Q(attempts_made__asked_by__isnull=False)),
    )
    for job in counted.exclude(found=F("attempts"), last=F("attempts")).exclude(found=0, attempts=0):
        yield Finding(
            invariant="attempts-are-numbered",
            sentence=f"J-{job['pk']} counts {plurals.counted(job['attempts'], 'attempt')}; written down: {job['found']}.",
            job=job["pk"],
        )
    for job in counted.filter(spent__gt=F("words") + 1):
        yield Finding(
            invariant="sent-once",
            sentence=(
                f"J-{job['pk']} was sent {plurals.counted(job['spent'], 'time')}; a person asked for that "
                f"{plurals.counted(job['words'], 'time')}."
            ),
            job=job["pk"],
        )
    lives = Q(outcome=Attempt.Outcome.OPEN, job__state=Job.State.SENDING) | Q(
        outcome=Attempt.Outcome.ACCEPTED, job__state__in=[Job.State.RUNNING, Job.State.SAVING]
    )
    unended = Attempt.objects.filter(outcome__in=[Attempt.Outcome.OPEN, Attempt.Outcome.ACCEPTED]).exclude(lives)
    for attempt in unended.select_related("job"):
        yield Finding(
            invariant="attempt-agrees-with-job",
            sentence=f"{attempt.job} but its attempt {attempt.number} is {attempt.outcome}.",
            job=attempt.job_id,
        )


def _in_flight(now: datetime) -> Iterator[Finding]:
    """A limit that Luma lowered a moment ago is not counted against what was sent before.

    Nor is an id that turned up when its request was taken for over.
    """
    in_time = Q(sent_at__gt=now - SLOT_LIFE, accepted_at__lt=F("sent_at") + FOUND_LATE)
    in_flight = Job.objects.filter(Q(state=Job.State.SENDING) | Q(in_time, state=Job.State.RUNNING))
    weight, slots = in_flight.weight(), max(ApiAccount.current().slots, settings.LUMA_SLOTS)
    if weight > slots and in_flight.count() > 1:
        yield Finding(
            invariant="within-the-slots", sentence=f"Jobs of weight {weight} are in flight; slots allowed: {slots}."
        )


def _secrets() -> Iterator[Finding]:
    """Texts of the API are cleaned on the way in; a key in one of them came another way."""
    pattern = KEY + r"[^*…]"
    checks = {
        "a job": Job.objects.filter(Q(detail__regex=pattern) | Q(sentence__regex=pattern)),
        "an attempt": Attempt.objects.filter(detail__regex=pattern),
        "a pause": SendingPause.objects.filter(detail__regex=pattern),
    }
    for name, rows in checks.items():
        for pk in rows.values_list("pk", flat=True):
            yield Finding(invariant="no-key-in-rows", sentence=f"A text of {name} ({pk}) contains an API key.")

"""Compares the API's own book with our rows: what was really accepted, and what we know of it; and our books with both."""

from __future__ import annotations

import hashlib
from collections import Counter

from django.core.files.storage import default_storage

from studio.engine.integrity import money
from studio.models import Attempt, Job
from tests.faults.double import Accepted, Double


def complaints(double: Double) -> list[str]:
    """Return what was paid for twice, lost, or stored wrongly."""
    book = double.accepted()
    found = [
        f"request {request_id} was accepted {times} times"
        for request_id, times in Counter(entry.request_id for entry in book).items()
        if times > 1
    ]
    attempts = {str(attempt.request_id): attempt for attempt in Attempt.objects.select_related("job")}
    for entry in book:
        attempt = attempts.get(entry.request_id)
        found += (
            [_unexplained(entry, attempt)] if attempt else [f"{entry.remote_id} was accepted for no attempt of ours"]
        )
    taken = Counter(attempts[entry.request_id].job_id for entry in book if entry.request_id in attempts)
    for job in Job.objects.filter(pk__in=taken):
        words = job.attempts_made.exclude(asked_by=None).count()
        if taken[job.pk] > 1 + words:
            found.append(f"{job} was paid for {taken[job.pk]} times, and a person asked {words} times for more")
    return [complaint for complaint in found + _wrong_pictures(double) + _wrong_books() if complaint]


def _unexplained(entry: Accepted, attempt: Attempt) -> str:
    is_linked = entry.remote_id in {attempt.remote_id, attempt.job.remote_id}
    is_unknown = attempt.outcome == Attempt.Outcome.UNKNOWN
    is_on_the_wire = attempt.outcome == Attempt.Outcome.OPEN and attempt.job.state == Job.State.SENDING
    if is_linked or is_unknown or is_on_the_wire:
        return ""
    return f"{entry.remote_id} was accepted and forgotten: {attempt.job}, {attempt.outcome}"


def _wrong_books() -> list[str]:
    """Reserved is what open jobs may cost, spent what was charged, and no sum is negative."""
    return [finding.sentence for finding in money.broken()]


def _wrong_pictures(double: Double) -> list[str]:
    found = []
    for job in Job.objects.filter(state=Job.State.DONE, remote_id__in=double.pictures):
        for picture in job.pictures.all():
            with default_storage.open(picture.file) as file:
                stored = hashlib.sha256(file.read()).hexdigest()
            if not picture.sha256 == stored == double.digest(job.remote_id or ""):
                found.append(f"{job} stored other bytes than Luma sent")
    return found

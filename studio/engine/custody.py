"""What is made and paid for and not saved yet: a warning after ten minutes, an alarm after forty-five.

Admins are notified once per job and level, and whoever listens to `unsaved` may send alerts elsewhere.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.dispatch import Signal

from studio.models import Job, Notification, User

log = logging.getLogger("studio.custody")

WARNING, ALARM = 1, 2
LEVELS = ((ALARM, timedelta(minutes=45)), (WARNING, timedelta(minutes=10)))
MOST = 200  # jobs of one look
TEXTS = {
    WARNING: "Made and not saved for 10 minutes: {label}. Studio keeps trying, and fetching is free.",
    ALARM: "Made and not saved for 45 minutes: {label}. Look at it in Review before Luma deletes it.",
}

# Sent once for each job and level, after the commit: job, level (WARNING or ALARM).
unsaved = Signal()


def watch(now: datetime) -> int:
    """Raise what has been waiting to be saved for too long; return how many were raised."""
    raised = 0
    held = Job.objects.held_unsaved(now - LEVELS[-1][1]).select_related("person").order_by("made_at", "pk")
    for job in held[:MOST]:
        level = next(level for level, age in LEVELS if job.made_at and job.made_at < now - age)
        raised += _raise(job, level)
    return raised


def level_of(job: Job, now: datetime) -> int:
    """Return how loudly a job is to be shown: 0, WARNING or ALARM."""
    if job.state != Job.State.SAVING or job.made_at is None:
        return 0
    return next((level for level, age in LEVELS if job.made_at < now - age), 0)


def _raise(job: Job, level: int) -> bool:
    with transaction.atomic():
        # Two watchers at once, or one that runs twice: the row says who was first.
        if not Job.objects.filter(pk=job.pk, custody__lt=level, state=Job.State.SAVING).update(custody=level):
            return False
        for admin in User.objects.admins():
            text, key = TEXTS[level].format(label=job.label), f"custody:{level}"
            Notification.tell(admin, Notification.Kind.ALARM, text, job.review_url, key=key)
        transaction.on_commit(lambda: _send(job, level))
    log.warning("Made and not saved", extra=job.log_facts | {"level": level})
    return True


def _send(job: Job, level: int) -> None:
    for _, problem in unsaved.send_robust(sender=Job, job=job, level=level):
        if isinstance(problem, Exception):
            log.error("A listener of custody failed", exc_info=problem)

"""Who has decided what about a job, and when: for the person who comes second, and for everybody else's page."""

from __future__ import annotations

from datetime import datetime

from studio.models import Job, User
from studio.models.job import FREE_TO_ASK
from studio.views import formatting


def told(job: Job, viewer: User | None, now: datetime) -> str:
    """Return the last decision as a sentence; "" where nobody has decided."""
    if job.settled_at and job.state in {Job.State.FAILED, Job.State.UNKNOWN}:
        word = "gave it up" if job.cause == "unsaved" else "wrote it off"
        word = "resolved it" if job.settled_as else word
        return f"{_who(job.settled_by, viewer)} {word}, {formatting.moment(job.settled_at, now)}."
    if job.asked_at:
        word = "asked Luma for it again" if job.asked_cause in FREE_TO_ASK else "sent it again"
        return f"{_who(job.asked_by, viewer)} {word}, {formatting.moment(job.asked_at, now)}."
    return ""


def doing(job: Job, now: datetime) -> str:
    """Return how a job under way stands: `Making · 12 s`, `Waiting`."""
    word = job.get_state_display()
    since = job.making_at or job.sent_at or job.asked_at
    is_timed = job.is_active and job.state != Job.State.WAITING
    return f"{word} · {formatting.seconds(now - since)}" if since and is_timed else word


def asked_by(job: Job) -> str:
    """Return who asked for it once more: `retried by Priya Nair`."""
    word = "asked for" if job.asked_cause in FREE_TO_ASK else "retried"
    return f"{word} by {job.asked_by.name if job.asked_by else 'somebody'}"


def _who(person: User | None, viewer: User | None) -> str:
    if person is None:
        return "Somebody"
    return "You" if viewer is not None and person.pk == viewer.pk else person.name


def was_seen(job: Job, seen: str) -> bool:
    """Whether the page that asks has seen this end of the job: it names the attempt that it shows."""
    return not seen.isdecimal() or len(seen) > 6 or int(seen) == job.attempts

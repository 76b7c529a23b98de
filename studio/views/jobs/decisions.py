"""Who has decided what about a job, and when: for the person who comes second, and for everybody else's page."""

from __future__ import annotations

from datetime import datetime

from studio.models import Job, User
from studio.models.job import FREE_TO_ASK
from studio.text.names import isolated
from studio.views import formatting

SETTLED = "w"


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
    return f"{word} by {isolated(job.asked_by.name) if job.asked_by else 'somebody'}"


def _who(person: User | None, viewer: User | None) -> str:
    if person is None:
        return "Somebody"
    return "You" if viewer is not None and person.pk == viewer.pk else person.name


def mark(job: Job) -> str:
    """What a page sends of the end that it shows: the attempt, and whether somebody has settled it."""
    return f"{job.attempts}{SETTLED if job.settled_at else ''}"


def was_seen(job: Job, seen: str, *, by: User | None = None) -> bool:
    """Whether the page that asks has seen this end of the job: it names the attempt that it shows.

    With `by`, who tries it again: what somebody else has settled since is not paid for once more without a word.
    """
    attempt = seen.removesuffix(SETTLED)
    if not attempt.isdecimal() or len(attempt) > 6:
        return True
    is_settled = job.settled_at is not None and job.settled_by_id != (by.pk if by else None)
    if by and is_settled and not seen.endswith(SETTLED) and not job.is_free_to_get:
        return False
    return int(attempt) == job.attempts

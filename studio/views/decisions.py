"""Who has decided what about a job, and when: for the person who comes second, and for everybody else's page."""

from __future__ import annotations

from datetime import datetime

from studio.models import Job, User
from studio.views import formatting


def told(job: Job, viewer: User | None, now: datetime) -> str:
    """Return the last decision as a sentence; "" where nobody has decided."""
    if job.settled_at and job.state in {Job.State.FAILED, Job.State.UNKNOWN}:
        word = "gave it up" if job.cause == "unsaved" else "wrote it off"
        return f"{_who(job.settled_by, viewer)} {word}, {formatting.moment(job.settled_at, now)}."
    if job.asked_at:
        return f"{_who(job.asked_by, viewer)} sent it again, {formatting.moment(job.asked_at, now)}."
    return ""


def _who(person: User | None, viewer: User | None) -> str:
    if person is None:
        return "Somebody"
    return "You" if viewer is not None and person.pk == viewer.pk else person.name


def was_seen(job: Job, seen: str) -> bool:
    """Whether the page that asks has seen this end of the job: it names the attempt that it shows."""
    return not seen.isdecimal() or len(seen) > 6 or int(seen) == job.attempts

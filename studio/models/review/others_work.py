"""What an admin does about a colleague's work beside its failures (case_act.py): its owner hears of each, and by whom."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from studio.models.account.notification import QUOTED, Notification
from studio.models.job import Job
from studio.models.people import User
from studio.models.pictures.split import Split
from studio.models.submission import Submission
from studio.text.names import cut, isolated

TOLD = {
    "cancel": "cancelled your job",
    "dismiss": "dismissed your card",
    "recall": "brought back your card",
    "prioritize": "moved your job to the front",
    "stop_waiting": "stopped waiting for your job",
}


def act(job: Job, name: str, *, by: User, now: datetime) -> bool:
    """Do one thing about a job. False: somebody was first, or it can't be done, and nothing happened."""
    with transaction.atomic():
        match name:
            case "cancel":
                done = job.cancel(now=now)
            case "dismiss":
                done = job.dismiss(now=now)
            case "recall":
                done = job.recall()
            case "prioritize":
                done = job.prioritize()
            case _:
                done = job.stop_waiting(by=by, now=now)
        if done and not by.owns(job.person_id):
            title = job.label if job.is_private else title_of(job.submission)
            tell(job.person, TOLD[name], title, job.get_absolute_url(), by=by)
    return done


def tell_arranged(split: Split, *, by: User) -> None:
    if by.owns(split.job.person_id):
        return
    with transaction.atomic():
        asked = split.job.submission
        tell(split.job.person, "arranged your layers", title_of(asked), split.get_absolute_url(), by=by)


def tell(owner: User, what: str, title: str, address: str, *, by: User) -> None:
    """Tell an owner what somebody else did there; the same once more, before it was read, is one row."""
    kind, key = Notification.Kind.CHANGE, f"{by.pk}:{what[:20]}:{address}"[:80]
    Notification.tell(owner, kind, f"{what}: “{isolated(title)}”", address, actor=by, key=key)


def title_of(asked: Submission) -> str:
    return cut(asked.prompt or "Layers", QUOTED)

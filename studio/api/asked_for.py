"""What somebody asked for, by its code: a submission, or what waits for an admin's approval to become one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest

from studio.api import answers as tell
from studio.models import Approval, Job, Submission, User


def seen(code: uuid.UUID, person: User) -> Submission | Approval:
    """Return what a code stands for. Raises Http404 where it is nothing that the person may see."""
    found = Submission.objects.visible_to(person).filter(code=code).first()
    kept = None if found else Approval.objects.of(person).single().filter(code=code).first()
    if found is None and kept is None:
        raise Http404
    return found or kept  # type: ignore[return-value]


def is_over(code: uuid.UUID, person: User) -> bool:
    """Whether nothing of it is under way or waits any more. Raises Http404."""
    found = seen(code, person)
    if isinstance(found, Approval):
        return not found.is_waiting
    return not Job.objects.filter(submission=found).exclude(state__in=Job.FINISHED).exists()


def told(code: uuid.UUID, request: HttpRequest) -> dict[str, Any]:
    """Tell how it is. Raises Http404."""
    person: User = request.user  # type: ignore[assignment]
    row = tell.with_all(Submission.objects.visible_to(person)).filter(code=code).first()
    if row:
        return tell.submissions([row], request)[0]
    found = seen(code, person)
    if isinstance(found, Submission):  # an admin approved it between the two looks
        return told(code, request)
    return tell.approvals([found], person)[0]

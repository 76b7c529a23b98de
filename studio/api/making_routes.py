"""Submissions and jobs: ask for pictures, look how they come along, wait, cancel."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Header, Query, Router, Status

from studio.api import answers as tell
from studio.api import waiting
from studio.api.answering import After, Limit, answers, asker, needs, newest, token_of
from studio.api.asked_for import is_over, seen, told
from studio.api.door import Refused, while_let_in
from studio.api.making import ask
from studio.api.schemas import JobOut, SubmissionIn, SubmissionOut, SubmissionPage
from studio.api.webhooks import hook_of
from studio.models import Approval, Job, Submission, User
from studio.models.review import others_work

router = Router(tags=["Making"])

NOT_YOURS = "Only whoever asked for it, or an admin's token with the admin scope, can cancel it."
GONE_AHEAD = "It was already sent and cannot be stopped."
KEY = "Idempotency-Key"
KEY_WORDS = "The same key makes a request once, however often it is sent. Without one, a repeated call makes it again."


@router.post(
    "/submissions",
    response=answers(201, SubmissionOut, 402) | {200: SubmissionOut, 202: SubmissionOut},
    auth=needs["make"],
    url_name="submissions",
)
def make(
    request: HttpRequest,
    response: HttpResponse,
    asked: SubmissionIn,
    key: Annotated[str | None, Header(None, alias=KEY, max_length=255, description=KEY_WORDS)],
) -> Status[dict[str, Any]]:
    """Ask for pictures. Answers 201, or 200 with the first submission where the key was used before.

    202: it is kept until an admin approves or declines it, and has this code before and after.
    """
    token = token_of(request)
    hook = None if asked.webhook is None else hook_of(request, token, asked.webhook)
    made, is_new = ask(token, asked.dict(), key=key, webhook=hook)
    if isinstance(made, Approval) and made.is_waiting:
        return Status(202, told(made.code, request))
    return Status(201 if is_new else 200, told(made.code, request))


@router.get("/submissions", response=answers(200, SubmissionPage), auth=needs["read"], url_name="submissions")
def list_submissions(request: HttpRequest, after: After, limit: Limit) -> dict[str, Any]:
    """List what you asked for, newest first."""
    person = asker(request)
    mine = Submission.objects.visible_to(person).filter(person=person)
    page, following = newest(tell.with_all(mine), after, limit)
    return {"items": tell.submissions(page, request), "next": following}


@router.get(
    "/submissions/{uuid:code}", response=answers(200, SubmissionOut), auth=needs["read"], url_name="get_submission"
)
def get_submission(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Get a submission with its jobs and pictures."""
    return told(code, request)


@router.get("/approvals", response=answers(200, SubmissionPage), auth=needs["read"], url_name="approvals")
def list_approvals(request: HttpRequest, after: After, limit: Limit) -> dict[str, Any]:
    """List what you asked for and an admin has not decided yet, newest first."""
    person = asker(request)
    rows = Approval.objects.of(person).waiting().single().select_related("person")
    page, following = newest(rows, after, limit)
    return {"items": tell.approvals(page, person), "next": following}


@router.get("/submissions/{uuid:code}/wait", response=answers(200, SubmissionOut), auth=needs["read"], url_name="wait")
def wait(
    request: HttpRequest,
    code: uuid.UUID,
    seconds: Annotated[int, Query(waiting.LONGEST, ge=0, le=waiting.LONGEST)],
) -> dict[str, Any]:
    """Wait until it is over, at most so long; `is_over` says which. 503: too many wait, ask again after Retry-After."""
    person = asker(request)
    waiting.until(while_let_in(token_of(request), lambda: is_over(code, person)), seconds)
    return told(code, request)


@router.post(
    "/submissions/{uuid:code}/cancel",
    response=answers(200, SubmissionOut),
    auth=needs["make"],
    url_name="cancel_submission",
)
def cancel_submission(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Take what has not been sent yet out of the line. What was sent goes on; nobody can stop it."""
    person = asker(request)
    found = seen(code, person)
    _check_owner(request, found.person_id, person)
    if isinstance(found, Approval):
        found.cancel(now=timezone.now())
    else:
        for job in found.jobs.filter(state="waiting").order_by("number"):
            others_work.act(job, "cancel", by=person, now=timezone.now())
    return told(code, request)


@router.get("/jobs/{uuid:code}", response=answers(200, JobOut), auth=needs["read"], url_name="get_job")
def get_job(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Get one job: one request to Luma and what became of it."""
    return tell.job(_job(code, asker(request)), request)


@router.post("/jobs/{uuid:code}/cancel", response=answers(200, JobOut, 409), auth=needs["make"], url_name="cancel_job")
def cancel_job(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Take it out of the line. 409: it was already sent."""
    person = asker(request)
    found = _job(code, person)
    _check_owner(request, found.person_id, person)
    if not others_work.act(found, "cancel", by=person, now=timezone.now()):
        raise Refused(409, "gone-ahead", GONE_AHEAD)
    return tell.job(_job(code, person), request)


def _check_owner(request: HttpRequest, owner: int, person: User) -> None:
    if not person.owns(owner) and not token_of(request).may("admin"):
        raise Refused(403, "not-yours", NOT_YOURS)


def _job(code: uuid.UUID, person: User) -> Job:
    return get_object_or_404(Job.objects.visible_to(person).select_related("submission"), code=code)

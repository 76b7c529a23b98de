"""What only its owner sees: what a page leaves out of it for others, and the switch."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from studio import failures
from studio.models import Job, Submission, User
from studio.models.privacy import StaysWithTeam
from studio.names import isolated
from studio.views.permissions import makers_only, onward
from studio.views.request import viewer


def leave_out_hidden_inputs(submission: Submission, person: User) -> None:
    """Take the pictures that a person may not see out of those that a submission used, as this page shows them."""
    used = submission.used
    if any(one.picture.is_hidden_from(person) for one in used):
        submission.__dict__["used"] = [one for one in used if not one.picture.is_hidden_from(person)]


def conceal(job: Any, person: User) -> Job:
    """Return the job for an admin's Review: of somebody's private job its cause and cost, not its words and pictures."""
    shown: Job = job
    if not shown.is_private or person.owns(shown.person_id):
        return shown
    asked = copy.copy(shown.submission)
    asked.prompt, asked.full_prompt, asked.blanks = f"Private job of {isolated(shown.person.name)}", "", []
    asked.__dict__["used"] = []
    shown.submission = asked
    # What Luma says of a request may repeat its words.
    shown.detail = ""
    if "“" in shown.sentence:
        shown.sentence = failures.cause(shown.cause).for_admin
    shown.__dict__["is_concealed"] = True
    return shown


@require_POST
@makers_only
def set_privacy(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Make what a person asked for their own alone, or with `state=off` the team's again. Nobody else can."""
    person = viewer(request)
    asked = get_object_or_404(Submission.objects.visible_to(person), code=code)
    if not person.owns(asked.person_id):
        raise PermissionDenied
    is_private = (request.POST.get("state") or request.GET.get("state")) != "off"
    here = onward(request, reverse("studio:create"))
    try:
        done = asked.set_privacy(is_private)
    except StaysWithTeam as why:
        messages.error(request, str(why))
        return redirect(here)
    if done:
        back = {"state": "off" if is_private else "on", "next": here}
        undo = f"{reverse('studio:set_privacy', args=[code])}?{urlencode(back)}"
        messages.success(request, _said(asked, is_private), extra_tags=undo)
    return redirect(here)


def _said(asked: Submission, is_private: bool) -> str:
    what = "it" if asked.count == 1 else f"these {asked.count} pictures"
    return f"Only you see {what} now." if is_private else f"The team sees {what} now."

"""What only its owner sees: what a page leaves out of it for others, and the switch."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from studio import failures
from studio.models import Job, Submission, User
from studio.models.pictures.privacy import StaysWithTeam, private_inputs, show, submissions_of
from studio.text.names import isolated
from studio.views.permissions import makers_only, onward
from studio.views.request import viewer


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


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def set_privacy(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Make what a person asked for their own alone, or with `state=off` the team's again. Nobody else can.

    Where it was made of something that only they see, they are asked first, on a page, whether the team is to see that as
    well: `asked=on` answers, with `shown` for each picture that it sees too. Undo turns those back as well.
    """
    person = viewer(request)
    asked = get_object_or_404(Submission.objects.visible_to(person), code=code)
    if not person.owns(asked.person_id):
        raise PermissionDenied
    here = onward(request, reverse("studio:create"))
    if request.method != "POST":
        return _question(request, asked, here) if asked.is_private else redirect(here)
    sent = request.GET.copy()
    sent.update(request.POST)
    inputs = private_inputs(asked, person)
    if sent.get("state") == "off":
        if asked.is_private and inputs and "asked" not in sent:
            return redirect(f"{request.path}?{urlencode({'next': here})}")
        inputs = [one for one in inputs if str(one.picture.code) in sent.getlist("shown")]
        if show(asked, inputs):
            _say(request, asked, "on", here, [one.picture.code for one in inputs])
        return redirect(here)
    before = {one.picture_id for one in inputs}
    try:
        done = asked.set_privacy(True)
        for source in _shown_with(asked, person, sent.getlist("shown")) if done else ():
            source.set_privacy(True)
    except StaysWithTeam as why:
        messages.error(request, str(why))
        return redirect(here)
    if done:
        fresh = [one for one in private_inputs(asked, person) if one.picture_id not in before]
        _say(request, asked, "off", here, [one.picture.code for one in fresh])
    return redirect(here)


def _question(request: HttpRequest, asked: Submission, here: str) -> HttpResponse:
    """Ask whether the team is to see what it was made of as well."""
    inputs = private_inputs(asked, viewer(request))
    # Each picture once, and what comes along: of a submission the team sees all or nothing.
    pictures = list(dict.fromkeys(one.picture for one in inputs))
    beside = sum(source.count - 1 for source in submissions_of(inputs))
    # Only what is named here is shown: what the sources were made of themselves is not.
    further = sum(
        len({one.picture_id for one in private_inputs(made, viewer(request))}) for made in submissions_of(inputs)
    )
    context = {"submission": asked, "pictures": pictures, "beside": beside, "further": further, "next": here}
    look = asked.look.look if asked.look and not asked.look.look.is_team else None
    return render(request, "pictures/showing.html", context | {"look": look, "page": "showing"})


def _shown_with(asked: Submission, person: User, codes: list[str]) -> list[Submission]:
    """Return the submissions that were shown to the team together with this one, as Undo names them."""
    rows = asked.inputs.filter(person.owned("picture__person"), picture__is_private=False)
    known = rows.select_related("picture__job__submission")
    return submissions_of(one for one in known if str(one.picture.code) in codes)


def _say(request: HttpRequest, asked: Submission, back: str, here: str, shown: list[uuid.UUID]) -> None:
    """Say who sees it now, with Undo, which names the pictures that come along."""
    what = "it" if asked.count == 1 else f"these {asked.count} pictures"
    said = f"Only you see {what} now." if back == "off" else f"The team sees {what} now."
    parts = {"state": back, "asked": "on", "next": here, "shown": [str(one) for one in shown]}
    undo = f"{reverse('studio:set_privacy', args=[asked.code])}?{urlencode(parts, doseq=True)}"
    messages.success(request, said, extra_tags=undo)

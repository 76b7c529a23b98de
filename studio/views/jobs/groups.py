"""A group on its own page: everybody looks; whoever asked for it, and the admins, choose, redo and cancel."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import tasks
from studio.codes import read_code
from studio.context_processors import revision
from studio.models import Job, Submission
from studio.models.not_placed import NotPlaced
from studio.models.pictures.candidates import MOST_CANDIDATES
from studio.models.review import others_work
from studio.models.spend.shown_prices import Priced
from studio.views import formatting, paid, updates
from studio.views.jobs.group_page import Group
from studio.views.permissions import makers_only
from studio.views.request import HtmxRequest, read_number, viewer

SHOW = ("all", "undecided", "kept", "failed")
NOT_A_CANDIDATE = "This picture isn't made yet, so it can't be chosen."
ALREADY_ASKED = "One more was asked for already."
NO_MORE = f"There are {MOST_CANDIDATES} candidates of this picture, and no more are made of one."
NOTHING_TO_CANCEL = "Nothing waits to be sent, and what is sent can't be stopped."


@require_safe
def group(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show every picture of a group, before and after where it is an edit."""
    since = revision(request)
    found = Group.of(code, viewer(request), timezone.now())
    found.load()
    context = _context(found) | {"page": "group", "since": since, "ask": f"code={code}"}
    return render(request, "jobs/group.html", context)


def update(request: HtmxRequest, since: int) -> str:
    """Return what changed of the group that a page shows, for the pulse."""
    try:
        found = Group.of(uuid.UUID(request.GET.get("code", "")), viewer(request), timezone.now())
    except (ValueError, Http404):
        return ""
    return _changed(request, found, found.changed_since(since))


def _changed(request: HtmxRequest, found: Group, pks: set[int]) -> str:
    if not pks:
        return ""
    found.load(pks)
    return render_to_string("jobs/group.html#changed", _context(found), request)


def _context(found: Group) -> dict[str, Any]:
    return {"group": found, "active": found.is_active}


# ---- Decisions: by the owner or an admin


@require_POST
@makers_only
def choose(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Make a candidate the picture, or with `state=off` take the choice back."""
    asked = _own(request, code)
    job = None
    if request.POST.get("state") != "off":
        wanted = read_code(request.POST.get("job", ""))
        job = asked.jobs.filter(code=wanted).first() if wanted else None
        if job is None:
            return _answer(request, asked, NOT_A_CANDIDATE)
    with transaction.atomic():
        done = asked.choose(job)
        if done:
            _tell(request, asked, "chose among your candidates" if job else "took back what was chosen of yours")
    return _answer(request, asked, "" if done else NOT_A_CANDIDATE)


@require_POST
@makers_only
def redo(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Ask for one more candidate; a second press of the same page asks for none."""
    asked = _own(request, code)
    seen = read_number(request.POST.get("seen", "")) or 0
    try:
        paid.check(request, Priced(asked.type, asked.model, asked.inputs.count()))
        with transaction.atomic():
            job = asked.redo(seen=seen, now=timezone.now()) if asked.type != Submission.Type.LAYERS else None
            if job:
                _tell(request, asked, "asked for one more of yours")
    except NotPlaced as full:
        return _answer(request, asked, full.sentence)
    if job is None:
        return _answer(request, asked, NO_MORE if asked.count >= MOST_CANDIDATES else ALREADY_ASKED)
    tasks.wake_conductor()
    return _answer(request, asked, "")


@require_POST
@makers_only
def keep_all(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Choose the newest picture of everything that is made and not decided."""
    found = _own_group(request, code)
    done = Job.objects.filter(submission__in=found.submissions, state=Job.State.DONE, dismissed_at=None).order_by(
        "number"
    )
    newest = {job.submission_id: job for job in done}
    undecided = [one for one in found.submissions if one.chosen_id is None and one.pk in newest]
    for asked in undecided:
        asked.choose(newest[asked.pk])
    if undecided:
        _tell(request, undecided[0], "chose the newest of your pictures", found.title)
    return _group_answer(request, code, {one.pk for one in undecided}, "" if undecided else "Nothing to decide.")


@require_POST
@makers_only
def cancel_unsent(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Take all that is not sent out of the line; what is sent goes on."""
    found = _own_group(request, code)
    now = timezone.now()
    waiting = list(Job.objects.waiting().filter(submission__in=found.submissions).order_by("-pk"))
    cancelled = [job for job in waiting if job.cancel(now=now)]
    if cancelled:
        count = formatting.counted(len(cancelled), "picture")
        _tell(request, found.submissions[0], f"cancelled {count} of yours", found.title)
    said = f"{formatting.counted(len(cancelled), 'picture')} cancelled." if cancelled else NOTHING_TO_CANCEL
    return _group_answer(request, code, {job.submission_id for job in cancelled}, said)


def _tell(request: HtmxRequest, asked: Submission, what: str, title: str = "") -> None:
    """Tell whoever asked for it what an admin did there."""
    person = viewer(request)
    if person.owns(asked.person_id):
        return
    address = reverse("studio:group", args=[asked.batch.code if asked.batch else asked.code])
    with transaction.atomic():
        others_work.tell(asked.person, what, title or others_work.title_of(asked), address, by=person)


def _own(request: HtmxRequest, code: uuid.UUID) -> Submission:
    person = viewer(request)
    asked = get_object_or_404(Submission.objects.visible_to(person).select_related("person"), code=code)
    if not person.owns(asked.person_id) and not person.is_admin:
        raise PermissionDenied
    return asked


def _own_group(request: HtmxRequest, code: uuid.UUID) -> Group:
    found = Group.of(code, viewer(request), timezone.now())
    if not found.may_act:
        raise PermissionDenied
    return found


def _answer(request: HtmxRequest, asked: Submission, said: str) -> HttpResponse:
    return _group_answer(request, asked.batch_id or asked.code, {asked.pk}, said)


def _group_answer(request: HtmxRequest, code: uuid.UUID, changed: set[int], said: str) -> HttpResponse:
    """What changed, for the page that shows it; else back to it. `said` is told beside it."""
    if request.htmx:
        parts = _changed(request, Group.of(code, viewer(request), timezone.now()), changed)
        return HttpResponse(parts + (updates.toast(request, said) if said else ""))
    if said:
        messages.info(request, said)
    return redirect(reverse("studio:group", args=[code]))

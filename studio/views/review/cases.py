"""What admins do about the cases of Review: one, a selection of a cause, or all of it; and the rows that follow."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from studio import tasks
from studio.models import CaseNote, Job, User
from studio.models.review import case_act
from studio.models.review.case import Status, clean
from studio.models.review.case_act import ACTS, Done
from studio.models.review.failure_search import UNSAVED, FailureSearch, from_micros
from studio.models.spend.shown_prices import PriceChanged
from studio.views import formatting, markup, paid, typed, updates
from studio.views.jobs import decisions
from studio.views.permissions import admin_only, onward
from studio.views.privacy import conceal
from studio.views.request import read_number, viewer
from studio.views.review import case_markup, case_notes, failure_cases
from studio.views.review.failure_filters import Filters
from studio.views.review.failure_rows import SLOW_TO_SAVE

MOST_CHOSEN = 200
# Of very many, so many of the newest say what they cost together.
MOST_PRICED = 2_000
# What can be done about what is made, not saved and still tried.
ON_HELD = {"retry", "write_off", "note"}
MOST_CHANGED = 40  # rows that one pulse brings
CHOOSE = "Choose at least one job first."
UNTOUCHED = "Nothing was done."
CHANGED = "It changed meanwhile, so nothing was done."
LATER = "The others follow: Studio goes on with them now and notifies you."
WORDS = {
    "retry": "retried",
    "write_off": "written off",
    "acknowledge": "acknowledged",
    "resolve": "resolved",
    "reopen": "open again",
    "note": "noted",
}


# ---- One case


@require_POST
@admin_only
def set_case_status(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Make a case open, acknowledged or resolved."""
    found = _case(request, code)
    status = request.POST.get("status", "")
    if status not in Status.values:
        return HttpResponseBadRequest()
    name = {Status.ACKNOWLEDGED: "acknowledge", Status.RESOLVED: "resolve"}.get(Status(status), "reopen")
    person, now = viewer(request), timezone.now()
    seen = decisions.was_seen(found, request.POST.get("seen", ""))
    done = found.case_status == status or (seen and case_act.act(found, name, by=person, now=now))
    return _answer(request, found, "" if done else CHANGED)


@require_POST
@admin_only
def note_case(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Add a note to a case; with `told` its owner reads it."""
    found = _case(request, code)
    try:
        text, told = request.POST.get("text", ""), "told" in request.POST
        CaseNote.write(found, text, by=viewer(request), is_told=told, now=timezone.now())
    except ValidationError as refused:
        return _answer(request, found, refused.messages[0], typed_text=text)
    return _answer(request, found, "")


def _case(request: HttpRequest, code: uuid.UUID) -> Job:
    found = get_object_or_404(Job.objects.for_cards(), code=code)
    return conceal(found, viewer(request))


def _answer(request: HttpRequest, found: Job, problem: str, *, typed_text: str = "") -> HttpResponse:
    """The row as it is now, or the page again; `problem` is said, and the note that was typed stays in its field."""
    if is_row(request, found):
        said = updates.toast(request, problem) if problem else ""
        return HttpResponse(row(request, found, noting=typed_text) + said)
    if problem:
        messages.error(request, problem)
    if typed_text:
        typed.keep(request, case_notes.FORM, job=str(found.code), text=typed_text)
    return redirect(onward(request, f"{reverse('studio:review')}#case-{found.code}"))


# ---- Many


@require_POST
@admin_only
def act_on_failures(request: HttpRequest) -> HttpResponse:
    """Do one thing (`act`) about the chosen jobs (`job`), or about all that the page could show (`all`).

    A first step is done at once; a task goes on with the rest.
    """
    data, person, now = request.POST, viewer(request), timezone.now()
    name, back = data.get("act", ""), onward(request, reverse("studio:review"))
    if name not in ACTS:
        return HttpResponseBadRequest()
    try:
        text = clean(data.get("text", "")) if name == "note" else ""
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        typed.keep(request, case_notes.FORM, cause=data.get("cause", ""), text=data.get("text", ""))
        return redirect(back)
    search, is_all = _search(data, person), "all" in data
    if is_all and (unknown := Filters.of(data).left_out(data)):
        messages.error(request, f"{' '.join(unknown)} {UNTOUCHED}")
        return redirect(back)
    if not is_all and not search.codes:
        messages.error(request, CHOOSE)
        return redirect(back)
    try:
        if name == "retry":
            paid.check(request, *case_act.priced(search, most=MOST_PRICED))
    except PriceChanged as dearer:
        messages.error(request, dearer.sentence)
        return redirect(back)
    most, shown = case_act.STEP if is_all else MOST_CHOSEN, paid.shown(request)
    done = case_act.act_on_all(search, name, by=person, now=now, text=text, shown=shown, most=most)
    if search.cause == UNSAVED and name in ON_HELD:
        done = _together(done, case_act.act_on_held(_held(search, name, now), name, by=person, now=now, text=text))
    if is_all and done.after:
        tasks.act_on_failures_later(search, name, by=person, text=text, done=done, shown=shown)
    if name == "retry" and done.number:
        tasks.wake_conductor()
    _say(request, name, done, goes_on=is_all and done.after is not None)
    return redirect(back)


def _held(search: FailureSearch, name: str, now: datetime) -> list[Job]:
    """What is meant of what is still tried, the longest held first; what is due already needs no one to fetch it."""
    rows = search.held(now - SLOW_TO_SAVE)
    if name == "retry":
        rows = rows.filter(due_at__gt=now)
    return list(rows.select_related("submission", "person").order_by("made_at", "pk")[:MOST_CHOSEN])


def _search(data: QueryDict, person: User) -> FailureSearch:
    """What the form means: its filters, its bounds of time, and the jobs that were ticked."""

    filters = Filters.of(data)
    now = timezone.now()
    codes = () if "all" in data else tuple(_codes(data.getlist("job")))
    last = from_micros(read_number(data.get("last", ""))) or now
    search = filters.search(person, now=now)
    return replace(search, codes=codes, last=min(last, now), first=from_micros(read_number(data.get("first", ""))))


def _codes(values: list[str]) -> list[uuid.UUID]:
    found = []
    for value in values[:MOST_CHOSEN]:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


def _together(one: Done, other: Done) -> Done:
    return Done(one.number + other.number, one.price + other.price, one.refused + other.refused, one.after)


def _say(request: HttpRequest, name: str, done: Done, *, goes_on: bool) -> None:
    price = f", {formatting.price(done.price)}" if done.price else ""
    said = [f"{done.number} {WORDS[name]}{price}." if done.number else ""]
    if done.refused:
        why = "it changed meanwhile, or trying again would not help" if name == "retry" else "it changed meanwhile"
        said.append(f"{done.refused} left as {'it is' if done.refused == 1 else 'they are'}: {why}.")
    said.append(LATER if goes_on else "")
    text = " ".join(filter(None, said)) or "Nothing of that is left to do."
    (messages.success if done.number else messages.info)(request, text)


# ---- Rows


def is_row(request: HttpRequest, found: Job) -> bool:
    """Whether a row of Review asks, and gets itself back."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == f"case-{found.code}"  # type: ignore[union-attr]


def row(request: HttpRequest, found: Job, *, noting: str = "") -> str:
    """Return the row of a job as it is now, with a note that was typed and not taken."""
    jobs = list(Job.objects.for_review().filter(pk=found.pk))
    for job in jobs:
        job.__dict__["noting"] = noting
    return _rows(request, jobs, request.POST.get("next", ""))


def changed_rows(request: HttpRequest, since: int) -> str:
    """Return the rows of jobs that changed after a revision; the page takes those that it has."""
    jobs = list(Job.objects.for_review().changed_since(since).order_by("-rev")[:MOST_CHANGED])
    return _rows(request, [job for job in jobs if job.cause or job.asked_cause], reverse("studio:review"))


def _rows(request: HttpRequest, jobs: list[Job], here: str) -> str:
    now, field = timezone.now(), markup.field_for(request)
    address = here.partition("#")[0] or reverse("studio:review")
    shown = failure_cases.cases(jobs, viewer(request)) if jobs else []
    return "".join(case_markup.case(one, address, field, now=now) for one in shown)

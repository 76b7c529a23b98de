"""Review: what failed, why, what it cost, and what an admin does about it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import tasks
from studio.context_processors import revision, shell
from studio.engine.line import LineWait
from studio.models import ApiAccount, Job, SendingPause, TrailEntry
from studio.models.review.failure_search import MOST_READ, micros
from studio.pauses import IS_TRIED, PAUSES
from studio.views import typed, updates
from studio.views.permissions import admin_only, onward
from studio.views.request import HtmxRequest, read_number, viewer
from studio.views.review import case_notes, failure_for_all, failure_groups, failure_rows, health_summary
from studio.views.review.failure_filters import Filters

MOST_COUNTED = 99
# What holds the line and is no pause, in the address of its button.
WAIT = "wait"


@require_safe
@admin_only
def review(request: HttpRequest) -> HttpResponse:
    """Show the engine's health, the pauses, and the cases by their cause, filtered by the address."""
    now = timezone.now()
    since = revision(request)
    filters = Filters.of(request.GET)
    search = filters.search(viewer(request), now=now)
    frame = shell(request)
    holds = frame["holds"]()
    held = failure_rows.still_tried(search, now=now)
    groups, is_cut = failure_groups.counted(held, search)
    shown = failure_groups.listed(groups, failure_rows.rows_of(held), search)
    for group in {id(one): one for one in (*groups, *shown)}.values():
        group.link, group.back = filters.address(cause=group.name), filters.back(group.name)
    failure_groups.draw_trends(shown, filters.trend, now=now)
    failure_for_all.offer(shown, search)
    _open_one(shown, request.GET.get("open", ""), filters)
    bounds = search.bounded()[0] if search.is_narrow else search
    context = {
        "now": now,
        "vitals": health_summary.take(holds, used=frame["slots_used"](), slots=frame["slots"](), now=now),
        "holds": holds,
        "is_paused": any(pause.reason == SendingPause.Reason.ADMIN for pause in holds),
        "groups": groups,
        "shown": shown,
        "filters": filters,
        "noted": typed.take(request, case_notes.FORM),
        "left_out": filters.left_out(request.GET),
        "is_cut": is_cut,
        "most_read": MOST_READ,
        # What is done to all of a cause is done to what this page could show, and to nothing that failed later.
        "last": micros(now),
        "first": micros(bounds.first),
        "settled": filters.show == "settled",
        "cause": filters.cause,
        "last_failure": None if groups else Job.objects.settled_cases().order_by("-finished_at", "-pk").first(),
        "page": "review",
        "since": since,
        "top": since,
    }
    return render(request, "review/review.html", context)


def _open_one(groups: list[failure_groups.Group], wanted: str, filters: Filters) -> None:
    """Open the group that the address names, else the first."""
    for group in groups:
        group.is_open = group.name == wanted or bool(filters.cause)
    if groups and not any(group.is_open for group in groups):
        groups[0].is_open = True


@require_POST
@admin_only
def pause(request: HtmxRequest, reason: str) -> HttpResponse:
    """Pause sending, or resume it: `state` is paused or resumed. What waits by itself (WAIT) can only be tried."""
    if reason == WAIT:
        return _try_now(request)
    if reason not in SendingPause.Reason:
        raise Http404
    now = timezone.now()
    state = request.POST.get("state", "resumed")
    if state == "paused" and reason == SendingPause.Reason.ADMIN:
        # Another admin may have been first: the pause stays theirs.
        if known := SendingPause.objects.filter(pk=reason).first():
            messages.info(request, f"Sending is paused already, {known.detail}.")
        else:
            with transaction.atomic():
                SendingPause.pause(SendingPause.Reason.ADMIN, now=now, detail=f"by {request.user}")
                TrailEntry.log(TrailEntry.Verb.PAUSE, by=viewer(request), thing="Sending", text="paused")
            messages.success(request, "Paused. Nothing new is sent; what is at Luma is followed to its end.")
    elif state == "resumed" and reason == SendingPause.Reason.ADMIN:
        with transaction.atomic():
            is_first = SendingPause.resume(reason)
            if is_first:
                TrailEntry.log(TrailEntry.Verb.PAUSE, by=viewer(request), thing="Sending", text="resumed")
        messages.success(request, "Resumed." if is_first else "It was resumed already.")
    elif state == "resumed":
        # Sending resumes when the first job goes through.
        with transaction.atomic():
            is_tried = SendingPause.probe_now(reason, now=now)
            if is_tried:
                why = SendingPause.Reason(reason).label
                TrailEntry.log(TrailEntry.Verb.PAUSE, by=viewer(request), thing="Sending", text=f"tried again: {why}")
        if is_tried:
            messages.success(request, "One job is tried now. The others follow when it goes through.")
        else:
            messages.info(request, "This pause has ended already, so nothing had to be tried.")
    else:
        return HttpResponseBadRequest()
    tasks.wake_conductor()
    return redirect(onward(request, reverse("studio:review")))


def _try_now(request: HtmxRequest) -> HttpResponse:
    """Let one job go although something holds the whole line; `seen` names the wait that the page showed."""
    now = timezone.now()
    with transaction.atomic():
        account = ApiAccount.locked()
        wait = LineWait.now(now=now)
        why = _why_not(wait, request.POST.get("seen", ""))
        if wait and not why:
            account.ask_to_try(now=now)
            text = f"tried again: {wait.sentence}"
            TrailEntry.log(TrailEntry.Verb.PAUSE, by=viewer(request), thing="Sending", text=text)
    said = why or IS_TRIED
    tasks.wake_conductor()
    if request.htmx:
        banner = render_to_string("_shared.html#banner", {}, request)
        return HttpResponse(banner + updates.toast(request, said, icon="info" if why else "circle-check"))
    messages.add_message(request, messages.INFO if why else messages.SUCCESS, said)
    return redirect(onward(request, reverse("studio:review")))


def _why_not(wait: LineWait | None, seen: str) -> str:
    """Say why no job is to be tried; "" where one is. Somebody else may have been first, or the wait be another one."""
    if pause := SendingPause.objects.order_by("paused_at").first():
        return f"{PAUSES[pause.reason].sentence} So nothing was tried."
    if wait is None:
        return "This wait has ended already, so nothing had to be tried."
    if wait.is_tried:
        return "One job is tried already; the others follow when it goes through."
    if not wait.until:
        return f"{wait.sentence} {wait.advice}"
    if wait.mark != seen:
        return f"This page was older: nothing was tried. {wait.sentence} {wait.advice}"
    return "" if Job.objects.waiting().exists() else "No job waits, so there was nothing to try."


def held(request: HttpRequest) -> str:
    """Return for the pulse what Review says of the engine, and why nothing is sent."""
    frame = shell(request)
    holds = frame["holds"]()
    vitals = health_summary.take(holds, used=frame["slots_used"](), slots=frame["slots"](), now=timezone.now())
    context = {"holds": holds, "vitals": vitals, "price": vitals.in_line_price}
    return render_to_string("review/_health.html", context) + render_to_string("review/_holds.html", context, request)


def update(request: HttpRequest) -> str:
    """Return the notice of cases that are newer than the page, for the pulse."""
    seen = read_number(request.GET.get("top", ""))
    newer = Job.objects.open_cases().changed_since(seen) if seen is not None else Job.objects.none()
    # A row that the page has, and that failed again meanwhile, is no news: it changes in its place.
    count = newer.filter(asked_at=None)[: MOST_COUNTED + 1].count()
    label = f"{MOST_COUNTED}+ more" if count > MOST_COUNTED else f"{count} more" if count else ""
    return render_to_string("review/review.html#review-changed", {"label": label})

"""Review: what failed, why, what it cost, and what an admin does about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import tasks
from studio.context_processors import shell
from studio.models import Gate, Job, Revision
from studio.views import cases, vitals
from studio.views.access import admin_only

MOST_NEWS = 99


@require_safe
@admin_only
def review(request: HttpRequest) -> HttpResponse:
    """Show the engine's health, the closed gates, and the cases by their cause."""
    now = timezone.now()
    since = Revision.current()
    settled = request.GET.get("show") == "settled"
    frame = shell(request)
    gates = frame["gates"]()
    unsaved = [] if settled else cases.still_tried()
    groups = cases.counted(unsaved, settled=settled)
    cause = request.GET.get("cause", "")
    context = {
        "now": now,
        "vitals": vitals.take(gates, used=frame["slots_used"](), slots=frame["slots"](), now=now),
        "gates": gates,
        "is_paused": any(gate.name == Gate.Name.PAUSE for gate in gates),
        "groups": groups,
        "shown": cases.listed(groups, unsaved, settled=settled, cause=cause),
        "settled": settled,
        "cause": cause,
        "last_failure": None if groups else Job.objects.settled_cases().order_by("-finished_at", "-pk").first(),
        "page": "review",
        "since": since,
        "top": since,
    }
    return render(request, "review/review.html", context)


@require_POST
@admin_only
def gate(request: HttpRequest, name: str) -> HttpResponse:
    """Resume sending behind a gate, or pause it: `state` is open or closed."""
    if name not in Gate.Name:
        raise Http404
    now = timezone.now()
    state = request.POST.get("state", "open")
    if state == "closed" and name == Gate.Name.PAUSE:
        Gate.close(Gate.Name.PAUSE, now=now, detail=f"by {request.user}")
        messages.success(request, "Paused. Nothing new is sent; what is at Luma is followed to its end.")
    elif state == "open" and name == Gate.Name.PAUSE:
        Gate.open(Gate.Name.PAUSE)
        messages.success(request, "Resumed.")
    elif state == "open":
        # The gate opens when the first job goes through.
        Gate.probe_now(name, now=now)
        messages.success(request, "One job is tried now. The others follow when it goes through.")
    else:
        return HttpResponseBadRequest()
    tasks.kick()
    return redirect("studio:review")


def news(request: HttpRequest) -> str:
    """Return the notice of cases that are newer than the page, for the pulse."""
    seen = request.GET.get("top", "")
    newer = Job.objects.open_cases().changed_since(int(seen)) if seen.isdecimal() else Job.objects.none()
    count = newer[: MOST_NEWS + 1].count()
    label = f"{MOST_NEWS}+ more" if count > MOST_NEWS else f"{count} more" if count else ""
    return render_to_string("review/review.html#review-changed", {"label": label})

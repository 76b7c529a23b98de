"""One job: its whole story."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from studio.codes import read_code
from studio.models import Job
from studio.views.jobs.story import timeline
from studio.views.request import HtmxRequest, viewer


@require_safe
def job(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show everything about one job, to everybody who may see it."""
    found = get_object_or_404(Job.objects.visible_to(viewer(request)).for_cards(), code=code)
    context = timeline(request, found) | {"page": "job", "since": found.rev, "ask": f"code={code}"}
    return render(request, "jobs/job.html", context)


def update(request: HtmxRequest, since: int) -> str:
    """Return the story of the job that a page shows, if it changed, for the pulse."""
    code = read_code(request.GET.get("code", ""))
    if code is None:
        return ""
    found = Job.objects.visible_to(viewer(request)).for_cards().changed_since(since).filter(code=code).first()
    return render_to_string("jobs/job.html#life", timeline(request, found), request) if found else ""

"""Cut-outs: one layer of a split with its edge on three grounds, and splitting a picture for its subject in one step."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import tasks
from studio.codes import read_code
from studio.models import Picture, Submission
from studio.models.requests.request_spec import RequestSpec
from studio.models.spend.shown_prices import Priced
from studio.models.submission import NotPlaced
from studio.views import paid
from studio.views.edits.layers import job_of, layer_at, split_of
from studio.views.permissions import makers_only
from studio.views.request import HtmxRequest, viewer
from studio.views.team.approvals import may_ask_first

EDGES = (("light", "Light"), ("dark", "Dark"), ("check", "Checkerboard"))
# Pixels of a source beside which layers stay sharp only at 2k.
SMALL_SIDE = 1024


@require_safe
def cut_out_layer(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show one layer with its edge on light, dark and checkerboard, to be taken as a transparent PNG."""
    picture = get_object_or_404(Picture.objects.visible_to(viewer(request)).select_related("job"), code=code)
    if picture.job is None:
        raise Http404
    split = split_of(job_of(request, picture.job.code))
    layer = layer_at(split, picture.position)
    return render(request, "edits/cut_out.html", {"split": split, "job": split.job, "layer": layer, "edges": EDGES})


@require_POST
@makers_only
@may_ask_first
def cut_out(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Split a picture so that its subject can be cut out: one step, paid; the same form twice asks once."""
    person = viewer(request)
    source = get_object_or_404(Picture.objects.visible_to(person), code=code)
    token = read_code(request.POST.get("token", ""))
    if token is None:
        messages.error(request, "This page was out of date and has been renewed. Press Cut out subject again.")
        return redirect(source)
    resolution = "2k" if max(source.width, source.height) > SMALL_SIDE else "1k"
    spec = RequestSpec(
        type=Submission.Type.LAYERS, prompt="", model="uni-1", layering_resolution=resolution, source=source
    )
    try:
        paid.check(request, Priced.of_spec(spec))
        submission, _ = Submission.place(person, token, spec, now=timezone.now())
    except NotPlaced as full:
        messages.error(request, full.sentence)
        return redirect(source)
    tasks.wake_conductor()
    return redirect(submission.jobs.get())

"""One instruction for the pictures chosen in the gallery: what it costs in all, then one group."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from studio import tasks
from studio.codes import read_code
from studio.forms.create.bulk_edit import NONE_CHOSEN, TOO_MANY, BulkEditForm
from studio.models import Batch
from studio.models.requests.batch import MOST_EDITED
from studio.models.submission import NotPlaced
from studio.views.gallery.chosen import choosing, with_chosen
from studio.views.permissions import came_from, makers_only
from studio.views.request import HtmxRequest, viewer
from studio.views.team.approvals import may_ask_first
from studio.views.updates import MADE_ALREADY


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
@may_ask_first
@choosing
def bulk_edit(request: HtmxRequest) -> HttpResponse:
    """Show the chosen pictures with a field for the instruction; with an instruction, make the edits once."""
    # With a script the gallery knows itself what is chosen.
    choose = reverse("studio:gallery") + ("" if request.POST.get("script") else "?select=on")
    if request.method != "POST":
        return redirect(choose)
    form = BulkEditForm(with_chosen(request, MOST_EDITED), person=viewer(request))
    if not form.is_new and (known := _known(request)):
        messages.info(request, MADE_ALREADY)
        return _to(request, known)
    if not form.pictures or form.asked > MOST_EDITED:
        count = f"More than {MOST_EDITED}" if request.POST.get("all") == "on" else form.asked
        many = TOO_MANY.format(count=count, most=MOST_EDITED)
        messages.error(request, many if form.asked > MOST_EDITED else NONE_CHOSEN)
        return redirect(came_from(request, choose))
    if form.is_new:
        return _page(request, form, 200)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        batch, _ = form.place(timezone.now())
    except NotPlaced:
        return _page(request, form, 422)
    for note in form.notes:
        messages.warning(request, note)
    tasks.wake_conductor()
    return _to(request, batch)


def _known(request: HtmxRequest) -> Batch | None:
    """What was made of this very form before."""
    token = read_code(request.POST.get("token", ""))
    return Batch.known(viewer(request), token) if token else None


def _to(request: HtmxRequest, batch: Batch) -> HttpResponse:
    return HttpResponseClientRedirect(batch.get_absolute_url()) if request.htmx else redirect(batch)


def _page(request: HtmxRequest, form: BulkEditForm, status: int) -> HttpResponse:
    return render(request, "edits/bulk_edit.html", {"form": form, "page": "other"}, status=status)

"""Stacks of the gallery: the pictures of one in a row, stacking what is chosen, its cover, and taking pictures out."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from studio.models import Picture, StackChange, User
from studio.models.picture import load_sizes
from studio.models.pictures.layers import load_stacks
from studio.models.pictures.tile_rows import makers
from studio.models.stacks import stacks
from studio.views.boards.page import keys_of
from studio.views.formatting import counted
from studio.views.gallery.chosen import choosing, chosen
from studio.views.permissions import came_from, makers_only
from studio.views.pictures import compare
from studio.views.request import viewer

STACKED = "{count} stacked. The gallery shows one of them."
NOTHING = "They are one stack already."
SAID = {
    "cover": "It's the cover now.",
    "out": "Taken out of the stack.",
    "end": "Unstacked: each has its own place in the gallery again.",
}
NO_LONGER = "It's no longer in this stack, so nothing changed."
GONE = "It can't be taken back any more."


@require_http_methods(["GET", "HEAD", "POST"])
def stack(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show the stack that a picture lies in; change it (POST with `act`: cover, out or end)."""
    person = viewer(request)
    shown = get_object_or_404(Picture.objects.visible_to(person).made().select_related("person"), code=code)
    if request.method == "POST":
        return _change(request, shown, person)
    pictures = stacks.of(shown, person)
    if not pictures:
        return redirect(shown)
    load_sizes(pictures)
    load_stacks(pictures)
    names = makers(pictures)
    by = dict(User.objects.filter(pk__in={one.stacked_by_id for one in pictures}).values_list("pk", "name"))
    last = max((one for one in pictures if one.stacked_at), key=lambda one: str(one.stacked_at), default=None)
    context = {
        "cover": pictures[0],
        "shown": [(one, names[one.person_id]) for one in pictures],
        "number": len(pictures),
        "stacked_at": last.stacked_at if last else None,
        "stacked_by": by.get(last.stacked_by_id or 0, "") if last else "",
        "compared": compare.address([one.code for one in pictures]) if len(pictures) <= compare.MOST else "",
        "add": f"{reverse('studio:add_to_board')}?{urlencode([('picture', str(one.code)) for one in pictures])}",
        "page": "other",
    }
    return render(request, "gallery/stack.html", context)


def _change(request: HttpRequest, shown: Picture, person: User) -> HttpResponse:
    if not person.can_make:
        raise PermissionDenied
    now, act = timezone.now(), request.POST.get("act", "")
    if act not in SAID:
        return HttpResponseBadRequest("Choose what to do with the stack.")
    verb = {"cover": stacks.choose_cover, "out": stacks.take_out, "end": stacks.unstack}[act]
    beside = next((one for one in stacks.of(shown, person) if one.pk != shown.pk), None)
    change = verb(shown, by=person, now=now)
    if change is None:
        messages.info(request, NO_LONGER)
    else:
        messages.success(request, SAID[act], extra_tags=_undo(change))
    if act == "end" or beside is None:
        return redirect(f"{reverse('studio:gallery')}#picture-{shown.code}")
    return redirect("studio:stack", beside.code)


@require_POST
@makers_only
@choosing
def stack_chosen(request: HttpRequest) -> HttpResponse:
    """Stack the chosen pictures of the gallery, of a search or of a board."""
    person = viewer(request)
    codes = chosen(request, stacks.MOST)
    try:
        if len(codes) > stacks.MOST:
            raise ValidationError(stacks.TOO_MANY)
        change = stacks.stack(keys_of(codes, person), by=person, now=timezone.now())
    except ValidationError as sorry:
        messages.error(request, sorry.messages[0])
        return redirect(came_from(request))
    if change is None:
        messages.info(request, NOTHING)
    else:
        messages.success(request, STACKED.format(count=counted(len(codes), "picture")), extra_tags=_undo(change))
    return redirect(came_from(request))


@require_POST
@makers_only
def undo_stack(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Take back what the person did to a stack, where nobody has changed it since."""
    change = StackChange.objects.filter(code=code, person=viewer(request)).first()
    back = stacks.take_back(change) if change else 0
    (messages.success if back else messages.info)(request, "Undone." if back else GONE)
    return redirect(came_from(request))


def _undo(change: StackChange) -> str:
    return reverse("studio:undo_stack", args=[change.code])

"""Archiving pictures, one or all that are chosen, and bringing them back."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from studio.codes import read_code
from studio.models import Picture
from studio.models.pictures import archived
from studio.text.names import isolated
from studio.views.formatting import counted
from studio.views.gallery.chosen import choosing, chosen
from studio.views.gallery.opinions_of_many import instant
from studio.views.permissions import NotYours, came_from, makers_only, onward
from studio.views.request import viewer

MOST = 900
NOT_YOURS = "Only {name} or an admin can archive this picture."
NONE_CHOSEN = "Choose a picture first."
TOO_MANY = f"Up to {MOST} pictures are archived at once. Choose fewer, or narrow the gallery down."
NONE_ARCHIVED = "Nothing was archived: they are already, or belong to others."
NONE_BACK = "Nothing came back: they are in the gallery already."


@require_POST
@makers_only
def archive_picture(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Archive a picture, or with `state=off` bring it back to the gallery."""
    person, now = viewer(request), timezone.now()
    seen = Picture.objects.visible_to(person).select_related("job__submission", "person")
    shown = get_object_or_404(seen, code=code)
    if not archived.may_archive(shown, person):
        raise NotYours(NOT_YOURS.format(name=isolated(shown.person.name)))
    here = onward(request, shown.get_absolute_url())
    if request.POST.get("state") == "off":
        back = archived.unarchive([shown.pk], by=person)
        messages.success(request, "Back in the gallery." if back else NONE_BACK)
    elif archived.archive([shown.pk], by=person, now=now):
        words = "Archived. It's out of the gallery and stays on boards and in searches."
        messages.success(request, words, extra_tags=_undo(now.isoformat(), here))
    return redirect(here)


@require_POST
@makers_only
@choosing
def archive_chosen(request: HttpRequest) -> HttpResponse:
    """Archive the chosen pictures, or with `state=off` bring them back."""
    person, now, here = viewer(request), timezone.now(), came_from(request)
    codes = chosen(request, MOST)
    if not codes or len(codes) > MOST:
        messages.error(request, TOO_MANY if codes else NONE_CHOSEN)
        return redirect(here)
    found = Picture.objects.visible_to(person).filter(code__in=[code for one in codes if (code := read_code(one))])
    keys = list(found.values_list("pk", flat=True))
    if request.POST.get("state") == "off":
        back = len(archived.unarchive(keys, by=person))
        (messages.success if back else messages.info)(
            request, f"{counted(back, 'picture')} back in the gallery." if back else NONE_BACK
        )
    elif number := len(archived.archive(keys, by=person, now=now)):
        words = f"{counted(number, 'picture')} archived."
        if left := len(keys) - number:
            words += f" {left} as before: archived already, or of others."
        messages.success(request, words, extra_tags=_undo(now.isoformat(), here))
    else:
        messages.info(request, NONE_ARCHIVED)
    return redirect(here)


@require_POST
@makers_only
def undo_archiving(request: HttpRequest) -> HttpResponse:
    """Bring back what the person archived at one instant (`at`)."""
    at = instant(request)
    back = archived.take_back(at, by=viewer(request)) if at else []
    if back:
        messages.success(request, f"{counted(len(back), 'picture')} back in the gallery.")
    else:
        messages.info(request, NONE_BACK)
    return redirect(onward(request, reverse("studio:gallery")))


def _undo(at: str, then: str) -> str:
    return f"{reverse('studio:undo_archiving')}?{urlencode({'at': at, 'next': then})}"

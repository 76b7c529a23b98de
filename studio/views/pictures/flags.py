"""Flag a picture, so that nobody uses it as a source or a reference any more; by an admin."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from studio.models import Picture
from studio.models.pictures import flag as picture_flag
from studio.views import typed
from studio.views.permissions import admin_only, onward
from studio.views.request import viewer

FLAGGED, UNFLAGGED = "Flagged. Nobody can use it as a source or a reference.", "Everybody can use it again."
FORM = "flag {}"
ALREADY = "Somebody was first: nothing was changed."


@require_POST
@admin_only
def flag_picture(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Flag a picture with a `reason`, or with `state=off` take the flag off."""
    person = viewer(request)
    found = get_object_or_404(
        Picture.objects.visible_to(person, also_in_trash=True).select_related("person", "job__submission"), code=code
    )
    is_off = request.POST.get("state") == "off"
    try:
        if is_off:
            done = picture_flag.unflag(found, by=person)
        else:
            done = picture_flag.flag(found, request.POST.get("reason", ""), by=person, now=timezone.now())
    except ValidationError as refused:
        typed.keep(request, FORM.format(code), reason=request.POST.get("reason", ""))
        messages.error(request, refused.messages[0])
    else:
        said = (UNFLAGGED if is_off else FLAGGED) if done else ALREADY
        (messages.success if done else messages.info)(request, said)
    return redirect(onward(request, found.get_absolute_url()))

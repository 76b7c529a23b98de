"""A star, a decision or a tag for all pictures that are chosen in the gallery, and its Undo."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from studio.codes import read_code
from studio.models import Decision, Picture, PictureTag, Star, Tag, User
from studio.models.opinions.tag import MOST_TAGS, TagsRefused
from studio.views import typed
from studio.views.formatting import counted
from studio.views.gallery.chosen import choosing, chosen
from studio.views.permissions import came_from
from studio.views.request import viewer

MOST = 100  # each is a short transaction of its own
FORM = "tags of many"
NONE_CHOSEN = "Choose a picture first."
TOO_MANY = f"Choose up to {MOST} pictures at once. Clear some."
DONE = {
    "star": "starred",
    "candidate": "made candidates",
    "approved": "approved",
    "rejected": "rejected",
    "tag": "tagged",
}
NOT_UNDONE = "Nothing to undo: it was changed since, or is no longer yours to change."
NOTHING = "Nothing changed: all of them are {done} already."


@require_POST
@choosing
def opinions_of_many(request: HttpRequest) -> HttpResponse:
    """Star, decide on or tag the chosen pictures; what is so already stays as it is."""
    person, act = viewer(request), request.POST.get("act", "")
    if act not in DONE:
        return HttpResponseBadRequest("Choose what to do with the pictures.")
    if act != "star" and not (person.can_make if act == "tag" else person.can_decide):
        raise PermissionDenied
    codes = [code for one in chosen(request, MOST) if (code := read_code(one))]
    if not codes or len(codes) > MOST:
        messages.error(request, TOO_MANY if codes else NONE_CHOSEN)
        return redirect(came_from(request))
    now, changed, sentence = timezone.now(), 0, ""
    for picture in Picture.objects.visible_to(person).filter(code__in=codes).select_related("job__submission"):
        try:
            changed += _change(picture, act, person, request.POST.get("tag", ""), now)
        except TagsRefused as sorry:
            sentence = sorry.messages[0]
            changed += bool(sorry.number)
            typed.keep(request, FORM, tag=sorry.left)
    if changed:
        said = f"{counted(changed, 'picture')} {DONE[act]}."
        undo = f"{reverse('studio:undo_opinions')}?{urlencode({'at': now.isoformat()})}"
        messages.success(request, said, extra_tags=undo)
    if sentence:
        messages.error(request, sentence)
    elif not changed:
        messages.info(request, NOTHING.format(done=DONE[act]))
    return redirect(came_from(request))


def _change(picture: Picture, act: str, person: User, tag: str, now: datetime) -> bool:
    if act == "star":
        return Star.put(picture, person, at=now)
    if act == "tag":
        return bool(Tag.put_all(picture, tag, by=person, at=now))
    return bool(Decision.make(picture, act, by=person, at=now))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what the person did to many pictures at one instant, where nobody has changed it since.

    Only what the person may still see and do: pictures become private, and rights are taken away.
    """
    person, at = viewer(request), instant(request)
    if at is None:
        return HttpResponseBadRequest("There is nothing to undo.")
    of_person = {"person": person, "at": at}
    stars = {one.picture_id for one in Star.objects.filter(**of_person)[:MOST]}
    tagged = list(PictureTag.objects.filter(**of_person).select_related("tag")[: MOST * MOST_TAGS])
    made = {one.picture_id: one for one in Decision.objects.filter(**of_person)[:MOST]}
    seen = Picture.objects.visible_to(person).in_bulk(stars | made.keys() | {row.picture_id for row in tagged})
    count = sum(Star.take(seen[key], person) for key in stars & seen.keys())
    if person.can_make:
        mine = [row for row in tagged if row.picture_id in seen]
        count += len({row.picture_id for row in mine if Tag.take(seen[row.picture_id], row.tag.name)})
    if person.can_decide:
        count += sum(made[key].take_back(by=person) for key in made.keys() & seen.keys())
    if count:
        messages.success(request, f"Undone for {counted(count, 'picture')}.")
    else:
        messages.info(request, NOT_UNDONE)
    return redirect(came_from(request))


def instant(request: HttpRequest) -> datetime | None:
    """The time that the address of an Undo names."""
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        return None
    return at if at.tzinfo else None

"""Saved views: searches of the gallery under a name, for oneself or for the team."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from studio.models import SavedView, User
from studio.text import names
from studio.text.names import isolated
from studio.views import typed
from studio.views.gallery.finder import Finder
from studio.views.request import viewer

LONGEST_NAME = 80
MOST_SAVED = 100  # by one person
FORM = "view"
NO_NAME = "Give the view a name."
LONG_NAME = f"Shorten the name of the view to {LONGEST_NAME} characters. It's still in Save this view."
NOTHING_ON = "Search for something or choose a filter first, then save the view."
SAVED, REPLACED = "“{name}” is saved.", "“{name}” shows this search now, in place of the one saved before."
ONLY_YOU = " Only you see it now: the team did before."
TOO_MANY = f"You have saved {MOST_SAVED} views. Remove one first."


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Save what a gallery address asks for; the same name saves it anew."""
    person = viewer(request)
    finder = Finder.parse(request.POST.get("query", ""), person)
    name = names.one_line(request.POST.get("name", ""))
    sentence = _refusal(person, name, finder)
    if sentence:
        typed.keep(request, FORM, name=name, is_team=request.POST.get("is_team") == "on")
        messages.error(request, sentence)
        return redirect(finder.url)
    # What the whole team sees is not for a viewer to change.
    is_team = person.can_make and request.POST.get("is_team") == "on"
    before = person.saved_views.filter(name=name).first()
    view = SavedView.save_as(person, name=name, query=finder.address, is_team=is_team)
    said = SAVED if before is None or before.query == view.query else REPLACED
    said += ONLY_YOU if before and before.is_team and not is_team else ""
    messages.success(request, said.format(name=isolated(view.name)))
    return redirect(finder.url)


def _refusal(person: User, name: str, finder: Finder) -> str:
    if not name:
        return NO_NAME
    if len(name) > LONGEST_NAME:
        return LONG_NAME
    if not finder.address:
        return NOTHING_ON
    is_new = not person.saved_views.filter(name=name).exists()
    return TOO_MANY if is_new and person.saved_views.count() >= MOST_SAVED else ""


@require_POST
def remove_view(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Forget a saved view; no picture goes with it."""
    person = viewer(request)
    view = get_object_or_404(SavedView.objects.visible_to(person), code=code)
    if not view.may_delete(person):
        raise PermissionDenied
    view.remove(by=person)
    messages.success(request, f"“{isolated(view.name)}” is removed.")
    return redirect(Finder.parse(request.POST.get("query", ""), person).url)

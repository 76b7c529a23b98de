"""Where somebody is signed in: your own sessions, and, for admins, those of others."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from studio.models import TrailEntry, User
from studio.models.account.second_step import has_second_step, remove_second_step
from studio.models.account.session import end_session, end_sessions, sessions_of
from studio.text.names import isolated
from studio.text.plurals import counted
from studio.views.permissions import admin_only
from studio.views.request import viewer

ENDED, GONE = "Signed out on {device}.", "That session had ended already."


@require_POST
def end_own_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign yourself out on one device; what it shows stays until it asks for the next page."""
    person = viewer(request)
    _end(request, person, pk)
    return redirect("studio:account")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign yourself out everywhere but here."""
    person = viewer(request)
    with transaction.atomic():
        if ended := end_sessions(person.pk, besides=request.session.session_key):
            TrailEntry.log(TrailEntry.Verb.SIGNED_OUT, by=person, text="Everywhere else")
    said = f"Signed out on {counted(ended, 'other device')}." if ended else "You are signed in only here."
    messages.success(request, said)
    return redirect("studio:account")


@require_safe
@admin_only
def sessions_of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a person is signed in; People shows the same list in its panel (team/_sessions.html)."""
    person = get_object_or_404(User, pk=pk)
    context = {
        "person": person,
        "sessions": sessions_of(person.pk, this=request.session.session_key),
        "has_second_step": has_second_step(person),
    }
    return render(request, "team/sessions.html", context)


@require_POST
@admin_only
def end_session_of_person(request: HttpRequest, pk: int, session: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    _end(request, person, session)
    return redirect("studio:sessions_of_person", pk)


@require_POST
@admin_only
def remove_second_step_of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second step and the passkeys of somebody who lost them; the password stays, and is asked for alone."""
    person = get_object_or_404(User, pk=pk)
    if person == viewer(request):
        messages.error(request, "Turn your own second step off on your account page.")
    elif remove_second_step(person, by=viewer(request)):
        messages.success(
            request, f"{isolated(person.name)} signs in with the password alone now, and was signed out everywhere."
        )
    else:
        messages.error(request, f"{isolated(person.name)} has no second step and no passkeys.")
    return redirect("studio:sessions_of_person", pk)


def _end(request: HttpRequest, person: User, session: int) -> None:
    with transaction.atomic():
        device = end_session(person.pk, session)
        if device:
            TrailEntry.log(TrailEntry.Verb.SIGNED_OUT, by=viewer(request), thing=person.name, text=device)
    if device:
        messages.success(request, ENDED.format(device=device))
    else:
        messages.error(request, GONE)

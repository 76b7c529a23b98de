"""One person of the team beside the list: role, rights and caps; and the work of somebody who leaves."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.account.rights import RightsForm
from studio.models import User
from studio.models.account import access, hand_over
from studio.models.account.second_step import has_second_step
from studio.models.account.session import sessions_of
from studio.models.people import AccessRefused
from studio.text.names import isolated
from studio.views.permissions import admin_only
from studio.views.request import read_number, viewer
from studio.views.team import members as team

SAVED, UNCHANGED = "Saved: {name}, {what}.", "Nothing was changed."
NO_HEIR = "Choose who looks after the work."
HANDED = "{name}'s work is with {heir} now: {work}. {name} can no longer sign in."
OWN = "Another admin has to change your own rights."
MOST_HEIRS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person beside the list, and save their rights (POST)."""
    shown = get_object_or_404(User.objects.select_related("handed_to"), pk=pk)
    if request.method != "POST":
        return _page(request, shown, RightsForm(shown))
    if shown == viewer(request):
        messages.error(request, OWN)
        return redirect("studio:person", pk=pk)
    form = RightsForm(shown, request.POST)
    rights = form.rights()
    if form.errors:
        return _page(request, shown, form, status=422)
    try:
        said = access.save_rights(pk, by=viewer(request), seen=form.seen, rights=rights)
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("studio:person", pk=pk)
    messages.success(request, SAVED.format(name=isolated(shown.name), what="; ".join(said)) if said else UNCHANGED)
    return redirect("studio:people")


@require_POST
@admin_only
def hand_over_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, with all that it is, then hand the work of a person to somebody else and end their access."""
    leaver = get_object_or_404(User, pk=pk)
    heir = _heirs(leaver).filter(pk=read_number(request.POST.get("to", "")) or 0).first()
    if heir is None:
        messages.error(request, NO_HEIR)
        return redirect("studio:person", pk=pk)
    if request.POST.get("sure") != "on":
        work = hand_over.Work.of(leaver)
        return render(request, "team/hand_over.html", {"person": leaver, "heir": heir, "work": work, "page": "other"})
    also_private = request.POST.get("private") == "on"
    try:
        work = hand_over.hand_over(pk, to=heir.pk, by=viewer(request), also_private=also_private, now=timezone.now())
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("studio:person", pk=pk)
    messages.success(request, HANDED.format(name=isolated(leaver.name), heir=isolated(heir.name), work=work.sentence))
    return redirect("studio:people")


def _heirs(leaver: User) -> QuerySet[User]:
    """Who can look after somebody's work: everybody else who makes pictures and has access."""
    makers = User.objects.filter(is_active=True).exclude(role=User.Role.VIEWER)
    return makers.exclude(pk=leaver.pk).order_by("name")


def _page(request: HttpRequest, shown: User, form: RightsForm, *, status: int = 200) -> HttpResponse:
    context = team.context(request) | {
        "shown": shown,
        "form": form,
        "work": hand_over.Work.of(shown),
        "heirs": _heirs(shown)[:MOST_HEIRS],
        "is_self": shown == viewer(request),
        "person": shown,
        "sessions": sessions_of(shown.pk, this=request.session.session_key) if shown.is_active else [],
        "has_second_step": has_second_step(shown),
        "passwords": settings.PASSWORDS,
        "facts": team.facts([shown], timezone.now())[shown.pk],
    }
    return render(request, "team/person.html", context, status=status)

"""The team: who is in it, who is invited, and how each one likes to see the studio."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from studio.models import Invite, User
from studio.models.account import access
from studio.models.people import AccessRefused
from studio.text import names
from studio.text.names import isolated
from studio.views.permissions import admin_only, onward
from studio.views.request import viewer
from studio.views.team import invite_mail
from studio.views.team import members as team

LONGEST_NOTE = 80
LONG_NOTE = f"Shorten the name or note to {LONGEST_NOTE} characters. No invite was made."
ROLES = {User.Role.ADMIN: "an admin", User.Role.DESIGNER: "a designer", User.Role.VIEWER: "a viewer"}
MADE_LINK = "made_link"
LINK_SHOWN = timedelta(minutes=10)


@require_safe
@admin_only
def people(request: HttpRequest) -> HttpResponse:
    """Show the team; at the address that making a link has led to, also that link, for LINK_SHOWN."""
    made = request.session.get(MADE_LINK, {})
    if not made or made["key"] != request.GET.get("link") or timezone.now().timestamp() > made["until"]:
        return _page(request)
    if not Invite.objects.open(timezone.now()).filter(pk=made["invite"]).exists():
        return _page(request)
    return _page(request, link=made["link"], link_for=User.objects.filter(pk=made["for"]).first())


@require_POST
@admin_only
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invite and lead on to its link."""
    role = request.POST.get("role", User.Role.DESIGNER)
    if role not in User.Role:
        return HttpResponseBadRequest()
    note = names.one_line(request.POST.get("note", ""))
    try:
        if len(note) > LONGEST_NOTE:
            raise ValidationError(LONG_NOTE)
        email = invite_mail.address_in(request)
    except ValidationError as error:
        messages.error(request, error.message)
        typed = {"note": note, "email": request.POST.get("email", ""), "role": role}
        return _page(request, typed=typed, status=422)
    made, token = Invite.issue(by=viewer(request), role=role, note=note, email=email, now=timezone.now())
    return _show_link(request, made, token)


@require_POST
@admin_only
def password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which a person who has access chooses a new password, and show it, once."""
    person = get_object_or_404(User, pk=pk)
    if not person.is_active:
        messages.error(
            request, f"{isolated(person.name)} has no access any more, so no link was made. Give access back first."
        )
        return redirect("studio:people")
    if not settings.PASSWORDS:
        messages.error(
            request, f"Nobody signs in with a password here, so no link was made for {isolated(person.name)}."
        )
        return redirect("studio:people")
    made, token = Invite.issue(by=viewer(request), role=person.role, person=person, now=timezone.now())
    return _show_link(request, made, token)


def _show_link(request: HttpRequest, made: Invite, token: str) -> HttpResponse:
    """Keep the link in the maker's session for a while and lead to the address that shows it: a reload, a change of
    theme or the way back must neither lose it nor make another one."""
    key, link = secrets.token_urlsafe(8), request.build_absolute_uri(reverse("studio:join", args=[token]))
    request.session[MADE_LINK] = {
        "key": key,
        "until": (timezone.now() + LINK_SHOWN).timestamp(),
        "invite": made.pk,
        "for": made.person_id,
        "link": link,
    }
    invite_mail.send(request, made, link)
    return redirect(f"{reverse('studio:people')}?{urlencode({'link': key})}")


@require_POST
@admin_only
def revoke_invite(request: HttpRequest, pk: int) -> HttpResponse:
    if why := get_object_or_404(Invite, pk=pk).revoke(now=timezone.now()):
        messages.error(request, why)
    else:
        messages.success(request, "The link no longer works.")
    return redirect("studio:people")


@require_POST
@admin_only
def change_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a person an admin, a designer or a viewer, let a viewer decide, take access away, or give it back."""
    person = get_object_or_404(User, pk=pk)
    if person == viewer(request):
        # Else the last admin could lock everybody out.
        messages.error(request, "Another admin has to change your own access.")
        return redirect("studio:people")
    match request.POST.get("access"):
        case User.Role.ADMIN | User.Role.DESIGNER | User.Role.VIEWER as role:
            change: dict[str, object] = {"role": role}
        case "decide" | "only-look" as wanted:
            change = {"may_decide": wanted == "decide"}
        case "none" | "back" as wanted:
            change = {"is_active": wanted == "back"}
        case _:
            return HttpResponseBadRequest()
    try:
        person = access.change_access(pk, by=viewer(request), **change)
    except AccessRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("studio:people")
    if "role" in change:
        outcome = f"is {ROLES[User.Role(person.role)]} now."
    elif "may_decide" in change:
        outcome = "can approve and reject now." if person.may_decide else "can't approve or reject any more."
    else:
        outcome = "can sign in again." if person.is_active else "can no longer sign in. Their pictures stay."
    messages.success(request, f"{isolated(person.name)} {outcome}")
    return redirect("studio:people")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep how this person likes to see the studio."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme:
        return HttpResponseBadRequest()
    person = viewer(request)
    person.theme = chosen
    person.save(update_fields=["theme"])
    return redirect(onward(request, "studio:create"))


def _page(
    request: HttpRequest,
    *,
    link: str = "",
    link_for: User | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the team; `typed`: the fields of an invite that was not made."""
    context = team.context(request) | {"link": link, "link_for": link_for, "typed": typed or {}}
    return render(request, "team/people.html", context, status=status)

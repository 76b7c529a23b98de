"""Your account: name and email, password, second step, passkeys, and where you are signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.forms.account.account import (
    AppOffForm,
    ConfirmForm,
    EmailForm,
    NameForm,
    NewCodesForm,
    NewPasswordForm,
    PasskeyForm,
)
from studio.models import Revision, TrailEntry, User
from studio.models.account.session import end_sessions, sessions_of
from studio.network import mail
from studio.signing_in import passkeys
from studio.text.names import isolated
from studio.views.request import viewer

SALT = "studio.email-change"
LINK_LIFE = 3600  # seconds
BY_LINK = "We send a link to the new address; it changes when you open it."
TAKEN = "Somebody in the team has this email address by now."
CONFIRM_MAIL = """Hello {name},

open this link to use this address for Studio:

{link}

It works for one hour, while you are signed in. If you didn't ask for it, do nothing.
"""
CHANGED_MAIL = """Hello {name},

your account of Studio has another email address now, so nothing is sent here any more.
If that wasn't you, ask an admin of your team.
"""
FORMS: dict[str, type[ConfirmForm]] = {
    "name": NameForm,
    "email": EmailForm,
    "password": NewPasswordForm,
    "app_off": AppOffForm,
    "codes": NewCodesForm,
    "passkey": PasskeyForm,
}


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return show(request)


def show(request: HttpRequest, **sent: ConfirmForm) -> HttpResponse:
    """Show the page; the form that was `sent` is open and says what is wrong with it."""
    person = viewer(request)
    forms = {name: sent.get(name) or form(request, person) for name, form in FORMS.items()}
    found = {one.type: one for one in Authenticator.objects.filter(user=person)}
    codes = found.get(Authenticator.Type.RECOVERY_CODES)
    context: dict[str, Any] = {
        "forms": forms,
        "sent": next(iter(sent), ""),
        "app": found.get(Authenticator.Type.TOTP),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "passkeys": passkeys.of(person),
        "no_passkeys": passkeys.why_not(request),
        "sessions": sessions_of(person.pk, this=request.session.session_key),
        "passwords": settings.PASSWORDS,
        "says_email": BY_LINK if settings.STUDIO_EMAIL else "",
    }
    return render(request, "account/account.html", context, status=422 if sent else 200)


@sensitive_post_parameters()
@require_POST
def change_name(request: HttpRequest) -> HttpResponse:
    """Change one's own name; what was made, found and paid for under the old one stays with its person."""
    person = viewer(request)
    form = NameForm(request, person, request.POST)
    if not form.is_valid():
        return show(request, name=form)
    old, person.name = person.name, form.cleaned_data["name"]
    if person.name == old:
        messages.success(request, "That is your name already.")
        return redirect("studio:account")
    try:
        with transaction.atomic():
            person.save(update_fields=["name"])
            Revision.bump()
            TrailEntry.log(
                TrailEntry.Verb.NAME, by=person, thing=person.name, text=f"{isolated(old)} → {isolated(person.name)}"
            )
    except (IntegrityError, ValidationError):
        form.add_error("name", "Someone on your team took this name a moment ago.")
        return show(request, name=form)
    messages.success(request, f"Your name is {isolated(person.name)} now. You sign in with it too.")
    return redirect("studio:account")


@sensitive_post_parameters()
@require_POST
def change_email(request: HttpRequest) -> HttpResponse:
    """Change the address; where email is configured, only when the link that was sent there is opened."""
    person = viewer(request)
    form = EmailForm(request, person, request.POST)
    if not form.is_valid():
        return show(request, email=form)
    email = form.cleaned_data["email"]
    if email == (person.email or ""):
        messages.success(request, "That is your address already.")
    elif email and settings.STUDIO_EMAIL:
        token = signing.dumps({"person": person.pk, "email": email, "was": person.email or ""}, salt=SALT)
        link = request.build_absolute_uri(reverse("studio:confirm_email", args=[token]))
        if mail.send(
            email, "Confirm your address for Studio", CONFIRM_MAIL.format(name=isolated(person.name), link=link)
        ):
            messages.success(request, f"We sent a link to {email}. Your address changes when you open it.")
        else:
            messages.error(request, "The email couldn't be sent, so your address stays. Try again later.")
    elif _use_email(request, person, email):
        messages.success(request, f"Your address is {email} now." if email else "Your address is removed.")
    return redirect("studio:account")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link that was sent to a new address, and confirm it (POST): programs that read mail open links too."""
    person = viewer(request)
    try:
        said = signing.loads(token, salt=SALT, max_age=LINK_LIFE)
    except signing.BadSignature:
        said = {}
    if said.get("person") != person.pk or said.get("was") != (person.email or ""):
        messages.error(request, "This link no longer works here. Links expire after an hour: change your email again.")
        return redirect("studio:account")
    if request.method != "POST":
        return render(request, "account/confirm_email.html", {"email": said["email"]})
    if _use_email(request, person, said["email"]):
        messages.success(request, f"Your address is {said['email']} now.")
    return redirect("studio:account")


def _use_email(request: HttpRequest, person: User, email: str) -> bool:
    old, person.email = person.email, email or None
    try:
        with transaction.atomic():
            person.save(update_fields=["email"])
            TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text="Changed the email address")
    except IntegrityError:
        messages.error(request, TAKEN)
        return False
    if old and settings.STUDIO_EMAIL:
        mail.send(old, "Your address for Studio has changed", CHANGED_MAIL.format(name=isolated(person.name)))
    return True


@sensitive_post_parameters()
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password. All other sessions end."""
    if not settings.PASSWORDS:
        messages.error(request, f"Nobody signs in with a password here: you sign in with {settings.OIDC_NAME}.")
        return redirect("studio:account")
    person = viewer(request)
    form = NewPasswordForm(request, person, request.POST)
    if not form.is_valid():
        return show(request, password=form)
    with transaction.atomic():
        person.set_password(form.cleaned_data["new"])
        person.save(update_fields=["password"])
        end_sessions(person.pk, besides=request.session.session_key)
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        update_session_auth_hash(request, person)
        UserSession.objects.create_from_request(request)
        TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text="Changed the password")
    messages.success(request, "Your password is changed. Other devices are signed out.")
    return redirect("studio:account")


def waits_until(request: HttpRequest, name: str, now: datetime) -> bool:
    """Whether what this session was allowed for a while, under `name`, still is."""
    until = request.session.get(name)
    return isinstance(until, (int, float)) and until > now.timestamp()

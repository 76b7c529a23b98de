"""Sign in and out, and join by a link."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.account.sign_in import JoinForm, PasswordForm, SignInForm
from studio.models import Invite, TrailEntry, User
from studio.network import client_address
from studio.signing_in import brake, passkeys
from studio.views import formatting
from studio.views.errors import refuse
from studio.views.permissions import onward
from studio.views.request import viewer

HOME = "studio:create"
# The same for a wrong password and for a name that nobody has.
WRONG = "Wrong name or password."
# For whom the team's proxy names (STUDIO_SIGN_IN_HEADER), and nobody here is called.
STRANGER = "You came as {named}, and nobody with access here has that name or address. Ask an admin of your team."
KEEP = {"keep": True}


class SamplePicture(NamedTuple):
    """A file under `static/`, the class of its ratio, and its size in pixels."""

    file: str
    ratio_class: str
    width: int
    height: int


# Beside the forms: pictures of the simulator that ship with the studio. Strangers see none of the team's own pictures.
SAMPLES = (
    SamplePicture("sign-in/ridges.webp", "r-16x9", 714, 386),
    SamplePicture("sign-in/poster.webp", "r-2x3", 435, 632),
    SamplePicture("sign-in/still-life.webp", "r-1x1", 525, 525),
    SamplePicture("sign-in/courtyard.webp", "r-3x2", 632, 435),
    SamplePicture("sign-in/flow.webp", "r-2x3", 435, 632),
    SamplePicture("sign-in/sea.webp", "r-2x1", 746, 369),
    SamplePicture("sign-in/dahlia.webp", "r-1x1", 525, 525),
    SamplePicture("sign-in/market.webp", "r-2x3", 435, 632),
    SamplePicture("sign-in/podium.webp", "r-16x9", 714, 386),
    SamplePicture("sign-in/moon.webp", "r-2x3", 435, 632),
    SamplePicture("sign-in/city.webp", "r-16x9", 714, 386),
    SamplePicture("sign-in/silk.webp", "r-1x1", 525, 525),
    SamplePicture("sign-in/dunes.webp", "r-3x2", 632, 435),
    SamplePicture("sign-in/greenhouse.webp", "r-2x3", 435, 632),
    SamplePicture("sign-in/farmland.webp", "r-16x9", 714, 386),
    SamplePicture("sign-in/stairs.webp", "r-1x1", 525, 525),
)


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let a person in and lead on to where they wanted to go."""
    if request.user.is_authenticated:
        return redirect(onward(request, HOME))
    is_sent = request.method == "POST" and settings.PASSWORDS
    form = SignInForm(request.POST if is_sent else None, initial=KEEP)
    if form.is_valid():
        given = form.cleaned_data
        person = _recognise(request, given["username"], given["password"])
        if person is not None:
            return let_in(request, person, onward(request, HOME), keep=given["keep"])
        form.add_error(None, WRONG)
    named = client_address.named_by_proxy(request)
    return show_sign_in(request, form, error=STRANGER.format(named=named) if named and not form.errors else "")


def show_sign_in(request: HttpRequest, form: SignInForm, *, error: str = "") -> HttpResponse:
    context = {
        "form": form,
        "error": error,
        "next": onward(request, ""),
        "samples": SAMPLES,
        "mails": settings.STUDIO_EMAIL,
        "passkeys": not passkeys.why_not(request),
        "provider": settings.OIDC_NAME if settings.OIDC_URL else "",
        "passwords": settings.PASSWORDS,
    }
    return render(request, "account/sign_in.html", context, status=422 if form.errors or error else 200)


def _recognise(request: HttpRequest, known_as: str, password: str) -> User | None:
    """Check the password. However a person is called, by name, email or in capitals, the tries are counted as one."""
    known = User.objects.known_as(known_as)
    name = known.name if known else known_as.lower()
    is_held = brake.held_until(request, name) is not None
    person = authenticate(request, username=name, password=password)
    if known and person is None and not is_held:
        # Of names that nobody has, nothing is kept: one may be a password that was typed into the wrong field.
        address = client_address.of_request(request) or "an unknown address"
        # Whoever is disabled is refused with the right password too.
        why = "Wrong password" if known.is_active else "No access"
        text = f"{why}, from {address}"
        TrailEntry.log(TrailEntry.Verb.SIGN_IN_REFUSED, by=None, thing=known.name, text=text)
    return person


def let_in(
    request: HttpRequest, person: User, to: str, *, keep: bool = True, seconds: int = 0, is_proven: bool = False
) -> HttpResponse:
    """Sign somebody in whose password is right, or ask for their second step first; then lead on `to` an address.

    A session that only lasts as long as the browser is open is one that is not kept; `seconds` give it an end. Whoever
    `is_proven` by a second step elsewhere is not asked for one here.
    """
    signing_in = Login(
        user=person,
        redirect_url=resolve_url(to),
        signal_kwargs={"keep": keep, "seconds": seconds},
        # A password that was changed meanwhile opens nothing any more.
        state={"password": person.get_session_auth_hash(), "is_proven": is_proven},
    )
    with transaction.atomic():
        answer: HttpResponse = perform_login(request, signing_in)
    return answer


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """Answer one try too many; django-axes calls it. The wait is the longest of the brakes that hold."""
    again = brake.free_at(request, credentials) or timezone.now()
    wait = max(1, math.ceil((again - timezone.now()).total_seconds()))
    is_code = request.path == reverse("studio:second_step")
    answer = refuse(
        request,
        429,
        sentence=f"Too many wrong {'codes' if is_code else 'passwords'}.",
        advice=f"Try again at {formatting.hour_with_zone(again)}. Lost your password? Ask an admin of your team.",
    )
    answer.headers["Retry-After"] = str(wait)
    return answer


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        TrailEntry.log(TrailEntry.Verb.SIGNED_OUT, by=viewer(request))
    logout(request)
    return redirect("studio:sign_in")


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Open a link: somebody new joins, somebody of the team chooses a new password; both are signed in and led on."""
    invite = Invite.objects.by_token(token, timezone.now())
    if invite is None or (invite.person and not settings.PASSWORDS):
        return _closed(request)
    if not settings.PASSWORDS:
        return _through_provider(request, invite)
    if invite.person:
        return _new_password(request, invite, invite.person)
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"email": invite.email})
    if form.is_valid():
        try:
            return _accepted(request, invite, form.cleaned_data)
        except (IntegrityError, ValidationError):
            form.add_error("name", "Somebody took this name or email address a moment ago.")
    context = {"form": form, "invite": invite, "samples": SAMPLES}
    return render(request, "account/join.html", context, status=422 if form.errors else 200)


def _through_provider(request: HttpRequest, invite: Invite) -> HttpResponse:
    """Lead to the provider, which leads back to this link (views.provider_sign_in)."""
    context = {"invite": invite, "provider": settings.OIDC_NAME, "next": request.path, "samples": SAMPLES}
    return render(request, "account/join.html", context)


def _new_password(request: HttpRequest, invite: Invite, person: User) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        return _accepted(request, invite, form.cleaned_data)
    context = {"form": form, "person": person, "samples": SAMPLES}
    return render(request, "account/new_password.html", context, status=422 if form.errors else 200)


def _accepted(request: HttpRequest, invite: Invite, given: dict[str, Any]) -> HttpResponse:
    """Use the link up and sign its person in. Raises IntegrityError when name or address were taken a moment ago."""
    person = invite.accept(**given, now=timezone.now())
    if person is None:
        return _closed(request)
    if request.user.is_authenticated:
        logout(request)
    return let_in(request, person, HOME)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/closed.html", {"samples": SAMPLES}, status=410)

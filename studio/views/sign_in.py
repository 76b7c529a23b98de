"""Sign in and out, and join by a link."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio import brake
from studio.forms.sign_in import JoinForm, PasswordForm, SignInForm
from studio.models import Invite, User
from studio.views.errors import refuse
from studio.views.permissions import onward

HOME = "studio:create"
# The same for a wrong password and for a name that nobody has.
WRONG = "Wrong name or password."


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
    form = SignInForm(request.POST if request.method == "POST" else None, initial={"keep": True})
    if form.is_valid():
        given = form.cleaned_data
        person = _recognise(request, given["username"], given["password"])
        if person is not None:
            login(request, person)
            request.session.set_expiry(None if given["keep"] else 0)
            return _let_in(request, person, onward(request, HOME))
        form.add_error(None, WRONG)
    context = {"form": form, "next": onward(request, ""), "samples": SAMPLES}
    return render(request, "account/sign_in.html", context, status=422 if form.errors else 200)


def _recognise(request: HttpRequest, known_as: str, password: str) -> User | None:
    """Check the password. However a person is called, by name, email or in capitals, the tries are counted as one."""
    known = User.objects.known_as(known_as)
    name = known.name if known else known_as.lower()
    return authenticate(request, username=name, password=password)


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """Answer one try too many; django-axes calls it. The wait is the longest of the brakes that hold."""
    again = brake.free_at(request, credentials) or timezone.now()
    wait = max(1, math.ceil((again - timezone.now()).total_seconds()))
    answer = refuse(
        request,
        429,
        sentence="Too many wrong passwords.",
        advice=f"Try again at {timezone.localtime(again):%H:%M}. Lost your password? Ask an admin of your team.",
    )
    answer.headers["Retry-After"] = str(wait)
    return answer


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("studio:sign_in")


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Open a link: somebody new joins, somebody of the team chooses a new password; both are signed in and led on."""
    invite = Invite.objects.by_token(token, timezone.now())
    if invite is None:
        return _closed(request)
    if invite.person:
        return _new_password(request, invite, invite.person)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _accepted(request, invite, form.cleaned_data)
        except (IntegrityError, ValidationError):
            form.add_error("name", "Somebody took this name or email address a moment ago.")
    context = {"form": form, "invite": invite, "samples": SAMPLES}
    return render(request, "account/join.html", context, status=422 if form.errors else 200)


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
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return _let_in(request, person, HOME)


def _let_in(request: HttpRequest, person: User, to: str) -> HttpResponse:
    response = redirect(to)
    brake.remember(request, response, person)
    return response


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/closed.html", {"samples": SAMPLES}, status=410)

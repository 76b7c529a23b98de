"""The second step of a sign-in, and signing in by passkey."""

from __future__ import annotations

import json
import re

from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from studio.forms.account.sign_in import SignInForm
from studio.models import TrailEntry, User
from studio.models.account.second_step import by_code
from studio.network import client_address
from studio.signing_in import brake, passkeys
from studio.signing_in.accounts import SecondStep
from studio.views.account.sign_in import HOME, KEEP, SAMPLES, locked_out, show_sign_in
from studio.views.permissions import onward

CODE = re.compile(r"[0-9]{6,8}", re.ASCII)
WRONG_CODE = "Wrong code. It changes every 30 seconds; a recovery code works once."
WRONG_PASSKEY = "That passkey didn't work here. Try again, or use your password."


@login_not_required
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for a code, a recovery code or a passkey; only then are they signed in."""
    if request.user.is_authenticated:
        return redirect(onward(request, HOME))
    stage = LoginStageController.enter(request, SecondStep.key)
    if stage is None or not _is_good(stage.login):
        clear_login(request)
        return redirect("studio:sign_in")
    person: User = stage.login.user
    error = ""
    if request.method == "POST":
        if brake.held_until(request, person.name):
            return locked_out(request, None, {"username": person.name})
        used = _used(request, person)
        if used:
            used.record_usage()
            with transaction.atomic():
                answer: HttpResponse = stage.exit()
            return answer
        is_passkey = "credential" in request.POST
        error = WRONG_PASSKEY if is_passkey else WRONG_CODE
        _refuse(request, person, "passkey" if is_passkey else "code")
    options = None
    if passkeys.of(person) and not passkeys.why_not(request):
        options = json.dumps(passkeys.begin_proving(person))
    context = {"samples": SAMPLES, "error": error, "options": options}
    return render(request, "account/second_step.html", context, status=422 if error else 200)


def _is_good(waiting: Login) -> bool:
    """Whether the password that was right is so still, of somebody who still has access."""
    person, hashed = waiting.user, waiting.state.get("password", "")
    return bool(person and person.is_active and constant_time_compare(hashed, person.get_session_auth_hash()))


def _used(request: HttpRequest, person: User) -> Authenticator | None:
    """Return what the right code or passkey belongs to, or None."""
    if "credential" in request.POST:
        return passkeys.proven(request.POST["credential"], person=person)
    code = re.sub(r"[\s-]", "", request.POST.get("code", ""))
    return by_code(person, code) if CODE.fullmatch(code) else None


def _refuse(request: HttpRequest, person: User, what: str) -> None:
    brake.count_wrong(request, person.name)
    address = client_address.of_request(request) or "an unknown address"
    refused, text = TrailEntry.Verb.SIGN_IN_REFUSED, f"Right password, wrong {what}, from {address}"
    TrailEntry.log(refused, by=None, thing=person.name, text=text)


@login_not_required
@sensitive_post_parameters("credential")
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Say what a passkey has to prove (GET, for passkeys.js), and sign in whose proof is right (POST)."""
    if request.user.is_authenticated:
        return redirect(onward(request, HOME))
    if request.method != "POST":
        return JsonResponse(passkeys.begin_proving(), headers={"Cache-Control": "no-store"})
    proven = passkeys.proven(request.POST.get("credential", ""))
    if proven is None or not proven.user.is_active:
        return show_sign_in(request, SignInForm(initial=KEEP), error=WRONG_PASSKEY)
    waiting = Login(user=proven.user, redirect_url=onward(request, reverse(HOME)), signal_kwargs={"keep": True})
    with transaction.atomic():
        answer: HttpResponse = perform_passwordless_login(request, proven, waiting)
    return answer

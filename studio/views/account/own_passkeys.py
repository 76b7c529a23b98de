"""Your passkeys: add one, after the password, and remove one."""

from __future__ import annotations

import json
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.account.account import PasskeyForm
from studio.models import TrailEntry
from studio.signing_in import passkeys
from studio.text import names
from studio.text.names import isolated
from studio.views.account.page import show, waits_until
from studio.views.request import viewer

ADDING, NAME, ALLOWED_FOR = "passkey_until", "passkey_name", timedelta(minutes=10)
NOT_MADE = "That passkey couldn't be added. Try again."


@sensitive_post_parameters()
@require_POST
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Take the password and a name, and lead on to where the browser makes the passkey."""
    form = PasskeyForm(request, viewer(request), request.POST)
    if not form.is_valid():
        return show(request, passkey=form)
    request.session[ADDING] = (timezone.now() + ALLOWED_FOR).timestamp()
    request.session[NAME] = "" if names.is_blank(form.cleaned_data["name"]) else form.cleaned_data["name"]
    return redirect("studio:new_passkey")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new_passkey(request: HttpRequest) -> HttpResponse:
    """Have the browser make a passkey, and keep what it made (POST)."""
    person = viewer(request)
    if passkeys.why_not(request) or not waits_until(request, ADDING, timezone.now()):
        return redirect("studio:account")
    error = ""
    if request.method == "POST":
        with transaction.atomic():
            name = request.session.get(NAME) or f"Passkey {len(passkeys.of(person)) + 1}"
            if passkeys.add(person, name, request.POST.get("credential", "")):
                TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text=f"Added the passkey “{isolated(name)}”")
                for key in (ADDING, NAME):
                    request.session.pop(key, None)
                messages.success(request, f"{isolated(name)} is added. You can sign in with it from now on.")
                return redirect("studio:account")
        error = NOT_MADE
    context = {"options": json.dumps(passkeys.begin_adding(person)), "error": error}
    return render(request, "account/new_passkey.html", context, status=422 if error else 200)


@require_POST
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    person = viewer(request)
    found = get_object_or_404(Authenticator, user=person, type=Authenticator.Type.WEBAUTHN, pk=pk)
    with transaction.atomic():
        TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text=f"Removed the passkey “{isolated(str(found))}”")
        found.delete()
    messages.success(
        request, f"{isolated(str(found))} is removed. Remove it on the device too: it opens nothing any more."
    )
    return redirect("studio:account")

"""Sign in through the provider of the team (OpenID Connect): there, and back again."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_safe

from studio.configuration.base_path import within
from studio.forms.account.sign_in import SignInForm
from studio.models import Invite, TrailEntry
from studio.models.account.identity import Identity, NotAdmitted, admit
from studio.network import client_address
from studio.signing_in import oidc
from studio.views.account.sign_in import HOME, KEEP, let_in, show_sign_in
from studio.views.permissions import onward, page_address

# Whoever loses their place at the provider is out here within a working day.
SESSION_SECONDS = 12 * 3600


@login_not_required
@require_safe
def provider_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider.

    A link and no form: browsers hold the whole way that follows a form against our form-action, and a provider may lead
    on to others.
    """
    if not settings.OIDC_URL:
        raise Http404
    to = onward(request, "")
    # Whoever is signed in may still join as somebody else with a link.
    if request.user.is_authenticated and not _token_in(to):
        return redirect(to or HOME)
    try:
        return HttpResponseRedirect(oidc.begin(request, to))
    except oidc.Refused as why:
        return _back(request, str(why))


@login_not_required
@require_safe
def provider_answer(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider names, and lead on to where they wanted to go."""
    if not settings.OIDC_URL:
        raise Http404
    try:
        proof = oidc.finish(request)
    except oidc.Stale as why:
        # Back or another tab asks again with what was used: whoever is in already need not start again.
        return redirect(HOME) if request.user.is_authenticated else _back(request, str(why))
    except oidc.Refused as why:
        return _back(request, str(why))
    to, now = page_address(proof.onward) or HOME, timezone.now()
    token = _token_in(to)
    try:
        person = admit(proof.identity, Invite.objects.by_token(token, now) if token else None, now=now)
    except NotAdmitted as why:
        _note(request, proof.identity, str(why))
        return _back(request, str(why))
    if request.user.is_authenticated:
        # In another tab meanwhile; what further tabs have asked the provider stays open.
        asked = request.session.get(oidc.ASKED)
        logout(request)
        request.session[oidc.ASKED] = asked
    return let_in(request, person, HOME if token else to, seconds=SESSION_SECONDS, is_proven=proof.has_second_step)


def _token_in(address: str) -> str:
    """The token of a link to join, where an address is one; else ""."""
    try:
        found = resolve(within(urlsplit(address).path)) if address.startswith("/") else None
    except Resolver404:
        return ""
    return str(found.kwargs["token"]) if found and found.view_name == "studio:join" else ""


def _back(request: HttpRequest, sentence: str) -> HttpResponse:
    return show_sign_in(request, SignInForm(initial=KEEP), error=sentence)


def _note(request: HttpRequest, identity: Identity, why: str) -> None:
    address = client_address.of_request(request) or "an unknown address"
    text = f"{why} Through {settings.OIDC_NAME}, from {address}"
    TrailEntry.log(TrailEntry.Verb.SIGN_IN_REFUSED, by=None, thing=identity.verified_email, text=text)

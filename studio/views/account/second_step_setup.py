"""Turn your second step on and off: the authenticator app, and the recovery codes that stand in for it."""

from __future__ import annotations

import re
from datetime import timedelta

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret, get_totp_secret, validate_totp_code
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studio.forms.account.account import AppForm, AppOffForm, NewCodesForm
from studio.models import TrailEntry, User
from studio.models.account import second_step
from studio.text.names import isolated
from studio.views.account.page import show, waits_until
from studio.views.account.second_step import CODE
from studio.views.request import viewer

CODES_SHOWN, SHOWN_FOR = "recovery_codes_until", timedelta(minutes=10)
WRONG_CODE = "Wrong code. Is the time of your device right? Type the code that the app shows now."
# What begins a drawing of the qrcode library: its size in millimetres.
DRAWING = re.compile(r"^.*?<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>", re.S)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_step_setup(request: HttpRequest) -> HttpResponse:
    """Show the secret for an authenticator app, as a QR code and to type, and keep it when its first code is right."""
    person = viewer(request)
    if Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        return redirect("studio:account")
    secret: str = get_totp_secret()
    form = AppForm(request, person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        code = re.sub(r"[\s-]", "", form.cleaned_data["code"])
        if CODE.fullmatch(code) and validate_totp_code(secret, code):
            return _turned_on(request, person, secret, code)
        form.add_error("code", WRONG_CODE)
    adapter = get_adapter()
    context = {
        "form": form,
        "secret": " ".join(re.findall(".{1,4}", secret)),
        "drawing": _drawing(adapter.build_totp_svg(adapter.build_totp_url(person, secret))),
    }
    return render(request, "account/second_step_setup.html", context, status=422 if form.errors else 200)


def _drawing(svg: str) -> str:
    """Return the QR code as an element of the page that takes the size and the colour of its place."""
    box = DRAWING.match(svg)
    head = f'<svg viewBox="{box[1]}" role="img" aria-label="QR code of the secret">' if box else "<svg>"
    return mark_safe(DRAWING.sub(head, svg, count=1))  # noqa: S308 - drawn by us, without any text in it


def _turned_on(request: HttpRequest, person: User, secret: str, code: str) -> HttpResponse:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
            TOTP.activate(person, secret)
            RecoveryCodes.activate(person)
            second_step.by_code(person, code)  # it has worked, and signs nobody in after this
            TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text="Turned the second step on")
    clear_totp_secret(request)
    messages.success(request, "The second step is on. Keep your recovery codes somewhere safe.")
    return _codes_shown(request)


@sensitive_post_parameters()
@require_POST
def turn_off_second_step(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    form = AppOffForm(request, person, request.POST)
    if not form.is_valid():
        return show(request, app_off=form)
    with transaction.atomic():
        by_code = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
        if Authenticator.objects.filter(user=person, type__in=by_code).delete()[0]:
            TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text="Turned the second step off")
    messages.success(request, "The second step is off. Your password alone signs you in.")
    return redirect("studio:account")


# ---- Recovery codes


@require_safe
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the codes, or hand them out as a file (?file), for a while after they were made; nobody reads them later."""
    person = viewer(request)
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).first()
    if found is None or not waits_until(request, CODES_SHOWN, timezone.now()):
        messages.error(request, "Recovery codes are shown once. Make new ones if you lost yours.")
        return redirect("studio:account")
    codes = [f"{code[:4]} {code[4:]}" for code in found.wrap().get_unused_codes()]
    if "file" in request.GET:
        head = f"Recovery codes of {isolated(person.name)} for Studio. Each works once.\n\n"
        return HttpResponse(
            head + "\n".join(codes) + "\n",
            content_type="text/plain; charset=utf-8",
            headers={
                "Content-Disposition": 'attachment; filename="studio-recovery-codes.txt"',
                "Cache-Control": "private, no-store",
            },
        )
    return render(request, "account/recovery_codes.html", {"codes": codes, "as_text": "\n".join(codes)})


@sensitive_post_parameters()
@require_POST
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes; the old ones stop working."""
    person = viewer(request)
    form = NewCodesForm(request, person, request.POST)
    if not form.is_valid():
        return show(request, codes=form)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
            delete_dangling_recovery_codes(person)
            return redirect("studio:account")
        Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(person)
        TrailEntry.log(TrailEntry.Verb.PASSWORD, by=person, text="Made new recovery codes")
    return _codes_shown(request)


def _codes_shown(request: HttpRequest) -> HttpResponse:
    request.session[CODES_SHOWN] = (timezone.now() + SHOWN_FOR).timestamp()
    return redirect("studio:recovery_codes")

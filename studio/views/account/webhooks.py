"""Webhooks of one's own: which addresses hear how what one asks for ends, and whether they take it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from studio.forms.account.webhook import WebhookForm
from studio.models import ApiToken, TrailEntry, Webhook, WebhookDelivery
from studio.models.alerts.webhook import EVENTS, WebhookEvent, new_key, tell
from studio.views.permissions import makers_only
from studio.views.request import viewer

LATEST = 15  # deliveries on the page
MOST_TOKENS = 50
ADDED = "Added. Send a test to see that it works."
THERE = "That webhook is here already, so nothing was added."
TESTED = "A test is on its way to {address}. The result appears below."
TEST_TEXT = "This is a test of a webhook of yours. Nothing has happened."
SAID = {"on": "Switched on.", "off": "Switched off.", "removed": "Removed."}


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
@sensitive_post_parameters("address")
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show one's webhooks, what went there lately and the form of another; POST adds it."""
    person = viewer(request)
    if request.method != "POST":
        return _page(request, WebhookForm(person))
    form = WebhookForm.sent(person, request.POST)
    if form.errors:
        return _page(request, form, status=422)
    if hook := form.known():
        messages.info(request, THERE)
        return redirect(f"{reverse('studio:webhooks')}#webhook-{hook.code}")
    with transaction.atomic():
        hook = form.make(request.build_absolute_uri("/").rstrip("/"))
        _log(request, hook, "added")
    messages.success(request, ADDED)
    return redirect(f"{reverse('studio:webhooks')}#webhook-{hook.code}")


@require_POST
@makers_only
def test_webhook(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Put a test on its way; the row says how it went."""
    hook = _mine(request, code)
    tell([hook], WebhookEvent.TEST, new_key(), TEST_TEXT, path=reverse("studio:webhooks"))
    messages.success(request, TESTED.format(address=hook))
    return redirect(f"{reverse('studio:webhooks')}#webhook-{hook.code}")


@require_POST
@makers_only
def change_webhook(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Switch it on or off, or remove it with what was on its way (`state`)."""
    hook = _mine(request, code)
    if said := SAID.get(state := request.POST.get("state", "")):
        with transaction.atomic():
            _log(request, hook, "removed" if state == "removed" else f"switched {state}")
            if state == "removed":
                hook.delete()
            else:
                Webhook.objects.filter(pk=hook.pk).update(is_on=state == "on")
        messages.success(request, said)
    return redirect("studio:webhooks")


@require_POST
@makers_only
def show_webhook_key(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show the key that its receiver checks signatures with, in this answer alone."""
    hook = _mine(request, code)
    _log(request, hook, "signing key shown")
    return _page(request, WebhookForm(viewer(request)), shown=hook)


def _mine(request: HttpRequest, code: uuid.UUID) -> Webhook:
    rows = Webhook.objects.listed().filter(person=viewer(request)).select_related("person", "token")
    return get_object_or_404(rows, code=code)


def _log(request: HttpRequest, hook: Webhook, text: str) -> None:
    whose = f" of {hook.token}" if hook.token else ""
    TrailEntry.log(TrailEntry.Verb.TOKEN, by=viewer(request), thing=f"Webhook {hook}{whose}", text=text)


def _page(request: HttpRequest, form: WebhookForm, *, status: int = 200, **shown: Any) -> HttpResponse:
    person, now = viewer(request), timezone.now()
    hooks = list(Webhook.objects.listed().filter(person=person).select_related("token").order_by("pk"))
    on_its_way = WebhookDelivery.objects.filter(person=person, ended_at__isnull=True)
    waiting = set(on_its_way.values_list("hook_id", flat=True)[:1000])
    latest = WebhookDelivery.objects.filter(person=person).select_related("hook").order_by("-at", "-pk")
    context = {
        "hooks": [(hook, hook.pk in waiting) for hook in hooks],
        "is_waiting": bool(waiting),
        "latest": list(latest[:LATEST]),
        "form": form,
        "events": EVENTS,
        "tokens": list(ApiToken.objects.live(now).filter(person=person).newest_first()[:MOST_TOKENS]),
        "page": "other",
        **shown,
    }
    is_part = request.headers.get("HX-Request") and status == 200 and request.method == "GET"
    return render(request, "account/webhooks.html#live" if is_part else "account/webhooks.html", context, status=status)

"""Channels for alerts, for admins: where they go, of what they tell, and whether they work."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from studio.engine.deliveries.alert_wire import has_mail
from studio.forms.alert_channel import NO_EVENT, ChannelForm
from studio.forms.ticks import merged
from studio.models import TrailEntry
from studio.models.alerts.alert import ALARMS, NOTICES, Alert, AlertChannel, AlertDelivery, Event, send
from studio.text.names import isolated
from studio.views.permissions import admin_only
from studio.views.request import viewer

MOST_CHANNELS = 20
LATEST = 20  # alerts on the page
TOO_MANY = f"There are {MOST_CHANNELS} channels already. Remove one first."
THERE = "“{name}” is here already, so nothing was added."
ADDED, CHANGED, REMOVED = "“{name}” is added. Send a test to see that it works.", "Saved.", "“{name}” is removed."
TESTED = "A test is on its way to “{name}”. The result appears below."
TEST_TEXT = "This is a test of Studio's alerts. Nothing has happened."


@require_safe
@admin_only
def alerts(request: HttpRequest) -> HttpResponse:
    """Show the channels, what was told lately, and the form of a new one."""
    return _page(request, ChannelForm.blank())


@require_POST
@admin_only
@sensitive_post_parameters("address")
def add_channel(request: HttpRequest) -> HttpResponse:
    """Add a channel."""
    person, form = viewer(request), ChannelForm.sent(request.POST)
    if not form.errors and AlertChannel.objects.count() >= MOST_CHANNELS:
        messages.error(request, TOO_MANY)
        return redirect("studio:alerts")
    if form.errors:
        return _page(request, form, status=422)
    if channel := AlertChannel.objects.filter(**form.values).first():  # a second click
        messages.info(request, THERE.format(name=isolated(channel.name)))
        return redirect(f"{reverse('studio:alerts')}#channel-{channel.code}")
    with transaction.atomic():
        site = request.build_absolute_uri("/").rstrip("/")[:200]
        channel = AlertChannel.objects.create(**form.values, created_by=person, site=site)
        _log(request, channel, f"channel added, {channel.masked}")
    _forget()
    messages.success(request, ADDED.format(name=isolated(channel.name)))
    return redirect(f"{reverse('studio:alerts')}#channel-{channel.code}")


@require_POST
@admin_only
def change_channel(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Change of what a channel hears (`events`), or switch it on and off (`state`). What another admin changed of the
    events since the page was shown stays.
    """
    state = request.POST.get("state", "")
    with transaction.atomic():
        channel = get_object_or_404(AlertChannel.objects.select_for_update(), code=code)
        on = merged(channel.events, request.POST, request.POST.getlist("events"))
        events = [event.value for event in (*ALARMS, *NOTICES) if event.value in on]
        if state in {"on", "off"}:
            channel.is_on = state == "on"
            channel.save(update_fields=["is_on"])
            _log(request, channel, f"switched {state}")
        elif not events:
            messages.error(request, NO_EVENT)
            return redirect(f"{reverse('studio:alerts')}#channel-{channel.code}")
        elif events != channel.events:
            channel.events = events
            channel.save(update_fields=["events"])
            _log(request, channel, f"tells of {', '.join(events)}")
    _forget()
    messages.success(request, CHANGED)
    return redirect(f"{reverse('studio:alerts')}#channel-{channel.code}")


@require_POST
@admin_only
def test_channel(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Put a test on its way to a channel; the row says how it went."""
    channel = get_object_or_404(AlertChannel, code=code)
    with transaction.atomic():
        now = timezone.now()
        address = reverse("studio:alerts")
        alert = Alert.objects.create(
            event=Event.TEST, key=uuid.uuid4().hex, text=TEST_TEXT, address=address, ended_at=now
        )
        send(alert, [channel], due_at=now)
    messages.success(request, TESTED.format(name=isolated(channel.name)))
    return redirect(f"{reverse('studio:alerts')}#channel-{channel.code}")


@require_POST
@admin_only
def show_signing_key(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show the key that a webhook's receiver checks signatures with, in this answer alone."""
    channel = get_object_or_404(AlertChannel, code=code, kind=AlertChannel.Kind.WEBHOOK)
    _log(request, channel, "signing key shown")
    return _page(request, ChannelForm.blank(), shown=channel)


@require_POST
@admin_only
def remove_channel(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Remove a channel; what was on its way there goes with it."""
    channel = get_object_or_404(AlertChannel, code=code)
    with transaction.atomic():
        _log(request, channel, f"channel removed, {channel.masked}")
        channel.delete()
    _forget()
    messages.success(request, REMOVED.format(name=isolated(channel.name)))
    return redirect("studio:alerts")


def _log(request: HttpRequest, channel: AlertChannel, text: str) -> None:
    address = reverse("studio:alerts")
    TrailEntry.log(TrailEntry.Verb.ALERT, by=viewer(request), thing=channel.name, text=text, address=address)


def _forget() -> None:
    """Let this process see at once who wants to hear of what; the others do within seconds."""
    cache.delete("alerts:wanted")


def _page(
    request: HttpRequest, form: ChannelForm, *, status: int = 200, shown: AlertChannel | None = None
) -> HttpResponse:
    channels = list(AlertChannel.objects.all())
    waiting = set(AlertDelivery.objects.filter(ended_at__isnull=True).values_list("channel_id", flat=True)[:1000])
    context = {
        "channels": [(channel, channel.pk in waiting) for channel in channels],
        "is_waiting": bool(waiting),
        "shown": shown,
        "form": form,
        "kinds": AlertChannel.Kind.choices,
        "alarms": ALARMS,
        "notices": NOTICES,
        "has_mail": has_mail(),
        "latest": list(Alert.objects.prefetch_related("deliveries__channel").order_by("-at")[:LATEST]),
        "page": "other",
    }
    name = "state/alerts.html#live" if request.headers.get("HX-Request") and status == 200 else "state/alerts.html"
    return render(request, name, context, status=status)

"""Alerts: what admins are told outside of Studio, through which channels, and what became of it.

`raise_alert` writes the rows inside the transaction of what happened; the queue sends them (studio/engine/deliveries/alerts.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone
from django_q.tasks import async_task

from studio.models.alerts.delivery import Delivery, Receiver, masked, signing_key
from studio.models.clearing import delete_some
from studio.models.people import User
from studio.models.sql.compiled_query import CompiledQuery

LONGEST = 500  # characters of what an alert says
# Seconds for which a process remembers which events nobody wants to hear of.
REMEMBER = 5
KEPT = timedelta(days=90)


class Event(models.TextChoices):
    PAUSED = "paused", "Sending is paused"
    RESUMED = "resumed", "Sending goes on"
    SILENT = "silent", "The engine is silent"
    CUSTODY = "custody", "Made, but not saved for 45 minutes"
    UNKNOWN = "unknown", "An outcome is unknown"
    BUDGET = "budget", "A budget is used up to 80 or 100 %"
    APPROVED = "approved", "Pictures are approved"
    FINISHED = "finished", "Pictures are finished"
    TEST = "test", "Test"

    @property
    def told_of(self) -> str:
        """What a channel hears of that is told of it."""
        return "Sending is paused, or waits for over two minutes" if self is Event.PAUSED else self.label


# What an admin should hear of, and what a team may want to read.
ALARMS = (Event.PAUSED, Event.RESUMED, Event.SILENT, Event.CUSTODY, Event.UNKNOWN, Event.BUDGET)
NOTICES = (Event.APPROVED, Event.FINISHED)


class AlertChannel(Receiver):
    """Where alerts go: an email address, a chat, or a webhook. Its address may hold a secret: show `masked`."""

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        CHAT = "chat", "Chat"
        WEBHOOK = "webhook", "Webhook"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"

    @property
    def masked(self) -> str:
        """The address without what only its owner should know."""
        if self.kind == self.Kind.EMAIL:
            return self.address
        return masked(self.address) if self.kind == self.Kind.WEBHOOK else f"{self.address.partition('://')[0]}://…"

    @property
    def signing_key(self) -> str:
        return signing_key("alert-channel", self.code)


class Alert(models.Model):
    """Something that happened once: one row for an event and a key, however often it is noticed."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    event = models.CharField(max_length=10, choices=Event.choices)
    key = models.CharField(max_length=120)
    text = models.CharField(max_length=LONGEST)
    address = models.CharField(max_length=300, blank=True)
    number = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now)
    # Of what lasts: when it was over.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="one_alert_of_a_key")]
        indexes = [
            models.Index(fields=["-at"], name="alerts_by_time"),
            models.Index(fields=["event"], name="alerts_that_last", condition=models.Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"

    @classmethod
    def lasting(cls, event: Event) -> models.QuerySet[Alert]:
        """Those of an event that are not over."""
        return cls.objects.filter(event=event, ended_at__isnull=True)

    @classmethod
    def of_silent_conductor(cls) -> Alert | None:
        """Return the one that says that nothing is sent or fetched any more."""
        silent: Alert | None = _SILENT_CONDUCTOR.first()
        return silent

    def end(self, *, now: datetime) -> bool:
        return bool(Alert.objects.filter(pk=self.pk, ended_at__isnull=True).update(ended_at=now))

    @classmethod
    def clear_old(cls, *, now: datetime) -> None:
        """Delete some of those of three months ago."""
        delete_some(cls.objects.filter(at__lt=now - KEPT))


# Asked at every beat of a page while the line is held.
_SILENT_CONDUCTOR = CompiledQuery(lambda: Alert.lasting(Event.SILENT).filter(key__startswith="io:").order_by("pk")[:1])


class AlertDelivery(Delivery):
    """An alert on its way to one channel."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="deliveries")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "channel"], name="one_delivery_to_a_channel")]
        indexes = [
            models.Index(fields=["due_at"], name="deliveries_due", condition=models.Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.alert} to {self.channel_id}: {self.state}"

    @property
    def is_wanted(self) -> bool:
        return self.channel.is_on

    @classmethod
    def due(cls, now: datetime) -> list[AlertDelivery]:
        """Return a few whose time has come."""
        return list(cls.overdue(now).select_related("alert", "channel")[:20])


def raise_alert(
    event: Event, key: str, text: str, *, address: str = "", lasts: bool = False, wait: timedelta = timedelta()
) -> Alert | None:
    """Tell every channel that wants to hear of this event, once for each `key`; None where it was told before.

    Call it inside the transaction of what happened. `address` is the path of a page of ours; the text is one line and
    holds no secret and nothing of private work. `lasts`: it goes on until `Alert.end`. It leaves after `wait`.
    """
    if not wants(event) and not lasts:
        return None
    now = timezone.now()
    line = " ".join(text.split())[:LONGEST]
    with transaction.atomic():
        facts = {"text": line, "address": address[:300], "ended_at": None if lasts else now}
        alert, is_new = Alert.objects.get_or_create(event=event, key=key[:120], defaults=facts)
        if not is_new:
            return None
        channels = [one for one in AlertChannel.objects.filter(is_on=True) if event in one.events]
        send(alert, channels, due_at=now + wait)
    return alert


def send(alert: Alert, channels: Iterable[AlertChannel], *, due_at: datetime) -> None:
    """Put an alert on its way, and wake the queue."""
    rows = [AlertDelivery(alert=alert, channel=channel, due_at=due_at) for channel in channels]
    AlertDelivery.objects.bulk_create(rows)
    if rows and due_at <= timezone.now():
        async_task("studio.tasks.send_alerts", cluster="studio")


def wants(event: Event) -> bool:
    """Whether any channel wants to hear of an event; remembered for some seconds, because nobody mostly does."""
    wanted: set[str] | None = cache.get("alerts:wanted")
    if wanted is None:
        channels = AlertChannel.objects.filter(is_on=True).values_list("events", flat=True)
        wanted = {one for events in channels for one in events}
        cache.set("alerts:wanted", wanted, REMEMBER)
    return event in wanted


def add_up(event: Event, key: str, said: Callable[[int], str], *, address: str, wait: timedelta) -> None:
    """Tell of many things of one kind in one line, which `said` makes of their number. Within `wait` they are one alert."""
    if not wants(event):
        return
    same = Alert.objects.filter(event=event, key__startswith=f"{key}:").order_by("-at").first()
    if same and same.at + wait > timezone.now():
        number = same.number + 1
        same_rows = Alert.objects.filter(pk=same.pk, number=same.number)
        same_rows.update(number=number, text=said(number)[:LONGEST], address=address)
        return
    raise_alert(event, f"{key}:{uuid.uuid4().hex[:12]}", said(1), address=address, wait=wait)

"""What happened that concerns a person: the page behind the bell, and how else they are told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio import names
from studio.models import Notification, Picture, User
from studio.models.notification import WAYS, NotificationQuerySet
from studio.models.picture import load_sizes
from studio.views.permissions import page_address
from studio.views.request import HtmxRequest, viewer

PAGE = 40
Kind = Notification.Kind
SHOWN = {
    "new": ("New", None),
    "mentions": ("Mentions", (Kind.MENTION,)),
    "decisions": ("Decisions", (Kind.DECISION, Kind.PROOF)),
}
ICONS = {
    Kind.DONE: ("circle-check", "success"),
    Kind.FAILED: ("circle-alert", "danger"),
    Kind.MENTION: ("at-sign", ""),
    Kind.COMMENT: ("message-square", ""),
    Kind.DECISION: ("check-check", ""),
    Kind.CHANGE: ("pencil", ""),
    Kind.PROOF: ("share-2", ""),
    Kind.APPROVAL: ("clock", ""),
    Kind.ALARM: ("triangle-alert", "warning"),
    Kind.BUDGET: ("wallet", "warning"),
}
SAVED = "Saved."
# In the place of what was said about a picture that its person does not see any more.
UNSEEN = "wrote about a picture that you can't see any more."


@dataclass(frozen=True, slots=True)
class Note:
    """A row of the page."""

    notification: Notification
    picture: Picture | None
    is_hidden: bool

    @property
    def text(self) -> str:
        return UNSEEN if self.is_hidden else self.notification.text

    @property
    def initials(self) -> str:
        return names.initials(self.notification.who)

    @property
    def icon(self) -> str:
        return ICONS[Kind(self.notification.kind)][0]

    @property
    def tone(self) -> str:
        return ICONS[Kind(self.notification.kind)][1]


@require_safe
def notifications(request: HtmxRequest) -> HttpResponse:
    """Show what happened, the newest first, by day."""
    person, show = viewer(request), request.GET.get("show", "")
    rows = _chosen(Notification.objects.of(person), show)
    if (after := _code(request.GET.get("after", ""))) and (
        last := Notification.objects.of(person).filter(code=after).first()
    ):
        rows = rows.older_than(last.at, last.pk)
    found = list(rows.newest_first().select_related("actor", "client", "picture__job__submission")[: PAGE + 1])
    notes = _notes(found[:PAGE], person)
    days = [(day, list(same)) for day, same in groupby(notes, key=lambda note: _day(note.notification))]
    more = QueryDict(mutable=True)
    more.update({"show": show, "after": str(found[PAGE - 1].code)} if len(found) > PAGE else {})
    context = {
        "days": days,
        "today": timezone.localdate(),
        "show": show if show in SHOWN else "",
        "shows": [("", "All"), *((name, word) for name, (word, _) in SHOWN.items())],
        "more": more.urlencode(),
        "kinds": [
            (kind.value, kind.label, _ways(person, kind)) for kind in Kind if kind != Kind.ALARM or person.is_admin
        ],
        "page": "other",
    }
    return render(request, "notifications/notifications.html", context)


@require_POST
def open_notification(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Mark a notification as read and lead to what it is about."""
    mine = Notification.objects.of(viewer(request))
    found = get_object_or_404(mine, code=code)
    if found.read_at is None:
        mine.filter(pk=found.pk).read(now=timezone.now())
    return redirect(page_address(found.address) or reverse("studio:notifications"))


@require_POST
def read_notifications(request: HtmxRequest) -> HttpResponse:
    """Mark all notifications of the person as read."""
    Notification.objects.of(viewer(request)).unread().read(now=timezone.now())
    return redirect("studio:notifications")


@require_POST
def notification_ways(request: HtmxRequest) -> HttpResponse:
    """Store by which ways the person is told of which kind; the page itself always tells."""
    person = viewer(request)
    chosen = {way: set(request.POST.getlist(way)) for way in WAYS}
    ways = {kind.value: [way for way in WAYS if kind.value in chosen[way]] for kind in Kind}
    person.notify = {kind: found for kind, found in ways.items() if found}
    person.save(update_fields=["notify"])
    if request.htmx:
        return HttpResponse(status=204)
    messages.success(request, SAVED)
    return redirect("studio:notifications")


def _chosen(rows: NotificationQuerySet, show: str) -> NotificationQuerySet:
    if show == "new":
        return rows.unread()
    kinds = SHOWN[show][1] if show in SHOWN else None
    return rows.filter(kind__in=kinds) if kinds else rows


def _notes(found: list[Notification], person: User) -> list[Note]:
    """Put together what the rows show, in a fixed number of queries; of what the person no longer sees, nothing."""
    pictures = {one.picture_id: one.picture for one in found if one.picture}
    seen = set(Picture.objects.visible_to(person).filter(pk__in=list(pictures)).values_list("pk", flat=True))
    load_sizes(picture for key, picture in pictures.items() if key in seen)
    notes = []
    for one in found:
        is_seen = one.picture_id in seen
        is_hidden = bool(one.picture and not is_seen and not person.owns(one.picture.person_id))
        notes.append(Note(one, pictures[one.picture_id] if is_seen else None, is_hidden))
    return notes


def _day(notification: Notification) -> date:
    return timezone.localtime(notification.at).date()


def _ways(person: User, kind: Notification.Kind) -> list[str]:
    chosen = person.notify.get(kind.value, ()) if isinstance(person.notify, dict) else ()
    return [way for way in WAYS if way in chosen]


def _code(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

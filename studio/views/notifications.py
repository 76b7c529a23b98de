"""What happened that concerns a person: the page behind the bell, and how else they are told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio.codes import read_code
from studio.forms.ticks import merged
from studio.models import Notification, Picture, User
from studio.models.account.notification import WAYS, NotificationQuerySet
from studio.models.picture import load_sizes
from studio.models.pictures.tile_rows import visible_keys
from studio.models.search.document import place_of
from studio.models.sql.compiled_query import KEY, MOMENT, CompiledQuery
from studio.text import names
from studio.views import addresses, left_out, markup
from studio.views.gallery.tiles import tile_src
from studio.views.permissions import page_address
from studio.views.request import HtmxRequest, read_instant, viewer
from studio.views.stencil import Row

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

    @property
    def row(self) -> Row:
        told, shown = self.notification, self.picture
        return {
            "url": addresses.of("studio:open_notification", told.code),
            "is_new": told.read_at is None,
            "initials": self.initials,
            "icon": self.icon,
            "tone": self.tone,
            "who": told.who,
            "text": self.text,
            "at": markup.when(told.at),
            "times": f"{told.number} times" if told.number > 1 else "",
            "is_by_client": told.client_id is not None,
            "has_picture": shown is not None,
            "src": tile_src(shown, 256) if shown else "",
            "width": str(shown.width) if shown else "",
            "height": str(shown.height) if shown else "",
        }


@require_safe
def notifications(request: HtmxRequest) -> HttpResponse:
    """Show what happened, the newest first, by day."""
    person, show, until = viewer(request), request.GET.get("show", ""), place_of(timezone.now())
    show = show if show in SHOWN else ""
    after = read_code(request.GET.get("after", ""))
    last = Notification.objects.of(person).filter(code=after).first() if after else None
    found = _FOLLOWING[show](person.pk, last.at, last.pk) if last else _FIRST[show](person.pk)
    notes = _notes(found[:PAGE], person)
    days = [
        (day, [note.row for note in same]) for day, same in groupby(notes, key=lambda note: _day(note.notification))
    ]
    more = QueryDict(mutable=True)
    more.update({"show": show, "after": str(found[PAGE - 1].code)} if len(found) > PAGE else {})
    told = [kind for kind in Kind if kind != Kind.ALARM or person.is_admin]
    kinds = [(kind.value, kind.label, _ways(person, kind)) for kind in told]
    context = {
        "days": days,
        "today": timezone.localdate(),
        "show": show,
        "left_out": left_out.choices(request.GET, {"show": ("Show", SHOWN)}),
        "shows": [("", "All"), *((name, word) for name, (word, _) in SHOWN.items())],
        "more": more.urlencode(),
        "kinds": kinds,
        "was": [f"{kind}:{way}" for kind, _, ways in kinds for way in ways],
        "page": "other",
        "until": until,
    }
    return render(request, "account/notifications.html", context)


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
    """Mark the notifications of the person as read that were there when the page was shown (`until`)."""
    now = timezone.now()
    until = read_instant(request.POST.get("until", "")) or now
    Notification.objects.of(viewer(request)).unread().filter(at__lte=until).read(now=now)
    return redirect("studio:notifications")


@require_POST
def notification_ways(request: HtmxRequest) -> HttpResponse:
    """Store by which ways the person is told of which kind; the page itself always tells. What another tab changed
    since this one was shown stays.
    """
    sent = {f"{kind}:{way}" for way in WAYS for kind in request.POST.getlist(way)}
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=viewer(request).pk)
        on = merged({f"{kind}:{way}" for kind in Kind for way in _ways(person, kind)}, request.POST, sent)
        ways = {kind.value: [way for way in WAYS if f"{kind}:{way}" in on] for kind in Kind}
        person.notify = {kind: found for kind, found in ways.items() if found}
        person.save(update_fields=["notify"])
    if request.htmx:
        return render(request, "account/notifications.html#was", {"was": sorted(sent), "is_answer": True})
    messages.success(request, SAVED)
    return redirect("studio:notifications")


def _chosen(rows: NotificationQuerySet, show: str) -> NotificationQuerySet:
    if show == "new":
        return rows.unread()
    kinds = SHOWN[show][1] if show in SHOWN else None
    return rows.filter(kind__in=kinds) if kinds else rows


def _page(rows: NotificationQuerySet) -> NotificationQuerySet:
    return rows.newest_first().select_related("actor", "client", "picture").only(*READ)[: PAGE + 1]


def _first(show: str) -> CompiledQuery[Notification]:
    return CompiledQuery(lambda person: _page(_chosen(Notification.objects.filter(person=person), show)), KEY)


def _following(show: str) -> CompiledQuery[Notification]:
    def page(person: Any, at: Any, pk: Any) -> NotificationQuerySet:
        return _page(_chosen(Notification.objects.filter(person=person), show).older_than(at, pk))

    return CompiledQuery(page, KEY, MOMENT, KEY)


# What a row shows: the rest of a picture's columns would cost more than all of these.
READ: tuple[str, ...] = ("code", "kind", "text", "number", "at", "read_at", "actor__name", "client__name")
READ += tuple(f"picture__{name}" for name in ("code", "person", "sha256", "width", "height", "deleted_at"))
_FIRST, _FOLLOWING = ({show: of(show) for show in ("", *SHOWN)} for of in (_first, _following))


def _notes(found: list[Notification], person: User) -> list[Note]:
    """Put together what the rows show, in a fixed number of queries; of what the person no longer sees, nothing."""
    pictures = {one.picture.pk: one.picture for one in found if one.picture}
    seen = visible_keys(pictures, person)
    load_sizes(picture for key, picture in pictures.items() if key in seen)
    notes = []
    for one in found:
        is_seen = one.picture_id in seen
        is_hidden = bool(one.picture and not is_seen and not person.owns(one.picture.person_id))
        notes.append(Note(one, pictures.get(one.picture_id or 0) if is_seen else None, is_hidden))
    return notes


def _day(notification: Notification) -> date:
    return timezone.localtime(notification.at).date()


def _ways(person: User, kind: Notification.Kind) -> list[str]:
    chosen = person.notify.get(kind.value, ()) if isinstance(person.notify, dict) else ()
    return [way for way in WAYS if way in chosen]

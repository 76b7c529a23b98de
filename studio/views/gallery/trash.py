"""The trash: moving pictures there and back, what lies in it, and deleting for good."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from studio.codes import read_code
from studio.engine.pictures.trash import empty_later
from studio.models import Input, Picture, User, keyset
from studio.models.picture import PictureQuerySet, load_sizes
from studio.models.pictures import trash as bin
from studio.models.pictures.layers import load_stacks
from studio.models.pictures.tile_rows import names_of
from studio.models.search.document import place_of
from studio.models.sql.compiled_query import KEY, MOMENT, PERSON, CompiledQuery
from studio.text.names import isolated
from studio.views import left_out
from studio.views.formatting import counted
from studio.views.gallery.chosen import choosing, chosen
from studio.views.gallery.page import Cursor
from studio.views.gallery.trash_rows import row_of
from studio.views.permissions import NotYours, came_from, makers_only, onward
from studio.views.pictures import picture_lists
from studio.views.request import page_before, read_instant, viewer

PAGE = 30
WHOSE = ("mine", "team")
MOST_MOVED = 900
MOST_COUNTED = 1000
MOVED = "Moved to the trash."
NOT_YOURS = "Only {name} or an admin can delete this picture."
NONE_CHOSEN = "Choose a picture first."
TOO_MANY = f"Up to {MOST_MOVED} pictures go to the trash at once. Choose fewer, or narrow the gallery down."
NONE_MOVED = "Nothing was deleted: only its owner or an admin can delete a picture."
MOVED_BEFORE = "That picture was in the trash already."
NONE_LEFT = "Nothing was deleted: what you chose is in the trash already, or no longer there for you."
NONE_BACK = "Nothing was restored: it's back already, or deleted for good."
RESTORED = "It was restored meanwhile, so nothing was deleted."
DELETED = "Deleted for good. Its files go within the hour."
GONE = "It was deleted for good already."
EMPTY = "Nothing was deleted: what lay here was restored or deleted for good meanwhile."


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """Show what a person may restore, the last deleted first; an admin sees the team's with `whose=team`."""
    person, now = viewer(request), timezone.now()
    whose = "team" if person.is_admin and request.GET.get("whose") == "team" else "mine"
    after = Cursor.parse(request.GET.get("after", ""))
    pictures = FOLLOWING[whose](person, now, after.shown_at, after.pk) if after else FIRST[whose](person, now)
    more, pictures = len(pictures) > PAGE, pictures[:PAGE]
    load_sizes(pictures)
    load_stacks(pictures)
    names = names_of({key for one in pictures for key in (one.person_id, one.trashed_by_id) if key})
    count = COUNTED[whose].count(person, now)
    context = {
        "rows": [row_of(one, person, names, now) for one in pictures],
        "older": str(Cursor(pictures[-1].trashed_at or now, pictures[-1].pk)) if more else "",
        "is_first": after is None,
        "whose": whose,
        "of_team": whose == "team",
        "count": count,
        "count_words": counted(count, "picture") if count <= MOST_COUNTED else f"{MOST_COUNTED:,}+ pictures",
        "page": "other",
        "until": place_of(now),
        "left_out": left_out.choices(request.GET, {"whose": ("Whose", WHOSE)}),
    }
    return render(request, "gallery/trash.html", context)


@require_POST
@makers_only
def trash_picture(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Move a picture to the trash and go to the next one of its list, or with `state=off` bring it back."""
    person, now = viewer(request), timezone.now()
    seen = Picture.objects.visible_to(person, also_in_trash=True).for_tiles().select_related("person")
    shown = get_object_or_404(seen, code=code)
    if not bin.may_trash(shown, person):
        raise NotYours(NOT_YOURS.format(name=isolated(shown.person.name)))
    if request.POST.get("state") == "off":
        if not bin.restore([shown.pk], by=person, now=now) and shown.is_in_trash:
            messages.info(request, NONE_BACK)
        return redirect(shown)
    listed = picture_lists.opened_from(request, shown)
    of = f"?of={listed.name}" if listed.name else ""
    if bin.move([shown.pk], by=person, now=now):
        messages.success(request, MOVED, extra_tags=_undo(now, f"{shown.get_absolute_url()}{of}"))
    else:  # by another tab, or a colleague
        messages.info(request, MOVED_BEFORE)
    place = listed.place(shown)  # it is in no list any more, and what stood beside it is
    beside = place.older or place.newer
    return redirect(f"{beside.get_absolute_url()}{of}" if beside else listed.url)


@require_POST
@makers_only
@choosing
def trash_chosen(request: HttpRequest) -> HttpResponse:
    """Move the chosen pictures of the gallery to the trash."""
    person, now = viewer(request), timezone.now()
    here = came_from(request)
    codes = chosen(request, MOST_MOVED)
    if not codes or len(codes) > MOST_MOVED:
        messages.error(request, TOO_MANY if codes else NONE_CHOSEN)
        return redirect(here)
    found = Picture.objects.visible_to(person).filter(code__in=[code for code in map(read_code, codes) if code])
    keys = list(found.values_list("pk", flat=True))
    moved = bin.move(keys, by=person, now=now)
    if moved:
        words = f"{counted(len(moved), 'picture')} moved to the trash."
        left = len(keys) - len(moved)
        words += (
            f" {left} belong{'s' if left == 1 else ''} to others and stay{'s' if left == 1 else ''}."
            if left > 0
            else ""
        )
        messages.success(request, f"{words}{_used(moved, person)}", extra_tags=_undo(now, here))
    elif keys:
        messages.error(request, NONE_MOVED)
    else:
        messages.info(request, NONE_LEFT)
    return redirect(here)


@require_POST
@makers_only
def restore_trashed(request: HttpRequest) -> HttpResponse:
    """Undo: bring back what the person moved to the trash at one instant (`at`, microseconds since 1970)."""
    person, now = viewer(request), timezone.now()
    at = read_instant(request.GET.get("at", ""))
    back = bin.restore_moved(at, by=person, now=now) if at else []
    if back:
        messages.success(request, f"{counted(len(back), 'picture')} restored.")
    else:
        messages.info(request, NONE_BACK)
    return redirect(onward(request, reverse("studio:trash")))


@require_POST
@makers_only
def delete_picture(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Delete a picture for good; an admin also one that is not in the trash yet, but none that a page showed there
    (`seen=trash`) and that somebody restored meanwhile.
    """
    person, now = viewer(request), timezone.now()
    shown = get_object_or_404(Picture.objects.visible_to(person, also_in_trash=True), code=code)
    is_back = not shown.is_in_trash and request.POST.get("seen") == "trash"
    if not bin.may_trash(shown, person) or not (shown.is_in_trash or is_back or person.is_admin):
        raise PermissionDenied
    if is_back:
        messages.info(request, RESTORED)
        return redirect(shown)
    if not shown.is_in_trash:
        bin.move([shown.pk], by=person, now=now)
    if bin.delete(Picture.objects.filter(pk=shown.pk), by=person, now=now):
        empty_later()
        messages.success(request, DELETED)
    else:
        messages.info(request, GONE)
    return redirect(onward(request, reverse("studio:trash")))


@require_POST
@makers_only
def empty_trash(request: HttpRequest) -> HttpResponse:
    """Delete everything of a person's trash for good; an admin with `whose=team` the team's.

    `until`: when the page was shown (microseconds since 1970): what came to the trash later stays there.
    """
    person, now = viewer(request), timezone.now()
    whose = "team" if person.is_admin and request.POST.get("whose") == "team" else "mine"
    rows, until = _rows(person, whose, now), read_instant(request.POST.get("until", ""))
    number = bin.delete(rows.filter(trashed_at__lte=until) if until else rows, by=person, now=now)
    if number:
        empty_later()
        messages.success(request, f"{counted(number, 'picture')} deleted for good. Their files go within the hour.")
    else:
        messages.info(request, EMPTY)
    return redirect(reverse("studio:trash") + ("?whose=team" if whose == "team" else ""))


def trashed_picture(request: HttpRequest, code: uuid.UUID, onward: Any = None) -> HttpResponse:
    """The page of a picture in the trash, for who may restore it; raises Http404 for everybody else.

    `onward`: the list that somebody came along (studio.views.pictures.gone_picture); it leads on there, and not in the trash.
    """
    person, now = viewer(request), timezone.now()
    seen = Picture.objects.visible_to(person, also_in_trash=True).for_tiles().select_related("person", "trashed_by")
    shown = get_object_or_404(seen, code=code)
    load_stacks([shown])
    front = Picture.objects.filter(job=shown.job_id, position=0).first() if shown.job_id and shown.position else shown
    names = {one.pk: one.name for one in (shown.person, shown.trashed_by) if one}
    listed = front if front and shown.deletes_at is None else shown
    row = row_of(listed, person, names, now, shown=shown)
    whose = (
        "team" if person.is_admin and "whose=team" in (request.META["QUERY_STRING"] or _query_of_trash(request)) else ""
    )
    context = {"row": row, "picture": shown, "page": "other", "whose": whose, "of_team": whose == "team"}
    context["trash_url"], context["onward"] = reverse("studio:trash"), onward
    if onward is None:
        context["newer"], context["older"] = _beside(listed, _rows(person, whose or "mine", now))
    return render(request, "gallery/trashed.html", context)


def _beside(listed: Picture, rows: PictureQuerySet) -> tuple[Picture | None, Picture | None]:
    """What was deleted after a picture of the trash, and before it; nothing where it is not in this list."""
    at, pk = listed.trashed_at, listed.pk
    if at is None or not rows.filter(pk=pk).exists():
        return None, None
    newer = keyset.above(rows, "trashed_at", at, pk).order_by("trashed_at", "pk")
    older = keyset.below(rows, "trashed_at", at, pk).order_by("-trashed_at", "-pk")
    return newer.first(), older.first()


def _query_of_trash(request: HttpRequest) -> str:
    """The query of the trash's page that a picture was opened from, "" where it was another page."""
    came = page_before(request)
    return came.query if came.path == reverse("studio:trash") else ""


@require_safe
def picture_uses(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Say how often a picture was used: its menu asks when it opens."""
    asks = viewer(request)
    used = bin.used_by(get_object_or_404(Picture.objects.visible_to(asks), code=code), asks)
    return render(request, "gallery/_trash_menu.html#used", {"used": used})


def _rows(person: Any, whose: str, now: Any) -> PictureQuerySet:
    rows = Picture.objects.visible_to(person, also_in_trash=True).in_trash().filter(deletes_at__gt=now)
    return rows if whose == "team" else rows.filter(person.owned())


def _page(rows: PictureQuerySet) -> PictureQuerySet:
    return rows.order_by("-trashed_at", "-pk").select_related("job__submission")[: PAGE + 1]


def _first(whose: str) -> CompiledQuery[Picture]:
    return CompiledQuery(lambda person, now: _page(_rows(person, whose, now)), PERSON, MOMENT)


def _following(whose: str) -> CompiledQuery[Picture]:
    def page(person: Any, now: Any, at: Any, pk: Any) -> PictureQuerySet:
        return _page(keyset.below(_rows(person, whose, now), "trashed_at", at, pk))

    return CompiledQuery(page, PERSON, MOMENT, MOMENT, KEY)


def _counted(whose: str) -> CompiledQuery[Picture]:
    def keys(person: Any, now: Any) -> Any:
        return _rows(person, whose, now).order_by().values_list("pk")[: MOST_COUNTED + 1]

    return CompiledQuery(keys, PERSON, MOMENT)


FIRST, FOLLOWING, COUNTED = ({whose: of(whose) for whose in WHOSE} for of in (_first, _following, _counted))


def _used(moved: list[Picture], person: User) -> str:
    """Say that what the person sees of their uses stays."""
    keys = [one.pk for one in moved]
    made = Q(submission__is_private=False) | person.owned("submission__person")
    used = Input.objects.filter(made, picture__in=keys).exists()
    kept = Picture.objects.visible_to(person).filter(kept_from__in=keys)
    return f" Pictures made from {'it' if len(moved) == 1 else 'them'} stay." if used or kept.exists() else ""


def _undo(at: datetime, then: str) -> str:
    """Where the Undo of a message posts (templates/base.html): what was moved at this instant, and the page after it."""
    return f"{reverse('studio:restore_trashed')}?{urlencode({'at': place_of(at), 'next': then})}"

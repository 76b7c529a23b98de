"""The page of a picture that is not there any more for who comes to it: it says so, and leads on along its list."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from studio.codes import read_code
from studio.configuration.base_path import within
from studio.models import Picture
from studio.views.gallery import stack_list, trash
from studio.views.pictures import picture_lists
from studio.views.pictures.list_place import Place
from studio.views.request import page_before, viewer

PAGE = re.compile("/pictures/([0-9a-f-]{36})/")


@dataclass(frozen=True, slots=True)
class Onward:
    """Where it goes on from a picture that is gone: along its list, or back to the picture that it was turned to from.

    `of`: what their addresses end with.
    """

    place: Place
    turned_from: Picture | None
    url: str
    word: str
    back: str = ""
    on: str = ""
    of: str = ""


def page(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Answer for a picture that the person can't see: the page of the trash for who may restore it, else what it leads
    on to. Raises Http404 where nothing is known of it: a private picture of somebody else is as unknown as none.
    """
    rows = Picture.objects.visible_to(viewer(request), also_gone=True).select_related("job__submission")
    gone = rows.filter(code=code).first()
    before = _turned_from(request)
    of_trash = bool(before and before.is_in_trash)
    onward = None if of_trash else _along_its_list(request, gone, before)
    is_turned = bool(before or request.GET.get("of"))
    try:
        return trash.trashed_picture(request, code, onward if is_turned else None)
    except Http404:
        if of_trash:
            onward = Onward(Place(), before, reverse("studio:trash"), "Trash")
        if onward is None or request.headers.get("HX-Request"):
            raise
    context = {"gone": gone, "may_return": gone and _may_return(gone), "onward": onward, "page": "other"}
    return render(request, "pictures/gone.html", context, status=HTTPStatus.NOT_FOUND)


def _along_its_list(request: HttpRequest, gone: Picture | None, before: Picture | None) -> Onward | None:
    """`gone`: the picture, where the person may know of it, though not of the stack that it lay in; else what led to it
    has to do.
    """
    in_stack = request.GET.get("of") == stack_list.NAME
    known = before if gone is None or (in_stack and before) else gone
    if known is None:
        return None
    listed = picture_lists.opened_from(request, known, is_gone=known is gone)
    place = listed.place(known) if known is gone else Place()
    arrows = (getattr(listed, "back", ""), getattr(listed, "on", ""))
    of = f"?of={listed.name}" if listed.name else ""
    return Onward(place, before, listed.url.split("#")[0], listed.word, *arrows, of)


def _may_return(gone: Picture) -> bool:
    return gone.is_in_trash and (gone.deletes_at is None or gone.deletes_at > timezone.now())


def _turned_from(request: HttpRequest) -> Picture | None:
    """The picture whose page led here."""
    found = PAGE.fullmatch(within(page_before(request).path))
    code = read_code(found[1]) if found else None
    rows = Picture.objects.visible_to(viewer(request), also_in_trash=True).select_related("job__submission")
    return rows.filter(code=code).first() if code else None

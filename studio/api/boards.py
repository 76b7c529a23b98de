"""Boards: list and make them, put pictures on them and take them off."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from studio.api import answers as tell
from studio.api.answering import After, Limit, answers, asker, needs, place
from studio.api.door import Refused
from studio.api.schemas import BoardIn, BoardOut, BoardPage, Changed, PicturesIn
from studio.forms.board import BoardForm
from studio.models import Board, BoardPicture, Picture, User
from studio.views.gallery.page import Cursor

router = Router(tags=["Boards"])

NOT_YOURS = "You may look at this board, but not change what lies on it."


@router.get("/boards", response=answers(200, BoardPage), auth=needs["read"], url_name="boards")
def list_boards(request: HttpRequest, after: After, limit: Limit) -> dict[str, Any]:
    """List the boards that you see, the last changed first. Their pictures: /pictures?filters=board=CODE."""
    person, cursor = asker(request), place(after)
    rows = Board.objects.visible_to(person).current().last_changed_first().select_related("person")
    page = list((rows.after(cursor.shown_at, cursor.pk) if cursor else rows)[: limit + 1])
    last = page[limit - 1] if len(page) > limit else None
    return {
        "items": tell.boards(page[:limit], request),
        "next": str(Cursor(last.changed_at, last.pk)) if last else None,
    }


@router.post("/boards", response=answers(201, BoardOut), auth=needs["make"], url_name="boards")
def make_board(request: HttpRequest, asked: BoardIn) -> Status[dict[str, Any]]:
    """Make an empty board."""
    person, fields = asker(request), QueryDict(mutable=True)
    fields.update(asked.dict())
    form = BoardForm.sent(person, fields)
    if form.errors:
        raise Refused(422, "invalid", form.errors[0], {"name": form.errors})
    return Status(201, tell.boards([form.save(now=timezone.now())], request)[0])


@router.get("/boards/{uuid:code}", response=answers(200, BoardOut), auth=needs["read"], url_name="get_board")
def get_board(request: HttpRequest, code: uuid.UUID) -> dict[str, Any]:
    """Get one board."""
    return tell.boards([_seen(code, asker(request))], request)[0]


@router.post(
    "/boards/{uuid:code}/pictures", response=answers(200, Changed), auth=needs["make"], url_name="board_pictures"
)
def add_pictures(request: HttpRequest, code: uuid.UUID, asked: PicturesIn) -> dict[str, int]:
    """Put pictures at its end, in this order. What you don't see is left out."""
    person = asker(request)
    return {"number": BoardPicture.add(_mine(code, person), _keys(asked, person), by=person, now=timezone.now())}


@router.delete(
    "/boards/{uuid:code}/pictures/{uuid:picture}",
    response=answers(200, Changed),
    auth=needs["make"],
    url_name="board_picture",
)
def remove_picture(request: HttpRequest, code: uuid.UUID, picture: uuid.UUID) -> dict[str, int]:
    """Take a picture off it; it stays in the gallery."""
    person = asker(request)
    keys = _keys(PicturesIn(pictures=[picture]), person)
    return {"number": int(bool(BoardPicture.remove(_mine(code, person), keys, by=person, now=timezone.now())))}


def _keys(asked: PicturesIn, person: User) -> list[int]:
    """The keys of those that the person sees, in the order of their codes."""
    found = dict(Picture.objects.visible_to(person).filter(code__in=asked.pictures).values_list("code", "pk"))
    return [found[code] for code in dict.fromkeys(asked.pictures) if code in found]


def _seen(code: uuid.UUID, person: User) -> Board:
    return get_object_or_404(Board.objects.visible_to(person).select_related("person"), code=code)


def _mine(code: uuid.UUID, person: User) -> Board:
    board = _seen(code, person)
    if not board.may_change(person):
        raise Refused(403, "not-yours", NOT_YOURS)
    return board

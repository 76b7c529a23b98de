"""The list of boards, a new board, and putting chosen pictures on one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from studio.codes import read_code
from studio.forms.board import TEXTS, TOO_LONG, BoardForm
from studio.models import Board, BoardPicture, Picture, User
from studio.models.board import BoardQuerySet
from studio.models.boards.board_picture import CHUNK, MOST_AT_ONCE
from studio.models.search.document import place_of
from studio.models.sql.compiled_query import PERSON, CompiledQuery
from studio.text import names
from studio.text.names import isolated
from studio.views import formatting, left_out
from studio.views.boards.cards import cards
from studio.views.gallery.chosen import choosing, chosen
from studio.views.gallery.page import Cursor
from studio.views.permissions import came_from, makers_only
from studio.views.request import search_words, viewer

PAGE = 24
MOST_OFFERED = 60
SHOWS = ("mine", "shared", "archived")
NONE_CHOSEN = "Choose at least one picture first."
TOO_MANY = f"Up to {MOST_AT_ONCE:,} pictures go on a board at once, and you chose more. Narrow the gallery down first."
ADDED, ALL_THERE = "{count} added to “{name}”.", "All of them were on “{name}” already."


@require_safe
def boards(request: HttpRequest) -> HttpResponse:
    """Show the boards that the person sees, the last changed first, page by page."""
    return index(request)


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
def new_board(request: HttpRequest) -> HttpResponse:
    """Show the sheet of a new board, and make it (POST)."""
    person = viewer(request)
    if request.method != "POST":
        return index(request, BoardForm(person))
    form = BoardForm.sent(person, request.POST)
    if form.errors:
        return index(request, form, status=422)
    return redirect(form.save(now=timezone.now()))


def index(request: HttpRequest, form: BoardForm | None = None, *, status: int = 200) -> HttpResponse:
    person = viewer(request)
    show, words = request.GET.get("show", ""), search_words(request.GET.get("q", ""))
    unknown = left_out.choices(request.GET, {"show": ("Show", SHOWS)})
    show = show if show in SHOWS else ""
    after = Cursor.parse(request.GET.get("after", ""))
    if after or words:
        rows = _shown(show, person).named(words)
        page = list(_page(rows.after(after.shown_at, after.pk) if after else rows))
    else:
        page = _FIRST[show](person)
    last = page[PAGE - 1] if len(page) > PAGE else None
    context = {
        "cards": [card.row for card in cards(page[:PAGE], person)],
        "more": str(Cursor(last.changed_at, last.pk)) if last else "",
        "is_first": after is None,
        "show": show,
        "query": words,
        "left_out": unknown + left_out.long_search(request.GET.get("q", "")),
        "counts": dict(zip(COUNTED, _COUNTS.first(person), strict=True)),
        "form": form,
        "deleted": _deleted(request),
        "page": "boards",
    }
    return render(request, "boards/boards.html", context, status=status)


def _shown(show: str, person: Any) -> BoardQuerySet:
    every = Board.objects.visible_to(person)
    if show == "archived":
        return every.exclude(archived_at=None)
    now = every.current()
    if show == "mine":
        return now.filter(person.owned())
    return now.filter(visibility=Board.Visibility.LISTED) if show == "shared" else now


def _page(rows: BoardQuerySet) -> BoardQuerySet:
    return rows.last_changed_first().select_related("person").prefetch_related("members__person")[: PAGE + 1]


def _first(show: str) -> CompiledQuery[Board]:
    return CompiledQuery(lambda person: _page(_shown(show, person)), PERSON)


def _counts(person: Any) -> Any:
    now = Q(archived_at=None)
    # Counted all together: of a constant there is one group, and one row where there is no board.
    together = Board.objects.visible_to(person).order_by().annotate(all=Value(1)).values("all")
    return together.annotate(
        every=Count("pk", filter=now),
        mine=Count("pk", filter=now & person.owned()),
        shared=Count("pk", filter=now & Q(visibility=Board.Visibility.LISTED)),
        archived=Count("pk", filter=~now),
    ).values_list(*COUNTED)


COUNTED = ("every", "mine", "shared", "archived")
_FIRST = {show: _first(show) for show in ("", *SHOWS)}
_COUNTS: CompiledQuery[Board] = CompiledQuery(_counts, PERSON)


def _deleted(request: HttpRequest) -> Board | None:
    """The board that was deleted just now, for its Undo."""
    code = read_code(request.GET.get("deleted", ""))
    found = Board.objects.exclude(deleted_at=None).filter(code=code).first() if code else None
    return found if found and found.may_settle(viewer(request)) else None


# ---- Putting pictures on a board


@require_http_methods(["GET", "HEAD", "POST"])
@makers_only
@choosing
def add_to_board(request: HttpRequest) -> HttpResponse:
    """Show the boards that chosen pictures can be put on, and put them there (POST with `board`, or a new `name`).

    Pictures are chosen as everywhere: `picture` for each, or `all` of what `address` finds without those in `except`.
    """
    person = viewer(request)
    codes = request.GET.getlist("picture") if request.method != "POST" else chosen(request, MOST_AT_ONCE)
    keys = keys_of(codes[: MOST_AT_ONCE + 1], person)
    if not keys or len(codes) > MOST_AT_ONCE:
        messages.error(request, TOO_MANY if keys else NONE_CHOSEN)
        return redirect(came_from(request))
    given, name = request.POST.get("board", ""), names.one_line(request.POST.get("name", ""))
    if request.method == "POST" and (given or "make" in request.POST):
        if not given and (sentence := _name_problem(name)):
            return _choose(request, keys, name=name, sentence=sentence, status=422)
        board = _board(given, person) if given else _new(request, person, name)
        return _put(request, board, keys)
    return _choose(request, keys)


def _new(request: HttpRequest, person: User, name: str) -> Board:
    return Board.make_once(person, once=request.POST.get("once", ""), name=name, now=timezone.now())


def _name_problem(name: str) -> str:
    _, what, most = TEXTS[0]
    if not name:
        return "Give the new board a name, or choose one of the list."
    return TOO_LONG.format(what=what, most=most) if len(name) > most else ""


def _board(code: str, person: User) -> Board:
    known = read_code(code)
    if known is None:
        raise PermissionDenied
    return get_object_or_404(Board.objects.changeable_by(person), code=known)


def _put(request: HttpRequest, board: Board, keys: list[int]) -> HttpResponse:
    now = timezone.now()
    count = BoardPicture.add(board, keys, by=viewer(request), now=now)
    words = (ADDED if count else ALL_THERE).format(
        count=formatting.counted(count, "picture"), name=isolated(board.name)
    )
    undo = f"{reverse('studio:remove_from_board', args=[board.code])}?added={place_of(now)}"
    messages.success(request, words, extra_tags=undo if count else "")
    return redirect(board)


def _choose(
    request: HttpRequest, keys: list[int], *, name: str = "", sentence: str = "", status: int = 200
) -> HttpResponse:
    person, words = viewer(request), search_words(request.POST.get("q", request.GET.get("q", "")))
    found = Board.objects.changeable_by(person).current().named(words).last_changed_first()
    offered = list(found.select_related("person").prefetch_related("members__person")[:MOST_OFFERED])
    whole = request.POST.get("all") == "on"
    codes = [] if whole else Picture.objects.filter(pk__in=keys).values_list("code", flat=True)
    context: dict[str, Any] = {
        "number": len(keys),
        "codes": codes,
        "whole": whole,
        "address": request.POST.get("address", "") if whole else "",
        "left_out": request.POST.getlist("except") if whole else [],
        "upto": request.POST.get("upto", "") if whole else "",
        "cards": [card.row for card in cards(offered, person)],
        "query": words,
        "name": name,
        "once": uuid.uuid4(),
        "sentence": sentence,
        "back": reverse("studio:gallery"),
        "page": "boards",
    }
    return render(request, "boards/add.html", context, status=status)


def keys_of(codes: list[str], person: User) -> list[int]:
    """Return the keys of the pictures of the gallery that these codes mean to the person, in the order of the codes."""
    known = list(dict.fromkeys(code for raw in codes if (code := read_code(raw))))
    found: dict[uuid.UUID, int] = {}
    rows = Picture.objects.visible_to(person).made()
    for start in range(0, len(known), CHUNK):
        found |= dict(rows.filter(code__in=known[start : start + CHUNK]).values_list("code", "pk"))
    return [found[code] for code in known if code in found]

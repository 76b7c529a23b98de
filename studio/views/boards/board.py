"""One board: its pictures by hand or newest first, page by page, and moving and removing them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from studio.codes import read_code
from studio.context_processors import revision
from studio.forms.board import BoardForm
from studio.models import Board, BoardPicture, BoardRemoval, Notification, Picture, ProofLink, Revision, Star, User
from studio.models.boards.board_picture import MOST_AT_ONCE, BoardPictureQuerySet, MovedMeanwhile
from studio.models.picture import load_sizes
from studio.models.pictures.layers import load_stacks
from studio.models.pictures.tile_rows import makers, wall_by_key
from studio.models.requests.batch import MOST_EDITED
from studio.models.search.document import EPOCH, MICROSECOND
from studio.models.stacks import stacks
from studio.text.names import isolated
from studio.views import errors, formatting, left_out, typed
from studio.views.boards import head, moves
from studio.views.boards.page import NONE_CHOSEN, keys_of
from studio.views.gallery import opinions_of_many
from studio.views.gallery.chosen import choosing, chosen
from studio.views.gallery.page import FIRST
from studio.views.permissions import NotYours, makers_only
from studio.views.request import HtmxRequest, read_instant, viewer

PAGE = 60
# Each with the buttons that move it.
ARRANGED = 24
PLACE = re.compile(r"(-?\d{1,18})_(\d{1,18})", re.ASCII)
OFFERED = {"show": ("Show", head.SHOWN), "order": ("Order", Board.Order.values)}
LONGEST_INSTANT = 17  # digits: up to the year 5138
STEPS = ("first", "earlier", "later", "last")
HIDDEN_COVER = "Others see this board, but not this picture. Choose a cover that everybody sees."
NONE_PUT_BACK = "Nothing was put back: it's on this board already, or no longer there for you."
NOT_THERE = "That picture is no longer on this board, so nothing was moved."
AS_IT_IS = "Here is the board as it is now."
MOVED_MEANWHILE = "{who} moved that picture meanwhile, so it stays where it is now. See where, and move it again."
CHANGED_MEANWHILE = "{who} changed this board meanwhile. This is its order now."
NOT_YOURS = "Only people who can change this board can do that. Ask {name}."
TOO_MANY = f"Up to {MOST_AT_ONCE:,} pictures are removed at once, and you chose more. Choose fewer."
NONE_REMOVED = "None of them was on this board any more."
UNDO_GONE = {"sentence": "They can't be put back any more.", "advice": "Add them from the gallery."}


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture of the page, and who made it."""

    picture: Picture
    maker: str
    first: bool


@require_safe
def board(request: HtmxRequest, code: uuid.UUID) -> HttpResponse:
    """Show a page of a board; with `after` and htmx only the pictures that follow."""
    is_part = bool(request.htmx and not request.htmx.boosted and "after" in request.GET)
    return page(request, find(request, code), is_part=is_part)


def page(
    request: HttpRequest, shown: Board, form: BoardForm | None = None, *, is_part: bool = False, status: int = 200
) -> HttpResponse:
    """`is_part`: the page is there and only asks for more pictures. `form`: the settings, over the board."""
    since = Revision.current() if is_part else revision(request)
    person = viewer(request)
    asked, order = request.GET.get("order", ""), head.asked_order(request, shown)
    show = head.asked_show(request)
    may_change = shown.may_change(person)
    # Each picture with buttons that move it, which needs neither a mouse nor a script.
    arranging = may_change and order == Board.Order.HAND and request.GET.get("arrange") == "on"
    most = ARRANGED if arranging else PAGE
    places = shown.places.seen_by(person).decided(show)
    found = list(rows_after(places, order, request.GET.get("after", ""))[: most + 1])
    pictures = _pictures([row.picture_id for row in found[:most]])
    names = makers(pictures)
    Star.load(pictures, person)
    stacks.load(pictures, person, is_wall=False)
    context = {
        "board": shown,
        "order": order,
        "asked_order": asked if asked in Board.Order.values else "",
        "tiles": [Tile(one, names[one.person_id], at < FIRST and not is_part) for at, one in enumerate(pictures)],
        "more": place_of(found[most - 1], order) if len(found) > most else "",
        "is_first": "after" not in request.GET,
        "number": head.number(shown, person, show),
        "show": show,
        "may_change": may_change,
        "may_settle": shown.may_settle(person),
        "arranging": arranging,
        "page": "board",
        "since": since,
    }
    if is_part:
        return render(request, "boards/board.html#rows", context)
    if arranging:
        context["moves"] = moves.rows(shown, pictures, since=since, after=request.GET.get("after", ""))
    context |= head.of(shown, person)
    context |= {
        # What its pulse asks of.
        "ask": urlencode({"code": str(shown.code), "order": order, "show": show} | ({"sheet": "on"} if form else {})),
        "form": form,
        "proof_links": ProofLink.objects.shown_on(shown, person, timezone.now()) if form else [],
        "most_chosen": MOST_EDITED,
        "left_out": left_out.choices(request.GET, OFFERED),
        "tag_of_many": typed.take(request, opinions_of_many.FORM).get("tag", ""),
    }
    return render(request, "boards/board.html", context, status=status)


def find(request: HttpRequest, code: uuid.UUID) -> Board:
    found: Board | None = head.SEEN.first(viewer(request), code)
    if found is None:
        raise Http404
    return found


def rows_after(rows: BoardPictureQuerySet, order: str, after: str) -> BoardPictureQuerySet:
    """What follows a place in an order. Raises Http404 for a place that is none."""
    at = PLACE.fullmatch(after)
    if after and at is None:
        raise Http404
    by_hand = order == Board.Order.HAND
    ordered = rows.by_hand() if by_hand else rows.newest_first()
    if at is None:
        return ordered
    value, key = int(at[1]), int(at[2])
    if by_hand:
        return ordered.behind(value, key)
    try:
        return ordered.older_than(EPOCH + value * MICROSECOND, key)
    except OverflowError:
        raise Http404 from None


def place_of(row: BoardPicture, order: str) -> str:
    value = row.place if order == Board.Order.HAND else (row.added_at - EPOCH) // MICROSECOND
    return f"{value}_{row.pk}"


def _pictures(keys: list[int]) -> list[Picture]:
    found = wall_by_key(keys)
    pictures = [found[key] for key in keys if key in found]
    load_sizes(pictures)
    load_stacks(pictures)
    return pictures


# ---- Changing what lies on it


def _changed(request: HttpRequest, code: uuid.UUID) -> Board:
    """The board that the person is about to change. Raises NotYours where they may only look."""
    found = find(request, code)
    if not found.may_change(viewer(request)):
        raise NotYours(NOT_YOURS.format(name=isolated(found.person.name)))
    return found


@require_POST
@makers_only
def move_on_board(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Move `picture` before the picture `before` ("" for the end), or by a step `to`: first, earlier, later, last."""
    shown, person, now = _changed(request, code), viewer(request), timezone.now()
    picture, to = _on(shown, person, request.POST.get("picture", "")), request.POST.get("to", "")
    # What the page knew of; a page that is open and hears of all moves says nothing.
    since = request.POST.get("since", "")
    is_known = not since.isdecimal() or len(since) > LONGEST_INSTANT
    seen = None if is_known else int(since)
    given = request.POST.get("before", "")
    before = _on(shown, person, given)
    try:
        if picture and to in STEPS:
            moved = BoardPicture.step(shown, picture, to, by=person, now=now, since=seen)
        elif picture and (before or not given):
            moved = BoardPicture.move(shown, picture, before, by=person, now=now, since=seen)
        else:
            moved = False
    except MovedMeanwhile as first:
        who = "You" if first.by == person else first.by.name if first.by else head.UNKNOWN
        messages.warning(request, MOVED_MEANWHILE.format(who=isolated(who)))
        return _arranged(request, shown, picture)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204) if moved else errors.refuse(request, 409, sentence=NOT_THERE, advice=AS_IT_IS)
    if not moved:
        messages.error(request, NOT_THERE)
    elif seen is not None and (who := head.who_changed(shown, seen, person, besides=picture)):
        messages.info(request, CHANGED_MEANWHILE.format(who=who))
    return _arranged(request, shown, picture)


def _arranged(request: HttpRequest, shown: Board, picture: Picture | None) -> HttpResponse:
    after = request.POST.get("after", "")
    query = urlencode({"arrange": "on", **({"after": after} if PLACE.fullmatch(after) else {})})
    return redirect(f"{shown.get_absolute_url()}?{query}" + (f"#move-{picture.code}" if picture else ""))


def _on(shown: Board, person: User, raw: str) -> Picture | None:
    code = read_code(raw)
    return Picture.objects.visible_to(person).filter(code=code, places__board=shown).first() if code else None


@require_POST
@makers_only
def set_cover(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Show `picture` of the board first; without one, the first of the order."""
    shown = _changed(request, code)
    given = request.POST.get("picture", "")
    picture = _on(shown, viewer(request), given)
    if picture and not shown.may_show(picture):
        messages.error(request, HIDDEN_COVER)
    elif (given and picture is None) or not shown.set_cover(picture, now=timezone.now()):
        messages.error(request, NOT_THERE)
    else:
        messages.success(request, "The cover is changed.")
    return redirect(shown)


@require_POST
@makers_only
@choosing
def remove_from_board(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Take chosen pictures off the board; they stay in the gallery, and can be put back where they were.

    As the Undo of adding: what the person put there at one instant (`added`, microseconds since 1970).
    """
    shown, person = _changed(request, code), viewer(request)
    if "added" in request.GET:
        return _removed(request, shown, _added(shown, person, request.GET["added"]))
    codes = chosen(request, MOST_AT_ONCE)
    keys = keys_of(codes, person)
    if not keys or len(codes) > MOST_AT_ONCE:
        messages.error(request, TOO_MANY if keys else NONE_CHOSEN)
        return redirect(shown)
    return _removed(request, shown, keys, tells_owner=True)


def _added(shown: Board, person: User, at: str) -> list[int]:
    """The keys of what the person put on the board at an instant."""
    added = shown.places.filter(added_by=person, added_at=instant) if (instant := read_instant(at)) else ()
    return [one.picture_id for one in added]


def _removed(request: HttpRequest, shown: Board, keys: list[int], *, tells_owner: bool = False) -> HttpResponse:
    person = viewer(request)
    removal = BoardPicture.remove(shown, keys, by=person, now=timezone.now())
    if removal is None:
        messages.info(request, NONE_REMOVED)
        return redirect(shown)
    if tells_owner:
        _tell_owner(shown, person, removal)
    number = len(removal.rows)
    words = f"{formatting.counted(number, 'picture')} removed. The gallery still has {'it' if number == 1 else 'them'}."
    messages.success(request, words, extra_tags=reverse("studio:undo_removal", args=[removal.code]))
    return redirect(shown)


def _tell_owner(shown: Board, person: User, removal: BoardRemoval) -> None:
    keys = [int(row[0]) for row in removal.rows]
    # Somebody's own private pictures are no news to the owner.
    number = Picture.objects.filter(Q(is_private=False) | shown.person.owned(), pk__in=keys).count()
    if not number:
        return
    text = f"took {formatting.counted(number, 'picture')} off your board “{isolated(shown.name)}”."
    kind = Notification.Kind.CHANGE
    with transaction.atomic():
        Notification.tell(shown.person, kind, text, shown.get_absolute_url(), actor=person, board=shown)


@require_POST
@makers_only
def undo_removal(request: HttpRequest, code: uuid.UUID) -> HttpResponse:
    """Put pictures back on the board that the person took off."""
    # What somebody else took off is as unknown as what was put back already.
    mine = BoardRemoval.objects.filter(person=viewer(request))
    removal = mine.filter(code=code).select_related("board").first()
    if removal is None:
        raise errors.NotThere(**UNDO_GONE)
    shown = _changed(request, removal.board.code)
    count = removal.undo(now=timezone.now())
    if count:
        messages.success(request, f"{formatting.counted(count, 'picture')} put back.")
    else:
        messages.info(request, NONE_PUT_BACK)
    return redirect(shown)

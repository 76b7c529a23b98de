"""What an open page of a board learns of its order by hand: which pictures were moved since it looked, and whereto."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string

from studio.models import Board, BoardPicture, User
from studio.views import board_head
from studio.views.board import place_of
from studio.views.request import viewer
from studio.views.tile_changes import drawn

# Moves in one answer, each with its tile: it may come from where the page has not read yet. As many as a page shows.
MOST_MOVED = 60


def update(request: HttpRequest, shown: Board, since: int) -> str:
    """Return the moves after a revision, for the pulse of a page in the order by hand; "" where there are none."""
    if board_head.asked_order(request, shown) != Board.Order.HAND:
        return ""
    keys = list(shown.places.moved_since(since).values_list("pk", flat=True)[: MOST_MOVED + 1])
    if not keys:
        return ""
    person, is_much = viewer(request), len(keys) > MOST_MOVED
    rows = [] if is_much else _placed(shown, person, board_head.asked_show(request), keys)
    context = {
        "moved": "much" if is_much else " ".join(map(_told, rows)),
        "tiles": drawn([row.picture_id for row in rows], person, is_wall=False),
        "since": since,
    }
    return render_to_string("boards/_order.html", context)


def _placed(shown: Board, person: User, show: str, keys: list[int]) -> list[BoardPicture]:
    """These rows in their order, each with `next`: the code of the picture that follows for this person, or None."""
    seen = BoardPicture.objects.seen_by(person).decided(show)
    behind = seen.filter(board=OuterRef("board")).behind(OuterRef("place"), OuterRef("pk")).by_hand()
    found = seen.filter(pk__in=keys).annotate(next=Subquery(behind.values("picture__code")[:1]))
    return list(found.select_related("picture").by_hand())


def _told(row: BoardPicture) -> str:
    """A move as the page reads it: code, place and the code of what follows."""
    return f"{row.picture.code}:{place_of(row, Board.Order.HAND)}:{row.next or ''}"  # type: ignore[attr-defined]

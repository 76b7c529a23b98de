"""What an open page of a board learns of its pictures: which came, were moved, went or were decided since it looked."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string

from studio.models import Board, BoardPicture, BoardRemoval, Picture, User
from studio.views.boards import head as board_head
from studio.views.boards.board import place_of
from studio.views.gallery.tile_changes import drawn
from studio.views.request import viewer

# What came or was moved in one answer, each with its tile: it may come from where the page has not read yet. As many as
# a page shows.
MOST_MOVED = 60
MOST_GONE = 200


def update(request: HttpRequest, shown: Board, since: int, revision: int) -> str:
    """Return what came, moved and went after a revision, for the pulse of a page; "" where nothing did. `who`: by whom.

    `revision` is that of the answer: what is selected as all of the board is what was there by then (views.chosen).
    """
    order, show, person = board_head.asked_order(request, shown), board_head.asked_show(request), viewer(request)
    seen = shown.places.seen_by(person)
    keys = list(seen.moved_since(since).values_list("pk", flat=True)[: MOST_MOVED + 1])
    taken = BoardRemoval.keys_since(shown, since, MOST_GONE)
    is_much = len(taken) > MOST_GONE
    if taken:  # what was somebody else's private one goes without a word
        taken = list(Picture.objects.visible_to(person).filter(pk__in=taken).values_list("pk", flat=True))
    # A page of one decision: what is decided so comes to it, and what is not so any more goes.
    decided = list(seen.decided_since(since)[: MOST_MOVED + 1]) if show else []
    if not keys and not taken and not decided:
        return ""
    keys = list(dict.fromkeys([*keys, *(row.pk for row in decided if row.decision == show)]))
    others = [row.picture_id for row in decided if row.decision != show]
    is_much = is_much or max(len(keys), len(decided)) > MOST_MOVED
    rows = [] if is_much else _placed(shown, person, show, order, keys)
    taken = list(set(taken).difference(shown.places.filter(picture__in=taken).values_list("picture", flat=True)))
    gone = Picture.objects.visible_to(person).filter(pk__in=[] if is_much else [*taken, *others])
    context = {
        "moved": "much" if is_much else " ".join(_told(row, order, since, show) for row in rows),
        "tiles": drawn([row.picture_id for row in rows], person, is_wall=False),
        "gone": " ".join(map(str, gone.values_list("code", flat=True))),
        "who": "" if show else board_head.who_changed(shown, since, person),
        "number": board_head.number(shown, person, show),
        "since": since,
        "upto": revision,
    }
    return render_to_string("boards/_order.html", context)


def _placed(shown: Board, person: User, show: str, order: str, keys: list[int]) -> list[BoardPicture]:
    """These rows in their order, each with `next`: the code of the picture that follows for this person, or None."""
    seen = BoardPicture.objects.seen_by(person).decided(show)
    others = seen.filter(board=OuterRef("board"))
    by_hand = order == Board.Order.HAND
    behind = (
        others.behind(OuterRef("place"), OuterRef("pk"))
        if by_hand
        else others.older_than(OuterRef("added_at"), OuterRef("pk"))
    )
    following = Subquery(behind.in_order(order).values("picture__code")[:1])
    return list(seen.filter(pk__in=keys).annotate(next=following).select_related("picture").in_order(order))


def _told(row: BoardPicture, order: str, since: int, show: str) -> str:
    """A row as the page reads it: code, place, the code of what follows, and "new" where it came, or was decided so."""
    new = "new" if max(row.came_rev or 0, row.decided_rev or 0 if show else 0) > since else ""
    return f"{row.picture.code}:{place_of(row, order)}:{row.next or ''}:{new}"  # type: ignore[attr-defined]

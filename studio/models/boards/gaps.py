"""Where a picture goes in the order of a board by hand: numbers apart from each other, and room made between them."""

from __future__ import annotations

from typing import Any

from studio.models.board import Board
from studio.models.boards.places import BoardPlaces

# Between two places, so that a picture can be put between them some twenty times before others have to move.
GAP = 1 << 20
# How many rows are spread first where a gap is used up, and how wide their gaps are at least then.
SPREAD, LEAST_GAP = 64, 1 << 10


def room(board: Board, row: Any, before: Any) -> int:
    """Return a place between the row before which it goes and the one ahead of that; the others give way if need be."""
    others = board.places.exclude(pk=row.pk)
    if before is None:
        return last_place(others) + GAP
    ahead = others.before(before.place, before.pk).order_by("-place", "-pk").first()
    if ahead is None:
        return int(before.place) - GAP
    if before.place - ahead.place < 2:
        _spread(others, ahead)
        before.refresh_from_db(fields=["place"])
    return (int(ahead.place) + int(before.place)) // 2


def last_place(rows: BoardPlaces[Any]) -> int:
    return rows.order_by("-place", "-pk").values_list("place", flat=True).first() or 0


def _spread(others: BoardPlaces[Any], ahead: Any) -> None:
    """Make room behind a row: the next rows are spread over twice as many, until their gaps are wide again."""
    number = SPREAD
    while True:
        rows = list(others.behind(ahead.place, ahead.pk).by_hand()[: number + 1])
        is_end = len(rows) <= number
        moved = rows if is_end else rows[:-1]
        step = GAP if is_end else (rows[-1].place - ahead.place) // (len(moved) + 1)
        if step >= LEAST_GAP:
            break
        number *= 2
    for nth, one in enumerate(moved, start=1):
        one.place = ahead.place + step * nth
    others.bulk_update(moved, ["place"], batch_size=500)

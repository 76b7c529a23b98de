"""What a board keeps of the pictures on it, so that no page counts them: numbers, decisions, cost and its first pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.apps import apps
from django.db.models import Q

from studio.models.board import Board
from studio.models.picture import Picture

MOSAIC = 12  # more than any list shows: some of them may be private or gone
SPENT = "spent"


def count_on_boards(pictures: Sequence[Picture], by: int) -> None:
    """Count pictures on (1) or off (-1) all their boards: where they come back from the trash, or go there.

    Called inside the transaction that changes them. Whether a picture is private says under whom it is counted: one
    that begins or stops to be private is counted off before and on after.
    """
    lying: dict[int, list[int]] = defaultdict(list)
    places = apps.get_model("studio", "BoardPicture").objects.filter(picture__in=[one.pk for one in pictures])
    for board_id, key in places.values_list("board_id", "picture_id"):
        lying[board_id].append(key)
    for board in Board.objects.select_for_update().filter(pk__in=list(lying)).order_by("pk"):
        count(board, lying[board.pk], by)
        board.mosaic = first_pictures(board)
        board.save(update_fields=["mosaic"])


def count_decision(picture: Picture, verdict: str) -> None:
    """Have all boards of a picture know what is decided on it; called before its row says so, inside the transaction."""
    boards = Board.objects.select_for_update().filter(places__picture=picture).order_by("pk")
    is_counted = picture.trashed_at is None
    for board in boards:
        if is_counted:
            count(board, [picture.pk], -1)
    picture.decision = verdict
    picture.save(update_fields=["decision"])
    for board in boards:
        if is_counted:
            count(board, [picture.pk], 1)
    picture.places.update(decision=verdict)


def count(board: Board, keys: Iterable[int], by: int) -> None:
    """Change the counts of a board, whose row is locked."""
    rows = Picture.objects.filter(pk__in=list(keys))
    number, private, tallies = board.number, dict(board.private_numbers), dict(board.tallies)
    fields = ("is_private", "person_id", "decision", "origin", "job__price")
    for is_private, person, decision, origin, price in rows.values_list(*fields):
        owner = str(person) if is_private else ""
        if is_private:
            private[owner] = private.get(owner, 0) + by
        else:
            number += by
        tally = dict(tallies.get(owner, {}))
        if decision:
            tally[decision] = max(0, tally.get(decision, 0) + by)
        if price and origin == Picture.Origin.MADE:
            tally[SPENT] = str(max(Decimal(0), Decimal(tally.get(SPENT, 0)) + by * price))
        tallies[owner] = tally
    board.number = max(0, number)
    board.private_numbers = {person: count for person, count in private.items() if count > 0}
    board.tallies = {owner: tally for owner, tally in tallies.items() if tally}
    board.save(update_fields=["number", "private_numbers", "tallies"])


def first_pictures(board: Board) -> list[int]:
    """Return the keys of its first pictures by hand, and of the first that everybody sees, in their order."""
    rows = board.places.filter(picture__trashed_at__isnull=True).by_hand()
    fields = ("place", "pk", "picture_id", "picture__is_private")
    found = list(rows.values_list(*fields)[:MOSAIC])
    if any(is_private for *_, is_private in found):
        found += rows.filter(Q(picture__is_private=False)).values_list(*fields)[:MOSAIC]
    return [key for _, _, key, _ in sorted(dict.fromkeys(found))]

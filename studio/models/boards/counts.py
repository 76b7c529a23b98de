"""What a board keeps of the pictures on it, so that no page counts them: numbers, decisions, cost and its first pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.apps import apps
from django.db import transaction
from django.db.models import Count, F, Q

from studio.models.board import Board
from studio.models.picture import Picture
from studio.models.revision import Revision
from studio.text import plurals

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
    if by > 0 and lying:
        rev = Revision.current()  # of this transaction: they come to open pages of the boards
        places.update(rev=rev, came_rev=rev, moved_by=None)


def count_decision(picture: Picture, verdict: str) -> None:
    """Have all boards of a picture know what is decided on it; called before its row says so, inside the transaction
    that raised the revision."""
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
    picture.places.update(decision=verdict, decided_rev=Revision.current())


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


def renew(board: Board, keys: Sequence[int], *, now: datetime) -> None:
    """Keep the keys of its first pictures, and when it changed: pictures came, went or were moved.

    Private ones alone change nothing of a board that others see.
    """
    board.mosaic = first_pictures(board)
    of_one = board.visibility == Board.Visibility.PRIVATE
    if of_one or Picture.objects.filter(pk__in=list(keys), is_private=False).exists():
        board.changed_at = now
    board.save(update_fields=["mosaic", "changed_at"])


# ---- Checking


@dataclass(slots=True)
class Counts:
    """What a board should say of the pictures on it; nothing that is zero."""

    number: int = 0
    private: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    @classmethod
    def stored(cls, board: Board) -> Self:
        tallies = {
            owner: kept
            for owner, tally in board.tallies.items()
            if (kept := {name: Decimal(value) for name, value in tally.items() if Decimal(value)})
        }
        return cls(board.number, dict(board.private_numbers), tallies)

    def add(self, owner: str, verdict: str, found: int, spent: Decimal) -> None:
        """Add pictures that everybody sees (""), or the private ones of an owner."""
        if owner:
            self.private[owner] = self.private.get(owner, 0) + found
        else:
            self.number += found
        for name, value in ((verdict, Decimal(found)), (SPENT, spent)):
            if name and value:
                tally = self.tallies.setdefault(owner, {})
                tally[name] = tally.get(name, Decimal(0)) + value

    def written(self) -> dict[str, Any]:
        """The fields of a board that say so."""
        tallies = {
            owner: {name: str(value) if name == SPENT else int(value) for name, value in tally.items()}
            for owner, tally in self.tallies.items()
        }
        return {"number": self.number, "private_numbers": self.private, "tallies": tallies}


def true_counts(**of: Any) -> dict[int, Counts]:
    """Count what lies on every board, or on those that are so: by the key of the board. Reads every row of them."""
    rows = apps.get_model("studio", "BoardPicture").objects.filter(picture__trashed_at__isnull=True, **of).order_by()
    kinds = ("board_id", "picture__is_private", "picture__person_id", "picture__decision", "picture__origin")
    found: dict[int, Counts] = defaultdict(Counts)
    grouped = rows.values_list(*kinds, "picture__job__price").annotate(found=Count("pk"))
    for board, is_private, person, decision, origin, price, number in grouped.iterator():
        spent = price * number if price and origin == Picture.Origin.MADE else Decimal(0)
        found[board].add(str(person) if is_private else "", decision, number, spent)
    return found


def wrong() -> Iterator[tuple[int, str]]:
    """Yield the key of each board that does not count what lies on it, or is wrong about a decision, and a sentence."""
    true = true_counts()
    rows = apps.get_model("studio", "BoardPicture").objects.exclude(decision=F("picture__decision"))
    undecided = dict(rows.order_by().values_list("board_id").annotate(found=Count("pk")))
    for board in Board.objects.order_by("pk").iterator():
        should, stored = true.get(board.pk, Counts()), Counts.stored(board)
        if should != stored:
            yield (
                board.pk,
                (
                    f"Board {board.code} counts {plurals.counted(stored.number, 'picture')}, {sum(stored.private.values())} private and"
                    f" {_told(stored)}; it has {should.number}, {sum(should.private.values())} and {_told(should)}."
                ),
            )
        elif board.pk in undecided:
            yield board.pk, f"Board {board.code} knows another decision of {undecided[board.pk]} of its pictures."


def recount(key: int) -> None:
    """Count a board anew. Nobody else changes what lies on boards meanwhile."""
    places = apps.get_model("studio", "BoardPicture").objects.filter(board=key)
    with transaction.atomic():
        Revision.bump()
        for place in places.exclude(decision=F("picture__decision")).select_related("picture"):
            places.filter(pk=place.pk).update(decision=place.picture.decision)
        board = Board.objects.select_for_update().get(pk=key)
        counted = true_counts(board=key).get(key, Counts()).written()
        Board.objects.filter(pk=key).update(**counted, mosaic=first_pictures(board))


def _told(counts: Counts) -> str:
    summed: dict[str, Decimal] = defaultdict(Decimal)
    for tally in counts.tallies.values():
        for name, value in tally.items():
            summed[name] += value
    return ", ".join(f"{value} {name}" for name, value in sorted(summed.items())) or "nothing decided"

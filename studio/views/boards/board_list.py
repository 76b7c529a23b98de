"""The pictures of a board as the list that one of them was opened from: by hand or newest added, all or one decision."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from studio.models import Board, BoardPicture, Picture, User
from studio.models.boards.board_picture import BoardPictureQuerySet
from studio.views.boards.head import SHOWN
from studio.views.pictures.list_place import Place

MOST_COUNTED = 1000
CODE = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
# As an address of a picture names it: the board, its order, and which of its pictures.
NAME = re.compile(rf"board\.{CODE}\.(hand|newest)\.(approved|candidate|rejected|)")
PAGE = re.compile(f"/boards/{CODE}/")


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A board that the viewer sees, in one of its orders. `row`: the picture that is shown, on it, with this code."""

    person: User
    board: Board
    order: str
    show: str
    row: BoardPicture
    code: uuid.UUID

    # What the arrows are called.
    back = "Picture before this"
    on = "Picture after this"

    @property
    def name(self) -> str:
        return f"board.{self.board.code}.{self.order}.{self.show}"

    @property
    def word(self) -> str:
        return self.board.name

    @property
    def url(self) -> str:
        asked = {"order": self.order if self.order != self.board.order else "", "show": self.show}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{self.board.get_absolute_url()}{f'?{query}' if query else ''}#picture-{self.code}"

    def place(self, shown: Picture) -> Place:
        ahead, behind = self._ahead(), self._behind()
        nearest = [next(iter(_keys(rows[:1])), 0) for rows in (ahead, behind)]
        found = Picture.objects.visible_to(self.person).for_tiles().in_bulk([key for key in nearest if key])
        words = self._words(ahead[:MOST_COUNTED].count())
        return Place(found.get(nearest[0]), found.get(nearest[1]), words)

    def around(self, shown: Picture, most: int) -> list[Picture]:
        keys = [*_keys(self._ahead()[:most])[::-1], self.row.picture_id, *_keys(self._behind()[:most])]
        found = Picture.objects.visible_to(self.person).in_bulk(keys)
        return [found[key] for key in keys if key in found]

    @property
    def _rows(self) -> BoardPictureQuerySet:
        return self.board.places.seen_by(self.person).decided(self.show)

    def _ahead(self) -> BoardPictureQuerySet:
        """What stands before it, the nearest first."""
        row = self.row
        if self.order == Board.Order.HAND:
            return self._rows.before(row.place, row.pk).order_by("-place", "-pk")
        return self._rows.newer_than(row.added_at, row.pk).order_by("added_at", "pk")

    def _behind(self) -> BoardPictureQuerySet:
        row = self.row
        if self.order == Board.Order.HAND:
            return self._rows.behind(row.place, row.pk).by_hand()
        return self._rows.older_than(row.added_at, row.pk).newest_first()

    def _words(self, before: int) -> str:
        """How far along, of a number that the board keeps."""
        board, person, number = self.board, self.person, before + 1
        of = board.decided_for(person, self.show) if self.show else board.number_for(person)
        return "" if number > MOST_COUNTED else f"{number:,} of {max(number, of):,}"


def named(name: str, shown: Picture, person: User) -> OnBoard | None:
    """Return the list that an address names; None where it names no board that the person sees with this picture on it."""
    found = NAME.fullmatch(name)
    return _on(found[1], found[2], found[3], shown, person) if found else None


def shown_on(path: str, asked: dict[str, list[str]]) -> str:
    """Return the name of the list that a board's page shows, "" for any other page. An order left out is the board's."""
    page = PAGE.fullmatch(path)
    if page is None:
        return ""
    show, order = (asked.get("show") or [""])[0], (asked.get("order") or [""])[0]
    if order not in Board.Order.values:
        order = _order_of(page[1])
    return f"board.{page[1]}.{order}.{show if show in SHOWN else ''}"


def _order_of(code: str) -> str:
    return Board.objects.filter(code=code).values_list("order", flat=True).first() or Board.Order.HAND


def _on(code: str, order: str, show: str, shown: Picture, person: User) -> OnBoard | None:
    board = Board.objects.visible_to(person).filter(code=code).first()
    row = board.places.decided(show).filter(picture=shown).first() if board else None
    return OnBoard(person, board, order, show, row, shown.code) if board and row else None


def _keys(rows: Iterable[BoardPicture]) -> list[int]:
    return [row.picture_id for row in rows]

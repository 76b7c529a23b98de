"""The board that what is made in the dock goes to: the one a link names, else the one that it remembers, while that is
open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from studio.codes import read_code
from studio.models import Board, User
from studio.models.sql.compiled_query import PERSON, CompiledQuery

MOST_OFFERED = 20
_OFFERED = CompiledQuery(
    lambda person: (
        Board.objects.changeable_by(person).current().last_changed_first().values_list("code", "name")[:MOST_OFFERED]
    ),
    PERSON,
)
GONE = "The board is gone or closed to you by now. The pictures go to the gallery alone."


class BoardChoice(NamedTuple):
    value: str
    label: str
    is_on: bool
    # The dock begins with it until another one is picked, and shows how to forget that.
    is_kept: bool = False


def find(code: str, person: User) -> Board | None:
    """Return the board of a code if the person may put pictures on it."""
    known = read_code(code)
    return Board.objects.changeable_by(person).filter(code=known).first() if known else None


def begun_with(asked: Mapping[str, Any], person: User) -> str:
    """Return the code that the dock begins with: of ?board=, else of the board that it remembers; "" without one.

    `offered` leaves out what is not open to the person.
    """
    return str(asked.get("board") or person.dock_board or "")


def offered(person: User, chosen: str) -> tuple[BoardChoice, ...]:
    """Return the boards that the dock offers, the last changed first; the chosen one is always there."""
    found = {str(code): name for code, name in _OFFERED(person)}
    if chosen and chosen not in found and (board := find(chosen, person)) and board.archived_at is None:
        found[chosen] = board.name
    kept = str(person.dock_board)
    return tuple(BoardChoice(code, name, code == chosen, code == chosen == kept) for code, name in found.items())

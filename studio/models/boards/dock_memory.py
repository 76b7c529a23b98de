"""The board that a person's dock begins with, until they pick another one or forget it."""

from __future__ import annotations

from studio.models.board import Board
from studio.models.people import User


def remember(person: User, board: Board | None) -> bool:
    """Have the dock begin with a board, or with None with no board; False where it does already."""
    code = board.code if board else None
    if person.dock_board == code:
        return False
    person.dock_board = code
    person.save(update_fields=["dock_board"])
    return True

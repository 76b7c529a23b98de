"""The form of a new board may be sent twice: a double press, or a line that broke off."""

from __future__ import annotations

import uuid

from django.utils import timezone

from studio.models import Board, User


def test_a_form_that_is_sent_twice_makes_one_board(alice: User, bob: User) -> None:
    once, now = str(uuid.uuid4()), timezone.now()

    def made(person: User = alice, name: str = "Harbour", once: str = once) -> Board:
        return Board.make_once(person, once=once, name=name, now=now)

    board = made()
    assert made() == board
    # The form is changed and sent again, is another's, or says nothing: another board.
    others = {made(name="Dunes"), made(bob), made(once=""), made(once="x\0")}
    assert len({board, *others}) == 5
    board.delete_for_now(now=now)
    assert made() != board

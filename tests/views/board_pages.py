"""Boards with pictures, and what a page says of them."""

from __future__ import annotations

from django.utils import timezone

from studio.models import Board, BoardPicture, Picture, User
from tests.people import make_job, make_picture

BOARDS, ADD = "/boards/", "/boards/additions/"


def a_board(person: User, name: str = "Harbour", **fields: str) -> Board:
    return Board.make(person, now=timezone.now(), name=name, **fields)


def some(person: User, number: int = 1) -> list[Picture]:
    job = make_job(person, state="done")
    return [job.pictures.get(), *(make_picture(person, job=job, position=at) for at in range(1, number))]


def put(board: Board, pictures: list[Picture]) -> list[Picture]:
    BoardPicture.add(board, [one.pk for one in pictures], by=board.person, now=timezone.now())
    return pictures


def of(board: Board, what: str) -> str:
    return f"/boards/{board.code}/{what}/"


def by_hand(board: Board) -> list[Picture]:
    return [row.picture for row in board.places.by_hand().select_related("picture")]

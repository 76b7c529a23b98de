"""Names are found whatever their case and however their accents are typed, on SQLite as on PostgreSQL."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.models import Board, User
from studio.models.review.failure_search import FailureSearch
from tests.people import make_job, make_look

WORDS = ("ärger", "ÄRGER", unicodedata.normalize("NFD", "ärger"), "arger", "RGER im", "ＡＦＥＮ", "hafen ärger")


@pytest.mark.parametrize("words", WORDS)
def test_a_board_is_found_by_its_name_its_client_and_its_number(alice: User, words: str) -> None:
    now = timezone.now()
    texts: tuple[dict[str, Any], ...] = (
        {"name": "Ärger im Hafen"},
        {"name": "x", "client": "ÄRGER IM HAFEN"},
        {"name": "y", "job_number": unicodedata.normalize("NFD", "Ärger im Hafen")},
    )
    boards = [Board.make(alice, now=now, **one) for one in texts]
    Board.make(alice, now=now, name="Hafer")
    assert set(Board.objects.named(words)) == set(boards)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Straße der Œuvres", "STRASSE œuvres"),
        ("STRASSE", "straße"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("İstanbul ılık", "istanbul ILIK"),
        ("Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("ёлка МОСКВА", "елка москва"),
        ("한국어", "한국"),
        ("ｶﾒﾗ ﬁne №", "カメラ fine no"),
        ("a b c d e f g h i", "c d e f g h i"),
        ("one two three four five six seven eight nine", "two three four five six seven eight nine"),
    ],
)
def test_a_name_is_found_without_its_accents_in_any_order(alice: User, name: str, words: str) -> None:
    board = Board.make(alice, now=timezone.now(), name=name)
    Board.make(alice, now=timezone.now(), name="Harbour")
    assert list(Board.objects.named(words)) == [board]
    assert list(Board.objects.named(" ".join(reversed(words.split()[:8])))) == [board]


def test_signs_of_a_pattern_are_letters(alice: User) -> None:
    board = Board.make(alice, now=timezone.now(), name="100 % _new\\old")
    Board.make(alice, now=timezone.now(), name="100 new")
    for words in ("%", "_N", "w\\o", "100 % _"):
        assert list(Board.objects.named(words)) == [board]
    assert not Board.objects.named("' OR 1=1 --")


@pytest.mark.parametrize("words", WORDS)
def test_a_look_and_a_failure_are_found_so_too(as_alice: Client, alice: User, ada: User, words: str) -> None:
    look = make_look(alice, name="Ärger im Hafen")
    assert look.get_absolute_url() in as_alice.get("/looks/", {"q": words}).content.decode()
    failed = make_job(alice, state="failed", prompt="Ärger im Hafen")
    assert list(FailureSearch(viewer=ada, words=words).jobs()) == [failed]

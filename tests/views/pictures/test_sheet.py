"""Provenance sheets of a picture and of a board: what they say, to whom, and for a client."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from studio.models import Board, BoardPicture, Comment, Decision, Picture, ProofLink, User
from studio.models.proof.answers import name_client
from tests import people
from tests.views.routes import A_PROOF

NOW = timezone.now()


def made(person: User, **spec: Any) -> Picture:
    return people.make_job(person, state="done", **spec).pictures.get()


def sheet(client: Client, picture: Picture, query: str = "") -> str:
    answer = client.get(f"/pictures/{picture.code}/sheet/{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def a_board(owner: User, pictures: list[Picture]) -> Board:
    board = Board.make(owner, name="Harbour campaign", client="Nordlicht", job_number="N-77", now=NOW)
    BoardPicture.add(board, [one.pk for one in pictures], by=owner, now=NOW)
    return board


def test_it_says_all_that_is_known_of_a_picture(as_bob: Client, alice: User, bob: User) -> None:
    upload = people.make_picture(alice, original_name="quay.png")
    earlier = made(bob, prompt="A quay in fog")
    picture = made(alice, prompt="Boats at @1 and @2", references=[upload, earlier])
    made(bob, type="image_edit", prompt="Dusk", source=picture)
    Decision.make(picture, "candidate", by=bob)
    link, _ = ProofLink.make(alice, A_PROOF, pictures=[picture])
    Decision.make(picture, "approved", client=name_client(link, "Carla Client"))
    Comment.objects.say(picture, "Nice", by=bob)
    read = sheet(as_bob, picture)
    job = picture.job
    assert job
    attempt = job.attempts_made.get()
    for words in (
        "Boats at @1 and @2",
        "By Alice Moreau",
        "uni-1",
        "Ratio 3:2, style auto",
        "uploaded by Alice Moreau",
        "file quay.png",
        "made here by Bob Stranger",
        "A quay in fog",
        "1 was made from it",
        "Comments 1",
        "Candidate by Bob Stranger",
        "Approved by Carla Client",
        str(job.remote_id),
        str(attempt.request_id),
        "DigitalSourceType trainedAlgorithmicMedia",
        picture.sha256,
        "$0.0",
    ):
        assert words in read, words


def test_for_a_client_it_has_neither_prompts_nor_prices(as_alice: Client, alice: User) -> None:
    reference = made(alice, prompt="Zephyr pier")
    picture = made(alice, prompt="Zephyr boats", references=[reference])
    for query in ("?for=client", "?for=client&for=client"):
        answer = as_alice.get(f"/pictures/{picture.code}/sheet/{query}").content.decode()
        main = answer[answer.index("<main") : answer.index("</main>")]
        assert "zephyr" not in main.lower()
        assert "$" not in main
        assert picture.sha256 in main
    assert "Zephyr" not in answer[: answer.index("<main")]


def test_what_was_sent_is_there_when_a_look_added_to_it(as_alice: Client, alice: User) -> None:
    look = people.make_look(alice, words="film grain")
    version = look.versions.get()
    picture = made(alice, prompt="Boats", look=version)
    read = sheet(as_alice, picture)
    assert "Harbour dusk , version 1" in read
    assert "What was sent" in read
    assert "film grain" in read


def test_an_upload_and_a_kept_picture_and_a_split(as_alice: Client, alice: User) -> None:
    upload = people.make_picture(alice, changes=["turned upright"])
    read = sheet(as_alice, upload)
    assert "Uploaded by Alice Moreau" in read
    assert "turned upright" in read
    assert "Not marked as made by AI" in read
    split = people.make_split(alice, [(Image.new("RGBA", (8, 8)), {"label": "Boat"})] * 2)
    assert sheet(as_alice, split.pictures.get(position=0)).count("SHA-256") == 2
    edit = made(alice, type="image_edit", source=upload)
    kept = people.make_picture(alice, job=edit.job, position=1, origin="kept", kept_from=edit)
    read = sheet(as_alice, kept)
    assert "Free, kept here from an edit" in read
    assert "Parts of an edit were kept" in read


def test_what_is_private_or_gone_is_said_without_saying_what(as_bob: Client, alice: User) -> None:
    secret = people.make_picture(alice, original_name="zephyr.png")
    thrown = people.make_picture(alice, original_name="old.png")
    picture = made(alice, references=[secret, thrown])
    Picture.objects.filter(pk=secret.pk).update(is_private=True)
    Picture.objects.filter(pk=thrown.pk).update(trashed_at=NOW)
    read = sheet(as_bob, picture)
    assert "zephyr" not in read
    assert "private to somebody else and left out" in read
    assert "It is in the trash." in read


def test_a_board_has_pages_in_its_order(as_bob: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.views.pictures.sheets.PAGE", 2)
    private = made(alice, is_private=True, prompt="Zephyr")
    board = a_board(alice, [*(made(alice, prompt=f"Boat {n}") for n in range(3)), private])
    first = as_bob.get(f"/boards/{board.code}/sheet/?for=client")
    text = re.sub(r"\s+", " ", first.content.decode())
    assert "1 to 2 of 3" in text
    assert "Nordlicht" in text
    assert "private to other people are left out" in text
    found = re.search(r'href="(\?after=[^"]+)" rel="next"', text)
    assert found
    assert "for=client" in found[1]
    second = as_bob.get(f"/boards/{board.code}/sheet/{unescape(found[1]).replace('&for=client', '')}").content.decode()
    assert "3 to 3 of 3" in second
    assert "Boat 2" in second
    assert "Zephyr" not in second


@pytest.mark.parametrize("query", ["?after=nonsense", "?after=9_9999999999999999999999", "?after=%00"])
def test_a_place_that_is_none_is_not_found(as_alice: Client, alice: User, query: str) -> None:
    assert as_alice.get(f"/boards/{a_board(alice, []).code}/sheet/{query}").status_code == 404


@pytest.mark.parametrize("query", ["?first=%00", "?first=-3", "?first=٣", "?first=" + "9" * 5000, "?for=%00"])
def test_a_number_that_is_none_is_the_first(as_alice: Client, alice: User, query: str) -> None:
    board = a_board(alice, [made(alice)])
    assert "1 to 1 of 1" in as_alice.get(f"/boards/{board.code}/sheet/{query}").content.decode()


def test_more_pictures_cost_no_more_queries(as_alice: Client, alice: User) -> None:
    few, many = (a_board(alice, [made(alice, references=[made(alice)]) for _ in range(n)]) for n in (2, 8))

    def cost(board: Board) -> int:
        with CaptureQueriesContext(connection) as asked:
            as_alice.get(f"/boards/{board.code}/sheet/")
        return len(asked)

    cost(few)
    assert cost(few) == cost(many)

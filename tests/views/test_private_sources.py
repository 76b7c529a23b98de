"""Side doors: what of the team names, uses or moves beside somebody's private picture tells nobody else of it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from studio.engine.archives.archives import make
from studio.forms.files.known_files import recall
from studio.models import (
    Archive,
    Board,
    BoardPicture,
    LookVersion,
    Notification,
    Picture,
    Revision,
    Submission,
    User,
)
from studio.models.pictures.privacy import private_inputs, show
from tests import people
from tests.views.create.test_submit import asked
from tests.views.proof_pages import Round, body, made

NOW = timezone.now()


@pytest.fixture
def private(alice: User, settings: Any, tmp_path: Path) -> Picture:
    people.store_on_disk(settings, tmp_path)
    return made(alice, prompt="Zephyrine lighthouse", is_private=True)


def shown_to_team(alice: User, **spec: Any) -> Picture:
    """A picture that Alice made with something private, and then showed to the team."""
    picture = made(alice, **{"prompt": "A boat", "is_private": True, **spec})
    assert picture.job
    picture.job.submission.set_privacy(False)
    return Picture.objects.get(pk=picture.pk)


# ---- What is made of it, and shown to the team


def test_a_file_and_a_list_name_no_private_source_or_reference(alice: User, bob: User, private: Picture) -> None:
    edit = shown_to_team(alice, type="image_edit", source=private)
    other = shown_to_team(alice, references=(private,))
    for owner, is_told in ((bob, False), (alice, False)):
        archive = Archive.choose(owner, [edit.pk, other.pk], [])
        archive.start(size="original", has_settings=True, has_list=True, now=NOW)
        make(archive.pk)
        zipped = zipfile.ZipFile(io.BytesIO(body(people.signed_in(owner).get(f"/archives/{archive.code}/file/"))))
        told = [zipped.read(one) for one in zipped.namelist()]
        told += [body(people.signed_in(owner).get(f"/pictures/{one.code}/download/")) for one in (edit, other)]
        assert {str(private.code).encode() in one for one in told} == {is_told}
        assert any(b"A boat" in one for one in told)
    # Beside a private picture of one's own they are named.
    own = made(alice, prompt="Mine", is_private=True, references=(private,))
    file = body(people.signed_in(alice).get(f"/pictures/{own.code}/download/"))
    assert str(private.code).encode() in file


def test_nobody_uses_a_private_picture_through_somebody_elses_look(
    as_bob: Client, alice: User, bob: User, private: Picture
) -> None:
    team = people.make_picture(alice)
    look = people.make_look(alice, references=[(private, "style"), (team, "subject")], words="grain", is_team=True)
    picture = shown_to_team(alice, look=look.current)
    assert picture.job
    assert look.current
    LookVersion.objects.filter(pk=look.current.pk).update(example=private)
    page = as_bob.get(f"/?reuse={picture.job.submission.code}").content.decode()
    assert look.name in page
    assert str(private.code) not in page
    assert private.sha256[:12] not in page
    as_bob.post("/submissions/", asked(look=str(look.current.code)), headers=people.HTMX)
    placed = Submission.objects.get(person=bob)
    assert [one.picture for one in placed.references] == [team]
    mine = people.signed_in(alice)
    mine.post("/submissions/", asked(look=str(look.current.code), is_private="on"), headers=people.HTMX)
    assert {one.picture for one in Submission.objects.filter(person=alice).latest("pk").references} == {private, team}


def test_a_cut_that_is_shown_to_the_team_has_not_the_words_of_what_it_was_cut_from(
    as_alice: Client, as_bob: Client, alice: User, private: Picture
) -> None:
    as_alice.post(f"/pictures/{private.code}/crop/", {"turn": "1"})
    cut = Picture.objects.latest("pk")
    assert cut.title == "Zephyrine lighthouse"
    edit = made(alice, prompt="A boat", is_private=True, type="image_edit", source=cut)
    assert edit.job
    submission = edit.job.submission
    show(submission, private_inputs(submission, alice))
    page = as_bob.get(f"/pictures/{edit.code}/").content.decode()
    assert "Cut of a private picture" in page
    assert "Zephyrine" not in page


def test_settings_that_are_used_again_bring_nothing_that_is_private_to_somebody_else(
    as_bob: Client, alice: User, bob: User, private: Picture
) -> None:
    team = people.make_job(alice, state="done", prompt="A boat")
    seen = team.pictures.get()
    own = [
        people.make_job(bob, state="done", prompt="Mine", references=(seen,)),
        people.make_job(bob, state="done", prompt="Mine too", type="image_edit", source=seen),
    ]
    team.submission.set_privacy(True)
    look = people.make_look(alice, words="grain").current
    assert look
    opened = shown_to_team(alice, type="image_edit", source=private, look=look)
    assert opened.job
    again = as_bob.get(f"/?reuse={opened.job.submission.code}").content.decode()
    prompts = as_bob.get("/prompts/").content.decode()
    (file,) = recall([opened], bob)
    for told in (again, prompts, file.begins):
        assert not [one for one in (look, private, seen) if str(one.code) in told]
    assert "a private picture and a private look of somebody else, which is left out." in file.begins
    assert prompts.count("a private picture of somebody else, which is left out.") == len(own)
    # Whoever made it has all of it again.
    assert all(str(one.code) in recall([opened], alice)[0].begins for one in (look, private))


# ---- On a board of others


@pytest.fixture
def board(bob: User) -> Board:
    board = Board.make(bob, name="Harbour", now=NOW - timedelta(hours=3))
    job = people.make_job(bob, state="done")
    BoardPicture.add(board, [job.pictures.get().pk], by=bob, now=NOW - timedelta(hours=3))
    return board


def test_a_private_picture_that_comes_moves_and_goes_changes_no_board_of_others(
    as_alice: Client, as_bob: Client, alice: User, board: Board, private: Picture
) -> None:
    before, since = Board.objects.get().changed_at, Revision.current()
    url, one = f"/boards/{board.code}", {"picture": str(private.code)}
    as_alice.post("/boards/additions/", {**one, "board": str(board.code)})
    as_alice.post(f"{url}/order/", {**one, "to": "first"})
    as_alice.post(f"{url}/cover/", one)
    as_alice.post(f"{url}/removals/", one)
    assert not board.places.filter(picture=private).exists()
    assert Board.objects.get().changed_at == before
    assert not Notification.objects.filter(kind="change").exists()
    asked = {"page": "board", "since": since, "code": str(board.code)}
    told = as_bob.get("/pulse/", asked, headers=people.HTMX).content.decode()
    assert 'id="moved-pictures"' not in told or 'data-who=""' in told
    assert "Alice" not in told
    # What the owner sees is told, and how much of it.
    team = people.make_job(alice, state="done").pictures.get()
    BoardPicture.add(board, [private.pk, team.pk], by=alice, now=NOW)
    assert Board.objects.get().changed_at == NOW
    as_alice.post(f"{url}/removals/", {"picture": [str(private.code), str(team.code)]})
    assert Notification.objects.get(kind="change").text.startswith("took 1 picture off your board")


def test_ones_own_board_counts_private_pictures_as_changes(alice: User, private: Picture) -> None:
    board = Board.make(alice, name="Mine", visibility="private", now=NOW - timedelta(hours=3))
    BoardPicture.add(board, [private.pk], by=alice, now=NOW)
    assert Board.objects.get().changed_at == NOW


# ---- What admins read


def test_a_link_that_shows_a_private_picture_is_named_to_its_maker_alone(
    as_alice: Client, as_ada: Client, alice: User, private: Picture
) -> None:
    link = Round(alice, private, title="Zephyrine launch", client="Zephyr & Sons").link
    assert "Zephyrine launch" in as_alice.get("/proofs/").content.decode()
    listed = as_ada.get("/proofs/?whose=all").content.decode()
    assert "Of private pictures" in listed
    assert "Zephyr" not in listed
    said = as_ada.post(f"/proofs/{link.code}/revocation/", follow=True).content.decode()
    assert "The link no longer opens." in said
    assert "Zephyr" not in said
    assert "Zephyr" not in as_ada.post(f"/proofs/{link.code}/revocation/", headers=people.HTMX).content.decode()
    assert "Zephyr" not in as_ada.get("/trail/").content.decode()


def test_the_export_of_a_board_for_some_people_is_named_to_whom_it_is_of(
    as_alice: Client, as_ada: Client, alice: User
) -> None:
    board = Board.make(alice, name="Zephyrine", visibility="listed", now=NOW)
    as_alice.post(f"/boards/{board.code}/export/")
    assert "Zephyrine" not in as_ada.get("/trail/").content.decode()

"""What is kept so that no page counts it: integrity finds where it is wrong and counts it anew."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studio.engine import integrity
from studio.engine.pictures import trash as engine_trash
from studio.models import Board, BoardPicture, Look, LookVersion, Picture, Tag, User
from studio.models.looks.spec import LookSpec
from studio.models.pictures import trash
from tests import people

pytestmark = pytest.mark.django_db


def findings() -> list[integrity.Finding]:
    return integrity.check(timezone.now())


def mend() -> None:
    assert all(integrity.repair(finding, now=timezone.now()) for finding in findings())
    assert findings() == []


def test_a_board_and_a_tag_that_count_wrong_are_found_and_counted_anew(alice: User) -> None:
    job = people.make_job(alice, state="done", size=(48, 32))
    board = Board.make(alice, now=timezone.now(), name="Harbour")
    BoardPicture.add(board, [job.pictures.get().pk], by=alice, now=timezone.now())
    Tag.put(job.pictures.get(), "Quay", by=alice)
    assert findings() == []
    Board.objects.update(number=5)
    Tag.objects.update(number=9)
    assert {one.invariant for one in findings()} == {"boards-are-counted", "tags-are-counted"}
    assert "The tag 'quay' is on 1 picture of the team, counted as 9." in {one.sentence for one in findings()}
    mend()
    assert (Board.objects.get().number, Tag.objects.get().number) == (1, 1)


def test_a_look_that_counts_wrong_is_found_and_counted_anew(alice: User) -> None:
    look = Look.make(alice, name="Dusk", tag="dusk", is_team=True, spec=LookSpec(words="at dusk"), now=timezone.now())
    people.make_submission(alice, count=2, look=look.current)
    people.make_submission(alice, count=3, look=look.current, is_private=True)
    assert findings() == []
    LookVersion.objects.update(used=7, private_used={})
    [finding] = findings()
    assert finding.invariant == "looks-are-counted"
    assert finding.sentence == "The number of pictures of Dusk v1 is 2, and of private ones 3; stored are 7 and 0."
    mend()
    version = LookVersion.objects.get()
    assert (version.used, version.private_used) == (2, {str(alice.pk): 3})


def test_a_picture_that_is_deleted_for_good_is_off_its_tags(alice: User, ada: User) -> None:
    job = people.make_job(alice, state="done", size=(48, 32))
    picture = job.pictures.get()
    Tag.put(picture, "Quay", by=alice)
    trash.move([picture.pk], by=alice, now=timezone.now())
    assert Tag.objects.get().number == 1  # it may come back
    trash.delete(Picture.objects.filter(pk=picture.pk), by=ada, now=timezone.now())
    assert engine_trash.delete(picture.pk, now=timezone.now())
    assert Tag.objects.get().number == 0
    assert list(Tag.wrong()) == []

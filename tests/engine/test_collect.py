"""What is told once a picture is home."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from studio import imaging
from studio.engine.collect import store
from studio.engine.fetch import Fetched
from studio.models import Board, Job, Notification, User
from tests import people


def test_the_end_of_a_job_is_told_with_its_picture(alice: User) -> None:
    job = people.make_job(alice, state="saving", prompt="A paper boat")
    made = imaging.MadeRendition(256, Path("x"), 48, 32, 10)
    measured = imaging.Measured("png", 48, 32, False, "data:", "#000000", made)
    assert store(job, [Fetched(0, None, "o", "0" * 64, measured, 9, "r")], now=timezone.now())
    told = Notification.objects.get(person=alice)
    picture = job.pictures.get()
    assert (told.text, told.picture, told.address) == ("Finished: A paper boat", picture, picture.get_absolute_url())


def test_it_is_stored_once_and_goes_to_its_board(alice: User) -> None:
    now = timezone.now()
    board = Board.make(alice, name="Harbour", now=now)
    job = people.make_job(alice, state="saving", board=board)
    made = imaging.MadeRendition(256, Path("x"), 48, 32, 10)
    measured = imaging.Measured("png", 48, 32, False, "data:", "#000000", made)
    fetched, late = [Fetched(0, None, "o", "0" * 64, measured, 9, "r")], Job.objects.get(pk=job.pk)
    assert store(job, fetched, now=now)
    assert not store(late, fetched, now=now)
    assert list(board.places.values_list("picture", flat=True)) == [job.pictures.get().pk]

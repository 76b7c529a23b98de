"""A picture at Luma: how often it is brought there again, and when another way is taken."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from studio.models import Picture, RemoteFile, User
from studio.models.files.remote_file import MOST_TRIES, REST
from tests.people import make_picture

NOW = timezone.now()


def wanted(picture: Picture, *, later: timedelta = timedelta(0)) -> RemoteFile:
    return RemoteFile.wanted(picture, provider="here", purpose=RemoteFile.Purpose.INPUT, now=NOW + later)


def test_what_luma_loses_again_and_again_is_sent_as_bytes(alice: User) -> None:
    row = wanted(make_picture(alice))
    for _ in range(MOST_TRIES - 1):
        row.lost(now=NOW)
        assert row.state == RemoteFile.State.WANTED
    row.lost(now=NOW)
    assert row.state == RemoteFile.State.UNAVAILABLE


def test_after_a_rest_it_is_tried_again(alice: User) -> None:
    picture = make_picture(alice)
    wanted(picture).give_up(now=NOW)
    assert wanted(picture, later=REST / 2).state == RemoteFile.State.UNAVAILABLE
    again = wanted(picture, later=REST * 2)
    assert (again.state, again.tries) == (RemoteFile.State.WANTED, 0)

"""Archived pictures: out of the gallery's list and its counts, and found everywhere else."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from PIL import Image

from studio.models import GalleryMonth, Notification, Picture, SearchDocument, User
from studio.models.pictures import archived, trash
from studio.models.search.document import ARCHIVED
from studio.views.gallery.finder import Finder
from tests import people

NOW = timezone.now()


def made(person: User, **spec: object) -> Picture:
    return people.make_job(person, state="done", **spec).pictures.get()


def shown(person: User, address: str = "") -> set[int]:
    finder = Finder.parse(address, person)
    return {one.pk for one in finder.older(finder.rows, None, 50)}


def test_it_leaves_the_gallery_and_comes_back(alice: User, ada: User) -> None:
    picture, other = made(alice), made(alice)
    assert archived.archive([picture.pk, other.pk], by=ada, now=NOW) == [picture, other]
    assert archived.archive([picture.pk], by=ada, now=NOW + timedelta(1)) == []
    assert shown(alice) == set()
    assert shown(alice, "q=harbour") == {picture.pk, other.pk}
    assert shown(alice, "archived=on") == {picture.pk, other.pk}
    assert ARCHIVED in people.tokens_of(picture)
    SearchDocument.write(Picture.objects.get(pk=picture.pk))
    assert ARCHIVED in people.tokens_of(picture)
    told = Notification.objects.get(person=alice, kind="change")
    assert told.text == "archived 2 of your pictures"
    assert archived.take_back(NOW, by=alice) == []
    assert set(archived.take_back(NOW, by=ada)) == {picture, other}
    assert shown(alice, "archived=on") == set()
    assert shown(alice) == {picture.pk, other.pk}
    assert list(GalleryMonth.wrong()) == []


def test_only_its_owner_and_an_admin_archive(alice: User, bob: User) -> None:
    picture, upload = made(alice), people.make_picture(alice)
    assert archived.archive([picture.pk], by=bob, now=NOW) == []
    assert archived.archive([upload.pk], by=alice, now=NOW) == []
    vera = people.make_person("Vera Viewer", role=User.Role.VIEWER)
    assert not archived.may_archive(picture, vera)


def test_months_are_counted_through_trash_and_privacy(alice: User) -> None:
    picture, other = made(alice), made(alice)
    split = people.make_split(alice, [(Image.new("RGBA", (8, 8)), None)] * 2).pictures.get(position=0)
    archived.archive([picture.pk, split.pk], by=alice, now=NOW)
    assert list(GalleryMonth.wrong()) == []
    trash.move([picture.pk, other.pk], by=alice, now=NOW)
    assert list(GalleryMonth.wrong()) == []
    trash.restore([picture.pk, other.pk], by=alice, now=NOW)
    picture.job.submission.set_privacy(True)  # type: ignore[union-attr]
    assert list(GalleryMonth.wrong()) == []
    picture.job.submission.set_privacy(False)  # type: ignore[union-attr]
    archived.unarchive([picture.pk, split.pk], by=alice)
    assert list(GalleryMonth.wrong()) == []
    assert sum(number for _, number in GalleryMonth.newest_first(alice)) == Picture.objects.in_gallery().count()
